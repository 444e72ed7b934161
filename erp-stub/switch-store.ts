import { failpoint } from "../plumbing/failpoint.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import { MAX_URL } from "./call-journal.ts";
import type { SwitchAnswer, UsageStatus } from "./contract.ts";
import type { JournalStore } from "./journal-store.ts";
import { readExecuted, type SwitchCall, type SwitchDecision, type SwitchRows } from "./switch.ts";
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
          const usageId = write(decided, receipt);
          journal.keepExecuted({
            ...receipt,
            ...beside(decided, { call, receipt }),
            usageId,
            at: decided.answer.timestamp,
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

/** What the journal has to keep beside the request: nothing, unless that is cut. */
function beside({ answer }: Executed, { call, receipt }: { call: SwitchCall; receipt: Receipt }) {
  if (receipt.request.length < MAX_URL) return { fingerprint: "", answer: "" };
  return { fingerprint: call.fingerprint, answer: JSON.stringify(answer) };
}

function isExecuted(decision: SwitchDecision): decision is Executed {
  return decision.kind === "opened" || decision.kind === "changed";
}

/**
 * Where SQLite orders or joins by a bare parameter, it plans the statement anew each time that it runs: hence the plus
 * signs.
 */
function prepareRowLookup(db: Sqlite) {
  const device = db.prepare(
    `SELECT devices.id, latest_usage_id AS latestId, room_id AS roomId, client_id AS clientId FROM devices
     LEFT JOIN device_setups ON device_setups.device_id = devices.id AND ended_at IS NULL
     LEFT JOIN rooms ON rooms.id = room_id WHERE serial = +?`,
  );
  const scent = db.prepare("SELECT id FROM scents WHERE code = ?").pluck();
  const schedule = db.prepare("SELECT id FROM schedules WHERE start_time = ? AND end_time = ?").pluck();
  const latest = db.prepare("SELECT id, status, checkout_at AS checkoutAt FROM device_usages WHERE id = ?");
  const earlier = db.prepare(
    `SELECT at, request, fingerprint, answer FROM requests WHERE ref = +? AND usage_id IS NOT NULL ORDER BY id LIMIT 1`,
  );

  return ({ fields, key }: SwitchCall): SwitchRows => {
    const known = ifGiven(fields.serial, (serial) => device.get(serial) as SwitchRows["device"]);
    const times = fields.start_time && fields.end_time ? [fields.start_time, fields.end_time] : undefined;
    const before = ifGiven(key, (ref) => earlier.get(ref) as Earlier | undefined);
    return {
      device: known,
      scentId: ifGiven(fields.scent, (code) => scent.get(code) as number | undefined),
      scheduleId: ifGiven(times, (pair) => schedule.get(...pair) as number | undefined),
      latest:
        fields.status === "checkin"
          ? undefined
          : ifGiven(known?.latestId ?? undefined, (id) => latest.get(id) as SwitchRows["latest"]),
      earlier: before && earlierOf(before),
    };
  };
}

type Earlier = { at: string; request: string; fingerprint: string; answer: string };

function earlierOf({ at, request, fingerprint, answer }: Earlier): NonNullable<SwitchRows["earlier"]> {
  return answer === "" ? readExecuted(request, at) : { fingerprint, answer: JSON.parse(answer) as SwitchAnswer };
}

function ifGiven<Given, Found>(value: Given | undefined, find: (value: Given) => Found | undefined): Found | undefined {
  return value === undefined ? undefined : find(value);
}

/** What a call does to a usage and to its intervals; the result is the usage's id. */
function prepareWriting(db: Sqlite) {
  const open = db.prepare(
    `INSERT INTO device_usages
       (ref, device_id, previous_id, room_id, client_id, scent_id, schedule_id, status, source, checkin_at, request)
     VALUES (?, ?, ?, ?, ?, ?, ?, 'checkin', 'webhook', ?, ?)`,
  );
  const follow = db.prepare("UPDATE devices SET latest_usage_id = ? WHERE id = ?");
  const changes = prepareChanges(db);

  return (decision: Executed, { ref, request }: Receipt): number | bigint => {
    const at = decision.answer.timestamp;
    if (decision.kind === "opened") {
      const { scheduleId = null, device, scentId } = decision.usage;
      const { id, latestId, roomId, clientId } = device;
      const { lastInsertRowid } = open.run(ref, id, latestId, roomId, clientId, scentId, scheduleId, at, request);
      follow.run(lastInsertRowid, id);
      return lastInsertRowid;
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
