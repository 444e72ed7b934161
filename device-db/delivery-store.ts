import type { DeviceEvent } from "../device-sim/contract.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import { childOf } from "../plumbing/trace.ts";
import type { DeliveryState } from "./contract.ts";
import { deliveryViews } from "./delivery-views.ts";
import type { FlowStore } from "./flow-store.ts";
import { openLaneStore } from "./lane-store.ts";
import { type OperatorMove, stateAfter } from "./operator-moves.ts";

export type DeliveryRow = {
  id: string;
  serial: string;
  session_id: string | null;
  /** What the hops of this delivery belong to. */
  flow_id: string;
  status: DeviceEvent["status"];
  scent: string;
  start_time: string | null;
  end_time: string | null;
  state: DeliveryState;
  attempts: number;
  absences: number;
  due_at: number;
  created_at: number;
  /** Since when it may be tried: the event, or the operator's last word. */
  waiting_since: number;
  changed_at: number;
  /** How many check-ins of the device the ERP had before the call, where that is what settles it. */
  baseline: number | null;
  traceparent: string | null;
  evidence: string | null;
};

/** A check-in, as far as it is compared with the ERP's usage of it. */
export type CheckIn = Pick<DeliveryRow, "id" | "scent" | "state" | "changed_at"> & { n: number };

/** Takes a place for the call of a delivery; false when none is free. */
export type Reserve = (id: string) => boolean;

type Adding = { now: number; reserve: Reserve };

/** `pauses` is why the lane stands still from now on. */
type Moving = { now: number; canWait: boolean; pauses?: string | undefined };

type Change = { state: DeliveryState; dueAt: number; evidence: string; absences?: number };

/** What became of an operator's move. */
export type Operated =
  | { kind: "unknown" }
  | { kind: "refused"; state: DeliveryState }
  /** A later delivery of the device was sent and is not settled. */
  | { kind: "overtaken"; by: string }
  | { kind: "moved" };

export type DeliveryStore = ReturnType<typeof openDeliveryStore>;

/**
 * Deliveries to the ERP. Those of one device are its lane: one waits until every earlier one is settled. Triggers log
 * and count each change of a state.
 */
export function openDeliveryStore(db: Sqlite, { addHop }: Pick<FlowStore, "addHop">) {
  const sql = prepare(db);
  const lanes = openLaneStore(db);

  /**
   * Adds the delivery of an event within the caller's write. With nothing before it in its lane and a place for the call
   * it is claimed at once, which saves the fsync of a commit of its own: then the row is returned, to be sent.
   */
  function add(serial: string, event: DeviceEvent, { now, reserve }: Adding): DeliveryRow | undefined {
    const { id, status, scent, sessionId = null, startTime = null, endTime = null } = event;
    const isClaimed = sql.blocked.get({ serial }) === undefined && reserve(id);
    const standing = isClaimed ? { state: "inflight", attempts: 1 } : { state: "pending", attempts: 0 };
    const flowId = sessionId ?? event.commandId ?? id;
    const traceparent = childOf(event.traceparent, flowId);
    const what = { id, serial, sessionId, flowId, status, scent, startTime, endTime, traceparent };
    const row = sql.add.get({ ...what, ...standing, now });
    return isClaimed ? (row as DeliveryRow) : undefined;
  }

  /** Commits `inflight` before any byte leaves; resolves with those rows that still were pending, and first in their lane. */
  async function claim(rows: readonly Pick<DeliveryRow, "id" | "baseline">[], now: number): Promise<DeliveryRow[]> {
    failpoint("delivery.before-inflight");
    const claimed = await db.write(() =>
      rows.map(({ id, baseline }) => sql.claim.get({ id, baseline, now }) as DeliveryRow | undefined),
    );
    return claimed.filter((row) => row !== undefined);
  }

  /**
   * Moves one delivery on from the state and attempt it was read in; false when it was moved by somebody else meanwhile.
   * With `canWait` it shares the next commit, unless a later delivery of the device is held up by it.
   */
  async function move(row: DeliveryRow, change: Change, { now, canWait, pauses }: Moving): Promise<boolean> {
    const { id, state: from, attempts } = row;
    const moving = { absences: row.absences, ...change, id, from, attempts, now };
    const write = canWait && sql.later.get(row) === undefined ? db.writeSoon : db.write;
    const isMoved = await write(() => {
      const { changes } = sql.move.run(moving);
      if (changes === 1 && pauses !== undefined) lanes.pauseInWrite(row.serial, pauses, now);
      return changes === 1;
    });
    const hop = { part: "device database", name: change.state, ok: change.state === "delivered" } as const;
    if (isMoved) addHop(row.flow_id, { at: now, ...hop, detail: change.evidence });
    return isMoved;
  }

  const operate = operator({ db, sql, addHop });
  return { add, claim, move, operate, lanes, ...worklist(db, sql), ...deliveryViews(db) };
}

