import { randomUUIDv7 } from "node:crypto";
import { join } from "node:path";
import Database from "better-sqlite3";
import { NEXT_NUMBER } from "../../erp-stub/call-number.ts";
import { switchPath } from "../../erp-stub/contract.ts";
import { startErp } from "../../erp-stub/service.ts";
import { isoTime, systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { erpConfig } from "./erp-ground.ts";
import { serialOfPod } from "./side.ts";

const CLIENTS = 10;
const DEVICES_EACH = 100;
const USAGES_EACH = 1_000;
/** Every fifth call had an `Idempotency-Key`. */
const KEYED = 5;
/** Every third usage was ended by a call of its own. */
const ENDED = 3;
const YEAR_MS = 365 * 86_400_000;
const HOUR_MS = 3_600_000;

/** How many the store has of each kind. */
export const MILLION = {
  clients: CLIENTS,
  devices: CLIENTS * DEVICES_EACH,
  usages: CLIENTS * DEVICES_EACH * USAGES_EACH,
};

/** `latest` is its usage that was created last. */
type Device = { id: number; room: number; client: number; latest: number | bigint | null };

/** An ERP's folder with a year of ten hotels in it, written past the ERP, in the schema that it made. */
export async function fillMillion(dataDir: string): Promise<void> {
  const erp = await startErp(erpConfig(dataDir), { clock: systemClock, log: createLog("silent") });
  await erp.close();
  const db = new Database(join(dataDir, "erp.sqlite"));
  db.pragma("cache_size = -500000");
  db.pragma("foreign_keys = ON");
  db.transaction(() => {
    const beginning = systemClock.now() - YEAR_MS;
    addUsages(db, addDevices(db, isoTime(beginning)), beginning);
  })();
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
}

/** The first client and its first devices are those of the demo. */
function addDevices(db: Database.Database, at: string): Device[] {
  const addClient = db.prepare(
    `INSERT INTO clients (id, corporation_id, name, client_type, timezone, charge_rate_cents, charge_unit)
     SELECT :client, id, :name, 'hotel', 'Asia/Hong_Kong', 2500, :unit FROM corporations LIMIT 1 ON CONFLICT DO NOTHING`,
  );
  const addRoom = db.prepare("INSERT INTO rooms (client_id, name) VALUES (:client, :name)");
  const addDevice = db.prepare("INSERT INTO devices (device_type_id, serial) VALUES (1, ?)");
  const setUp = db.prepare("INSERT INTO device_setups (device_id, room_id, installed_at) VALUES (?, ?, ?)");
  const addPayment = db.prepare(
    "INSERT INTO payments (client_id, paid_on, amount_cents) VALUES (?, date(?, ?), 100000)",
  );
  const find = db.prepare(
    `SELECT devices.id, rooms.id AS room, rooms.client_id AS client, NULL AS latest FROM devices
     JOIN device_setups ON device_id = devices.id JOIN rooms ON rooms.id = room_id WHERE serial = ?`,
  );
  db.prepare("UPDATE device_setups SET installed_at = ?").run(at);

  const devices: Device[] = [];
  for (let client = 1; client <= CLIENTS; client++) {
    addClient.run({ client, name: `Hotel ${String(client)}`, unit: client % 2 === 0 ? "daily" : "hourly" });
    for (let month = 0; month < 12; month++) addPayment.run(client, at, `+${String(month)} months`);
    for (let nth = 0; nth < DEVICES_EACH; nth++) {
      const serial = serialOfPod((client - 1) * DEVICES_EACH + nth);
      if (!find.get(serial)) {
        const room = addRoom.run({ client, name: `Room of ${serial}` }).lastInsertRowid;
        setUp.run(addDevice.run(serial).lastInsertRowid, room, at);
      }
      devices.push(find.get(serial) as Device);
    }
  }
  return devices;
}

/** In the order of time, as they would have come: a third is checked out, a tenth has an interval. */
function addUsages(db: Database.Database, devices: readonly Device[], beginning: number): void {
  const add = db.prepare(
    `INSERT INTO device_usages
       (id, ref, device_id, previous_id, room_id, client_id, scent_id, status, source,
        checkin_at, timein_at, timeout_at, checkout_at, request, remote)
     VALUES (${NEXT_NUMBER}, :ref, :id, :latest, :room, :client, :scent, :status, 'webhook',
        :at, :timein, :timeout, :checkout, :request, '127.0.0.1')`,
  );
  const addInterval = db.prepare("INSERT INTO usage_intervals (usage_id, timein_at, timeout_at) VALUES (?, ?, ?)");
  const addRequest = db.prepare(
    `INSERT INTO requests (id, at, request, ref, fingerprint, usage_id, status_code, answer, remote)
     VALUES (${NEXT_NUMBER}, :checkout, :request, NULL, '', :usage, 200, '', '127.0.0.1')`,
  );
  const all = devices.length * USAGES_EACH;
  for (let nth = 0; nth < all; nth++) {
    const device = devices[nth % devices.length];
    if (!device) continue;
    const usage = newUsage(serialOfPod(nth % devices.length), { nth, at: beginning + (nth * YEAR_MS) / all });
    const { lastInsertRowid } = add.run({ ...device, ...usage });
    device.latest = lastInsertRowid;
    if (usage.timein) addInterval.run(lastInsertRowid, usage.timein, usage.timeout);
    if (usage.checkout) addRequest.run({ ...usage, request: usage.endRequest, usage: lastInsertRowid });
  }
  const follow = db.prepare("UPDATE devices SET latest_usage_id = ? WHERE id = ?");
  for (const { id, latest } of devices) follow.run(latest, id);
}

function newUsage(serial: string, { nth, at }: { nth: number; at: number }) {
  const turn = Math.floor(nth / 7);
  const isOut = turn % ENDED === 0;
  const hasInterval = turn % 10 === 1;
  const after = (hours: number) => isoTime(at + hours * HOUR_MS);
  return {
    ref: turn % KEYED === 0 ? randomUUIDv7() : null,
    scent: 1 + (turn % 4),
    status: isOut ? "checkout" : hasInterval ? "timeout" : "checkin",
    at: after(0),
    timein: hasInterval ? after(0.5) : null,
    timeout: hasInterval ? after(1.5) : null,
    checkout: isOut ? after(1 + (turn % 5)) : null,
    request: `GET ${switchPath({ serial, status: "checkin", scent: "wood" })}`,
    endRequest: `GET ${switchPath({ serial, status: "checkout", scent: "wood" })}`,
  };
}
