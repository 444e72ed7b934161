import { openSqlite, type Sqlite } from "../plumbing/sqlite.ts";
import { openAuditStore } from "./audit-store.ts";
import { openCustomerStore } from "./customer-store.ts";
import { openDashboardStore } from "./dashboard-store.ts";
import { openJournalStore } from "./journal-store.ts";
import { openKeyStore } from "./key-store.ts";
import { MIGRATIONS } from "./migrations.ts";
import { openOperations } from "./operations-store.ts";
import { openReportStore } from "./report-store.ts";
import { openSessionStore } from "./session-store.ts";
import { openSettingsStore } from "./settings-store.ts";
import { openSwitchStore } from "./switch-store.ts";
import { openUsagePageStore } from "./usage-page-store.ts";
import { openUsageStore } from "./usage-store.ts";
import { openUserStore } from "./user-store.ts";

/** What has to be known before a device can be switched. */
export type MasterData = {
  corporation: string;
  client: {
    name: string;
    type: "hotel" | "spa";
    timeZone: string;
    chargeRateCents: number;
    chargeUnit: "daily" | "hourly";
  };
  deviceType: { code: string; name: string };
  devices: readonly { serial: string; room: string }[];
  scents: readonly { code: string; name: string }[];
  schedules: readonly { startTime: string; endTime: string }[];
};

export type ErpStore = ReturnType<typeof openErpStore>;

export function openErpStore(file: string) {
  const db = openSqlite(file, MIGRATIONS);
  const seed = prepareSeeding(db);
  const ping = db.prepare("SELECT 1").pluck();
  const journal = openJournalStore(db);
  const usages = openUsageStore(db);
  const audit = openAuditStore(db);

  return {
    ...openSwitchStore(db, { journal, usages }),
    journal,
    usages,
    audit,
    operations: openOperations(db, { audit, usages }),
    usagePages: openUsagePageStore(db),
    reports: openReportStore(db),
    dashboard: openDashboardStore(db),
    customers: openCustomerStore(db, audit),
    settings: openSettingsStore(db, audit),
    users: openUserStore(db, audit),
    sessions: openSessionStore(db),
    keys: openKeyStore(db),

    /** Adds what is missing; leaves everything alone once all its devices are known, as people may have edited it. */
    seed: (data: MasterData, at: string) => db.write(() => seed(data, at)),

    isReadable: () => ping.get() === 1,
    close: db.close,
  };
}

function prepareSeeding(db: Sqlite) {
  const isKnown = db.prepare("SELECT 1 FROM devices WHERE serial = ?");
  const corporation = db.prepare("INSERT INTO corporations (name) VALUES (?) ON CONFLICT DO NOTHING");
  const client = db.prepare(
    `INSERT INTO clients (corporation_id, name, client_type, timezone, charge_rate_cents, charge_unit)
     SELECT id, :name, :type, :timeZone, :chargeRateCents, :chargeUnit FROM corporations WHERE name = :corporation
     ON CONFLICT DO NOTHING`,
  );
  const deviceType = db.prepare("INSERT INTO device_types (code, name) VALUES (:code, :name) ON CONFLICT DO NOTHING");
  const scent = db.prepare("INSERT INTO scents (code, name) VALUES (:code, :name) ON CONFLICT DO NOTHING");
  const schedule = db.prepare(
    "INSERT INTO schedules (start_time, end_time) VALUES (:startTime, :endTime) ON CONFLICT DO NOTHING",
  );
  const room = db.prepare(
    "INSERT INTO rooms (client_id, name) SELECT id, :room FROM clients WHERE name = :client ON CONFLICT DO NOTHING",
  );
  const device = db.prepare(
    `INSERT INTO devices (device_type_id, serial) SELECT id, :serial FROM device_types WHERE code = :type
     ON CONFLICT DO NOTHING`,
  );
  const setup = db.prepare(
    `INSERT INTO device_setups (device_id, room_id, installed_at)
     SELECT devices.id, rooms.id, :at FROM devices, rooms JOIN clients ON clients.id = rooms.client_id
     WHERE devices.serial = :serial AND rooms.name = :room AND clients.name = :client
       AND NOT EXISTS (SELECT 1 FROM device_setups WHERE device_id = devices.id)`,
  );

  return (data: MasterData, at: string): void => {
    if (data.devices.every(({ serial }) => isKnown.get(serial))) return;
    corporation.run(data.corporation);
    client.run({ ...data.client, corporation: data.corporation });
    deviceType.run(data.deviceType);
    for (const row of data.scents) scent.run(row);
    for (const row of data.schedules) schedule.run(row);
    for (const { serial, room: name } of data.devices) {
      const names = { client: data.client.name, room: name, serial, type: data.deviceType.code, at };
      room.run(names);
      device.run(names);
      setup.run(names);
    }
  };
}