function operator({ db, sql, addHop }: Pick<FlowStore, "addHop"> & { db: Sqlite; sql: Statements }) {
  /** A person's decision, if it is allowed from the state that the delivery is in now. */
  return async function operate(
    id: string,
    by: { move: OperatorMove; reason: string; now: number },
  ): Promise<Operated> {
    const operated = await db.write((): Operated & { row?: DeliveryRow } => {
      const row = sql.find.get(id) as DeliveryRow | undefined;
      if (!row) return { kind: "unknown" };
      const state = stateAfter(by.move, row.state);
      if (!state) return { kind: "refused", state: row.state };
      const overtakenBy = by.move === "resend" ? sql.overtakenBy.get(row) : undefined;
      if (overtakenBy !== undefined) return { kind: "overtaken", by: overtakenBy as string };
      sql.operate.run({ id, state, evidence: `operator, ${by.move}: ${by.reason}`, now: by.now });
      return { kind: "moved", row };
    });
    if (operated.row) {
      const hop = { part: "device database", name: `operator: ${by.move}`, ok: true, detail: by.reason } as const;
      addHop(operated.row.flow_id, { at: by.now, ...hop });
    }
    return operated;
  };
}

/** What the worker asks for. */
function worklist(db: Sqlite, sql: Statements) {
  return {
    /** Whether looking for what is due can find anything at all. */
    anyWaiting: (): boolean => sql.anyWaiting.get() !== undefined,

    /** The head of each lane, if it may be settled or, with `toSend`, sent now; the oldest of these first. */
    due: ({ now, limit, toSend }: { now: number; limit: number; toSend: boolean }) =>
      sql.heads.all({ now, limit, toSend: toSend ? 1 : 0 }) as DeliveryRow[],

    find: (id: string) => sql.find.get(id) as DeliveryRow | undefined,

    /** The later delivery of the device that was sent and is not settled: until it is, this one cannot be sent. */
    overtakenBy: (row: DeliveryRow) => sql.overtakenBy.get(row) as string | undefined,

    /** Those that nobody knows the end of, the oldest first. */
    unsettled: () => sql.unsettled.all() as DeliveryRow[],

    /** The next check-ins of a device after row `after`, in their order. */
    checkIns: (serial: string, after: number) => sql.checkIns.all(serial, after) as CheckIn[],

    /** What was under way when the process ended becomes uncertain, and stays so until `dueAt`. */
    recover: (dueAt: number, now: number): Promise<number> =>
      db.write(() => {
        const { changes } = sql.recover.run({ dueAt, now, evidence: "the process ended while the call was under way" });
        failpoint("delivery.recovering");
        return changes;
      }),

    /** Nothing waits until after `latest`: only a clock that was set back makes longer waits than we ask for. */
    shortenWaits: (latest: number) => db.write(() => sql.shortenWaits.run({ latest })),
  };
}

/** As in the partial index, word for word: otherwise SQLite would read all deliveries that ever were. */
const OPEN = "state IN ('pending', 'inflight', 'uncertain', 'held')";

