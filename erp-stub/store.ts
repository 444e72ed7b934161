import { failpoint } from "../plumbing/failpoint.ts";
import { openSqlite, type Sqlite } from "../plumbing/sqlite.ts";
import { type SwitchAnswer, USAGE_STATUSES, type Usage, type UsageStatus } from "./contract.ts";
import { MIGRATIONS } from "./migrations.ts";
import type { SwitchCall, SwitchDecision, SwitchRows } from "./switch.ts";

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

/** A call as it came: its `Idempotency-Key`, if any, and its method and URL. */
type Receipt = { ref: string | null; request: string };

export type UsageFilter = { ref?: string; serial?: string; from?: string; to?: string; limit?: number };

export type ErpStore = ReturnType<typeof openErpStore>;

export function openErpStore(file: string) {
  const db = openSqlite(file, MIGRATIONS);
  const findRows = prepareRowLookup(db);
  const keep = prepareKeeping(db);
  const seed = prepareSeeding(db);
  const usagesByStatus = db.prepare("SELECT status AS label, count(*) AS count FROM device_usages GROUP BY status");
  const requestsByStatusCode = db.prepare(
    "SELECT status_code AS label, count(*) AS count FROM requests GROUP BY status_code",
  );
  const ping = db.prepare("SELECT 1").pluck();

  return {
    /** Lets `decide` judge a call by the rows that it names and keeps what it decides, all in one commit. */
    switchDevice(call: SwitchCall, receipt: Receipt, decide: (rows: SwitchRows) => SwitchDecision) {
      return db.write(() => {
        const decision = decide(findRows(call));
        keep(decision, call, receipt);
        failpoint("erp.before-commit");
        return decision;
      });
    },

    usages: prepareUsageList(db),

    /** Adds what is missing; leaves everything alone once all its devices are known, as people may have edited it. */
    seed: (data: MasterData, at: string) => db.write(() => seed(data, at)),

    usageCounts(): Map<UsageStatus, number> {
      const counts = new Map(
        (usagesByStatus.all() as { label: UsageStatus; count: number }[]).map((row) => [row.label, row.count]),
      );
      return new Map(USAGE_STATUSES.map((status) => [status, counts.get(status) ?? 0]));
    },

    requestCounts: () => requestsByStatusCode.all() as { label: number; count: number }[],
    isReadable: () => ping.get() === 1,
    close: db.close,
  };
}

function prepareRowLookup(db: Sqlite) {
  const device = db.prepare(
    `SELECT devices.id, device_setups.room_id AS roomId FROM devices
     LEFT JOIN device_setups ON device_setups.device_id = devices.id AND device_setups.ended_at IS NULL
     WHERE devices.serial = ?`,
  );
  const scent = db.prepare("SELECT id FROM scents WHERE code = ?").pluck();
  const schedule = db.prepare("SELECT id FROM schedules WHERE start_time = ? AND end_time = ?").pluck();
  const latest = db.prepare(
    "SELECT id, checkout_at AS checkoutAt FROM device_usages WHERE device_id = ? ORDER BY id DESC LIMIT 1",
  );
  const earlier = db.prepare("SELECT fingerprint, answer FROM requests WHERE ref = ? ORDER BY id LIMIT 1");

  return ({ fields, key }: SwitchCall): SwitchRows => {
    const known = ifGiven(fields.serial, (serial) => device.get(serial) as SwitchRows["device"]);
    const times = fields.start_time && fields.end_time ? [fields.start_time, fields.end_time] : undefined;
    const before = ifGiven(key, (ref) => earlier.get(ref) as { fingerprint: string; answer: string } | undefined);
    return {
      device: known,
      scentId: ifGiven(fields.scent, (code) => scent.get(code) as number | undefined),
      scheduleId: ifGiven(times, (pair) => schedule.get(...pair) as number | undefined),
      latest:
        fields.status === "checkin" ? undefined : ifGiven(known, ({ id }) => latest.get(id) as SwitchRows["latest"]),
      earlier: before && { fingerprint: before.fingerprint, answer: JSON.parse(before.answer) as SwitchAnswer },
    };
  };
}

