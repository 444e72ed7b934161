import { failpoint } from "../plumbing/failpoint.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import { isWhole } from "./call-journal.ts";
import { NEXT_NUMBER } from "./call-number.ts";
import type { SwitchAnswer, UsageStatus } from "./contract.ts";
import type { JournalStore } from "./journal-store.ts";
import { fingerprintOf, readExecuted, type SwitchCall, type SwitchDecision, type SwitchRows } from "./switch.ts";
import type { UsageStore } from "./usage-store.ts";

/** A call as it came: its `Idempotency-Key`, if any, its method and URL, and from where. */
export type Receipt = { ref: string | null; request: string; remote: string };

type Decide = (rows: SwitchRows) => SwitchDecision;
type Opened = Extract<SwitchDecision, { kind: "opened" }>;
type Changed = Extract<SwitchDecision, { kind: "changed" }>;
type Executed = Opened | Changed;
type Stores = { journal: JournalStore; usages: UsageStore };

export function openSwitchStore(db: Sqlite, { journal, usages }: Stores) {
  const findRows = prepareRowLookup(db);
  const keep = prepareKeeping(db, journal);

  return {
    /** Lets `decide` judge a call by the rows that it names and keeps what it decides, all in one commit. */
    async switchDevice(call: SwitchCall, receipt: Receipt, decide: Decide): Promise<SwitchDecision> {
      const { decision, before } = await db.write(() => {
        const rows = findRows(call);
        const decided = decide(rows);
        if (isExecuted(decided)) keep(decided, { call, receipt });
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
 * Where SQLite orders or joins by a bare parameter, it plans the statement anew each time that it runs: hence the plus
 * signs. What a view is ordered by has to be among the columns, or SQLite sorts what it finds.
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
    `SELECT id, at, request, fingerprint, answer FROM calls WHERE ref = +? AND usage_id IS NOT NULL ORDER BY id LIMIT 1`,
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

/** What a call does, and its row in the journal: the usage that it opens is that row, if the request is whole. */
function prepareKeeping(db: Sqlite, journal: JournalStore) {
  const open = prepareOpening(db);
  const change = prepareChanging(db);

  return (executed: Executed, { call, receipt }: { call: SwitchCall; receipt: Receipt }): void => {
    const isAllKept = isWhole(receipt.request);
    if (executed.kind === "opened" && isAllKept) return void open(executed, receipt);
    const usageId = executed.kind === "opened" ? open(executed, { ...receipt, remote: null }) : change(executed);
    const { answer } = executed;
    const beside = isAllKept
      ? { fingerprint: "", answer: "" }
      : { fingerprint: fingerprintOf(call), answer: JSON.stringify(answer) };
    journal.keepExecuted({ ...receipt, ...beside, usageId, at: answer.timestamp });
  };
}

/** @returns a function whose result is the id; without `remote` the usage is no row of the journal */
function prepareOpening(db: Sqlite) {
  const insert = db.prepare(
    `INSERT INTO device_usages
       (id, ref, device_id, previous_id, room_id, client_id, scent_id, schedule_id, status, source, checkin_at, request,
        remote)
     VALUES (${NEXT_NUMBER}, ?, ?, ?, ?, ?, ?, ?, 'checkin', 'webhook', ?, ?, ?)`,
  );
  const follow = db.prepare("UPDATE devices SET latest_usage_id = ? WHERE id = ?");

  return ({ usage, answer }: Opened, { ref, request, remote }: { [Part in keyof Receipt]: string | null }) => {
    const { scheduleId = null, device, scentId } = usage;
    const { id, latestId, roomId, clientId } = device;
    const rows = [id, latestId, roomId, clientId, scentId, scheduleId];
    const { lastInsertRowid } = insert.run(ref, ...rows, answer.timestamp, request, remote);
    follow.run(lastInsertRowid, id);
    return lastInsertRowid;
  };
}

/** @returns a function whose result is the id of the usage that was changed */
function prepareChanging(db: Sqlite) {
  const changes = prepareChanges(db);
  return ({ usageId, status, answer }: Changed): number => {
    for (const change of changes[status]) change.run({ at: answer.timestamp, id: usageId });
    return usageId;
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