const isPaused = (table: string) =>
  `EXISTS (SELECT 1 FROM paused_lanes WHERE paused_lanes.serial IN (${table}.serial, '*'))`;

/** Exported for the check of its query plan. */
export const DUE_HEADS = `
  SELECT head.* FROM (SELECT min(n) AS n FROM deliveries WHERE ${OPEN} GROUP BY serial) AS lane
  CROSS JOIN deliveries AS head ON head.n = lane.n
  WHERE (head.state = 'uncertain' OR head.state = 'pending' AND :toSend) AND head.due_at <= :now
    AND NOT ${isPaused("head")}
  ORDER BY head.n LIMIT :limit`;

type Statements = ReturnType<typeof prepare>;

function prepare(db: Sqlite) {
  return {
    add: db.prepare(
      `INSERT INTO deliveries (id, serial, session_id, flow_id, status, scent, start_time, end_time, traceparent, state,
         attempts, due_at, created_at, waiting_since, changed_at)
       VALUES (:id, :serial, :sessionId, :flowId, :status, :scent, :startTime, :endTime, :traceparent, :state,
         :attempts, :now, :now, :now, :now) RETURNING *`,
    ),
    blocked: db.prepare(
      `SELECT 1 FROM deliveries WHERE serial = :serial AND ${OPEN}
       UNION ALL SELECT 1 FROM paused_lanes WHERE serial IN (:serial, '*') LIMIT 1`,
    ),
    anyWaiting: db.prepare(`SELECT 1 FROM deliveries WHERE ${OPEN} AND state IN ('pending', 'uncertain') LIMIT 1`),
    heads: db.prepare(DUE_HEADS),
    find: db.prepare("SELECT * FROM deliveries WHERE id = ?"),
    unsettled: db.prepare(`SELECT * FROM deliveries WHERE ${OPEN} AND state IN ('uncertain', 'held') ORDER BY n`),
    checkIns: db.prepare(
      `SELECT n, id, scent, state, changed_at FROM deliveries
       WHERE serial = ? AND status = 'checkin' AND n > ? ORDER BY n LIMIT 5000`,
    ),
    // Since it was looked for, an earlier one may have been resent, or the lane paused.
    claim: db.prepare(
      `UPDATE deliveries SET state = 'inflight', attempts = attempts + 1, baseline = :baseline, changed_at = :now,
         evidence = NULL
       WHERE id = :id AND state = 'pending' AND NOT ${isPaused("deliveries")}
         AND n = (SELECT min(n) FROM deliveries AS lane WHERE lane.serial = deliveries.serial AND ${OPEN}) RETURNING *`,
    ),
    move: db.prepare(
      `UPDATE deliveries SET state = :state, due_at = :dueAt, evidence = :evidence, absences = :absences, changed_at = :now
       WHERE id = :id AND state = :from AND attempts = :attempts`,
    ),
    operate: db.prepare(
      `UPDATE deliveries SET state = :state, due_at = :now, waiting_since = :now, changed_at = :now, absences = 0,
         evidence = :evidence WHERE id = :id`,
    ),
    overtakenBy: db
      .prepare(
        `SELECT id FROM deliveries WHERE serial = :serial AND ${OPEN} AND state <> 'pending'
           AND n > (SELECT n FROM deliveries WHERE id = :id) LIMIT 1`,
      )
      .pluck(),
    later: db.prepare(`SELECT 1 FROM deliveries WHERE serial = :serial AND ${OPEN} AND id <> :id LIMIT 1`),
    recover: db.prepare(
      `UPDATE deliveries SET state = 'uncertain', due_at = :dueAt, changed_at = :now, evidence = :evidence
       WHERE ${OPEN} AND state = 'inflight'`,
    ),
    shortenWaits: db.prepare(`UPDATE deliveries SET due_at = :latest WHERE ${OPEN} AND due_at > :latest`),
  };
}
