import { failpoint } from "../plumbing/failpoint.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { SwitchAnswer, UsageStatus } from "./contract.ts";
import type { JournalStore } from "./journal-store.ts";
import type { SwitchCall, SwitchDecision, SwitchRows } from "./switch.ts";
import type { UsageStore } from "./usage-store.ts";

/** A call as it came: its `Idempotency-Key`, if any, its method and URL, and from where. */
export type Receipt = { ref: string | null; request: string; remote: string };

type Decide = (rows: SwitchRows) => SwitchDecision;
type Executed = Extract<SwitchDecision, { kind: "opened" | "changed" }>;
type Stores = { journal: JournalStore; usages: UsageStore };

export function openSwitchStore(db: Sqlite, { journal, usages }: Stores) {
  const findRows = prepareRowLookup(db);
  const write = prepareWriting(db);

  return {
    /** Lets `decide` judge a call by the rows that it names and keeps what it decides, all in one commit. */
    async switchDevice(call: SwitchCall, receipt: Receipt, decide: Decide): Promise<SwitchDecision> {
      const { decision, before } = await db.write(() => {
        const rows = findRows(call);
        const decided = decide(rows);
        if (isExecuted(decided)) {
          const { answer } = decided;
          const usageId = write(decided, receipt);
          journal.keepExecuted({
            ...receipt,
            usageId,
            at: answer.timestamp,
            fingerprint: call.fingerprint,
            answer: JSON.stringify(answer),
          });
        }
        failpoint("erp.before-commit");
        return { decision: decided, before: rows.latest?.status };
      });
      if (isExecuted(decision)) {
        usages.tally.moved(before, decision.answer.status);
        journal.tally.moved(undefined, 200);
      }
      return decision;
    },
  };
}

function isExecuted(decision: SwitchDecision): decision is Executed {
  return decision.kind === "opened" || decision.kind === "changed";
}

/**
 * Where SQLite orders or joins by a bare parameter, it plans the statement anew each time that it runs, which takes ten
 * times as long as running it: hence the plus signs.
 */
function prepareRowLookup(db: Sqlite) {
  const device = db.prepare(
    `SELECT id, (SELECT room_id FROM device_setups WHERE device_id = devices.id AND ended_at IS NULL) AS roomId
     FROM devices WHERE serial = ?`,
  );
  const scent = db.prepare("SELECT id FROM scents WHERE code = ?").pluck();
  const schedule = db.prepare("SELECT id FROM schedules WHERE start_time = ? AND end_time = ?").pluck();
  const latest = db.prepare(
    `SELECT id, status, checkout_at AS checkoutAt FROM device_usages WHERE device_id = +?
     ORDER BY checkin_at DESC, id DESC LIMIT 1`,
  );
  const earlier = db.prepare(
    `SELECT fingerprint, answer FROM requests WHERE ref = +? AND usage_id IS NOT NULL ORDER BY id LIMIT 1`,
  );

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

/** What a call does to a usage and to its intervals; the result is the usage's id. */
function prepareWriting(db: Sqlite) {
  const open = db.prepare(
    `INSERT INTO device_usages
       (ref, device_id, room_id, client_id, scent_id, schedule_id, status, source, checkin_at, request)
     VALUES (:ref, :deviceId, :roomId, (SELECT client_id FROM rooms WHERE id = :roomId), :scentId, :scheduleId,
       'checkin', 'webhook', :at, :request)`,
  );
  const changes = prepareChanges(db);

  return (decision: Executed, { ref, request }: Receipt): number | bigint => {
    const at = decision.answer.timestamp;
    if (decision.kind === "opened") {
      const { scheduleId = null, ...usage } = decision.usage;
      return open.run({ ...usage, scheduleId, ref, at, request }).lastInsertRowid;
    }
    for (const change of changes[decision.status]) change.run({ at, id: decision.usageId });
    return decision.usageId;
  };
}

/** A time-in while an interval is open goes on with that one, and a time-out without one ends none. */
function prepareChanges(db: Sqlite): Record<Exclude<UsageStatus, "checkin">, ReturnType<Sqlite["prepare"]>[]> {
  const begin = db.prepare(
    `INSERT INTO usage_intervals (usage_id, timein_at) SELECT :id, :at
     WHERE NOT EXISTS (SELECT 1 FROM usage_intervals WHERE usage_id = :id AND timeout_at IS NULL)`,
  );
  // A clock that was set back makes no interval of less than nothing.
  const end = db.prepare(
    "UPDATE usage_intervals SET timeout_at = max(timein_at, :at) WHERE usage_id = :id AND timeout_at IS NULL",
  );
  return {
    checkout: [db.prepare("UPDATE device_usages SET status = 'checkout', checkout_at = :at WHERE id = :id"), end],
    timein: [db.prepare("UPDATE device_usages SET status = 'timein', timein_at = :at WHERE id = :id"), begin],
    timeout: [db.prepare("UPDATE device_usages SET status = 'timeout', timeout_at = :at WHERE id = :id"), end],
  };
}