function ifGiven<Given, Found>(value: Given | undefined, find: (value: Given) => Found | undefined): Found | undefined {
  return value === undefined ? undefined : find(value);
}

/** The usage row and the journal row of a call that changed something. */
function prepareKeeping(db: Sqlite) {
  const open = db.prepare(
    `INSERT INTO device_usages (ref, device_id, room_id, scent_id, schedule_id, status, source, checkin_at, request)
     VALUES (?, ?, ?, ?, ?, 'checkin', 'webhook', ?, ?)`,
  );
  const change = {
    checkout: db.prepare("UPDATE device_usages SET status = 'checkout', checkout_at = ? WHERE id = ?"),
    timein: db.prepare("UPDATE device_usages SET status = 'timein', timein_at = ? WHERE id = ?"),
    timeout: db.prepare("UPDATE device_usages SET status = 'timeout', timeout_at = ? WHERE id = ?"),
  };
  const journal = db.prepare(
    `INSERT INTO requests (at, request, ref, fingerprint, usage_id, status_code, answer)
     VALUES (?, ?, ?, ?, ?, 200, ?)`,
  );

  return (decision: SwitchDecision, call: SwitchCall, { ref, request }: Receipt): void => {
    if (decision.kind === "refused" || decision.kind === "replayed") return;
    const { answer } = decision;
    const at = answer.timestamp;
    let usageId: number | bigint;
    if (decision.kind === "opened") {
      const { deviceId, roomId, scentId, scheduleId = null } = decision.usage;
      usageId = open.run(ref, deviceId, roomId, scentId, scheduleId, at, request).lastInsertRowid;
    } else {
      usageId = decision.usageId;
      change[decision.status].run(at, usageId);
    }
    journal.run(at, request, ref, call.fingerprint, usageId, JSON.stringify(answer));
  };
}

const USAGE_CONDITIONS = {
  ref: "u.id IN (SELECT usage_id FROM requests WHERE ref = :ref)",
  serial: "u.device_id = (SELECT id FROM devices WHERE serial = :serial)",
  from: "u.checkin_at >= :from",
  to: "u.checkin_at < :to",
};

/** Usages, newest first. A `ref` finds the usage that a call with it opened or changed; `from` ≤ check-in < `to`. */
function prepareUsageList(db: Sqlite) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();

  function prepare(where: string) {
    return db.prepare(
      `SELECT u.id, u.ref, devices.serial, u.status, scents.code AS scent, rooms.name AS room, u.source,
         u.checkin_at AS checkinAt, u.timein_at AS timeinAt, u.timeout_at AS timeoutAt, u.checkout_at AS checkoutAt,
         schedules.start_time AS startTime, schedules.end_time AS endTime, u.request
       FROM device_usages u
       JOIN devices ON devices.id = u.device_id
       JOIN rooms ON rooms.id = u.room_id
       JOIN scents ON scents.id = u.scent_id
       LEFT JOIN schedules ON schedules.id = u.schedule_id
       WHERE ${where} ORDER BY u.id DESC LIMIT :limit`,
    );
  }

  return (filter: UsageFilter): Usage[] => {
    const conditions = Object.entries(USAGE_CONDITIONS).filter(([name]) => name in filter);
    const where = ["true", ...conditions.map(([, condition]) => condition)].join(" AND ");
    const statement = statements.getOrInsertComputed(where, prepare);
    return statement.all({ ...filter, limit: filter.limit ?? -1 }) as Usage[];
  };
}

function prepareSeeding(db: Sqlite) {
  const isKnown = db.prepare("SELECT 1 FROM devices WHERE serial = ?");
  const corporation = db.prepare("INSERT INTO corporations (name) VALUES (?) ON CONFLICT DO NOTHING");
  const client = db.prepare(
    `INSERT INTO clients (corporation_id, name, client_type, time_zone, charge_rate_cents, charge_unit)
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
