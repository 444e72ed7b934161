import type { DeviceEvent } from "../device-sim/contract.ts";
import { isoTime } from "../plumbing/clock.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { Delivery, DeliveryState } from "./contract.ts";
import type { FlowStore } from "./flow-store.ts";

export type DeliveryRow = {
  id: string;
  serial: string;
  session_id: string | null;
  status: string;
  scent: string;
  start_time: string | null;
  end_time: string | null;
  state: DeliveryState;
  attempts: number;
  absences: number;
  due_at: number;
  created_at: number;
  evidence: string | null;
};

/** Takes a place for the call of a delivery; false when none is free. */
export type Reserve = (id: string) => boolean;

type Moving = { now: number; canWait: boolean };

type Adding = { now: number; reserve: Reserve };

type Change = { state: DeliveryState; dueAt: number; evidence: string; absences?: number };

export type DeliveryStore = ReturnType<typeof openDeliveryStore>;

/** Deliveries to the ERP. One waits until every earlier one of its device is settled. */
export function openDeliveryStore(db: Sqlite, { addHop }: Pick<FlowStore, "addHop">) {
  const sql = prepare(db);

  /**
   * Adds the delivery of an event within the caller's write. With nothing open before it and a place for the call it
   * is claimed at once, which saves the fsync of a commit of its own: then the row is returned, to be sent.
   */
  function add(serial: string, event: DeviceEvent, { now, reserve }: Adding): DeliveryRow | undefined {
    const { id, status, scent, sessionId = null, startTime = null, endTime = null } = event;
    const isClaimed = sql.openOf.get(serial) === undefined && reserve(id);
    const standing = isClaimed ? { state: "inflight", attempts: 1 } : { state: "pending", attempts: 0 };
    const row = sql.add.get({ id, serial, sessionId, status, scent, startTime, endTime, ...standing, now });
    return isClaimed ? (row as DeliveryRow) : undefined;
  }

  /** Commits `inflight` for these rows, before any byte leaves; resolves with those that were still pending. */
  async function claim(rows: readonly DeliveryRow[], now: number): Promise<DeliveryRow[]> {
    const claimed = await db.write(() => rows.map(({ id }) => sql.claim.get(id) as DeliveryRow | undefined));
    const ours = claimed.filter((row) => row !== undefined);
    const hop = { at: now, part: "device database", name: "ERP called", ok: true } as const;
    for (const { id, session_id: sessionId } of ours) addHop(sessionId, { ...hop, detail: id });
    return ours;
  }

  /**
   * Moves one delivery on from the state it was read in; false when it was moved by somebody else meanwhile. With
   * `canWait` it shares the next commit, unless a later delivery of the device is held up by it.
   */
  async function move(row: DeliveryRow, change: Change, { now, canWait }: Moving): Promise<boolean> {
    const moving = { absences: row.absences, ...change, id: row.id, from: row.state };
    const write = canWait && sql.later.get(row) === undefined ? db.writeSoon : db.write;
    const isMoved = (await write(() => sql.move.run(moving).changes)) === 1;
    const hop = { part: "ERP", name: change.state, ok: change.state === "delivered", detail: change.evidence } as const;
    if (isMoved) addHop(row.session_id, { at: now, ...hop });
    return isMoved;
  }

  return { add, claim, move, ...readAndMend(db, sql) };
}

function readAndMend(db: Sqlite, sql: Statements) {
  return {
    /** Whether looking for what is due can find anything at all. */
    anyWaiting: (): boolean => sql.anyWaiting.get() !== undefined,

    /** The oldest open delivery of each device, if it may be sent or settled now; the oldest of these first. */
    due: (now: number, limit: number) => sql.heads.all(now, limit) as DeliveryRow[],

    /** What was under way when the process ended becomes uncertain, and stays so until `dueAt`. */
    recover: (dueAt: number): Promise<number> =>
      db.write(() => sql.recover.run(dueAt, "the process ended while the call was under way").changes),

    /** Nothing waits until after `latest`: only a clock that was set back makes longer waits than we ask for. */
    shortenWaits: (latest: number) => db.write(() => sql.shortenWaits.run({ latest })),

    list: (state: DeliveryState | undefined) =>
      (sql.list.all({ state: state ?? null }) as DeliveryRow[]).map(deliveryOf),

    ofSession(sessionId: string): Delivery | null {
      const row = sql.ofSession.get(sessionId) as DeliveryRow | undefined;
      return row ? deliveryOf(row) : null;
    },

    countByState: () => sql.counts.all() as { state: DeliveryState; number: number }[],
  };
}

/** As in the partial index, word for word: otherwise SQLite would read all deliveries that ever were. */
const OPEN = "state IN ('pending', 'inflight', 'uncertain', 'held')";

/** Exported for the check of its query plan. */
export const DUE_HEADS = `
  SELECT head.* FROM (SELECT min(n) AS n FROM deliveries WHERE ${OPEN} GROUP BY serial) AS lane
  CROSS JOIN deliveries AS head ON head.n = lane.n
  WHERE head.state IN ('pending', 'uncertain') AND head.due_at <= ? ORDER BY head.n LIMIT ?`;

type Statements = ReturnType<typeof prepare>;

function prepare(db: Sqlite) {
  return {
    add: db.prepare(
      `INSERT INTO deliveries (id, serial, session_id, status, scent, start_time, end_time, state, attempts, due_at, created_at)
       VALUES (:id, :serial, :sessionId, :status, :scent, :startTime, :endTime, :state, :attempts, :now, :now) RETURNING *`,
    ),
    anyWaiting: db.prepare(`SELECT 1 FROM deliveries WHERE ${OPEN} AND state IN ('pending', 'uncertain') LIMIT 1`),
    openOf: db.prepare(`SELECT 1 FROM deliveries WHERE serial = ? AND ${OPEN} LIMIT 1`),
    heads: db.prepare(DUE_HEADS),
    claim: db.prepare(
      `UPDATE deliveries SET state = 'inflight', attempts = attempts + 1
       WHERE id = ? AND state = 'pending' RETURNING *`,
    ),
    move: db.prepare(
      `UPDATE deliveries SET state = :state, due_at = :dueAt, evidence = :evidence, absences = :absences
       WHERE id = :id AND state = :from`,
    ),
    later: db.prepare(`SELECT 1 FROM deliveries WHERE serial = :serial AND ${OPEN} AND id <> :id LIMIT 1`),
    recover: db.prepare("UPDATE deliveries SET state = 'uncertain', due_at = ?, evidence = ? WHERE state = 'inflight'"),
    shortenWaits: db.prepare(`UPDATE deliveries SET due_at = :latest WHERE ${OPEN} AND due_at > :latest`),
    list: db.prepare("SELECT * FROM deliveries WHERE :state IS NULL OR state = :state ORDER BY n DESC LIMIT 1000"),
    ofSession: db.prepare(
      `SELECT deliveries.* FROM journal JOIN deliveries ON deliveries.id = journal.event_id
       WHERE journal.session_id = ? ORDER BY journal.n LIMIT 1`,
    ),
    counts: db.prepare("SELECT state, count(*) AS number FROM deliveries GROUP BY state"),
  };
}

function deliveryOf(row: DeliveryRow): Delivery {
  const waits = row.state === "pending" || row.state === "uncertain";
  return {
    id: row.id,
    serial: row.serial,
    sessionId: row.session_id,
    status: row.status,
    scent: row.scent,
    state: row.state,
    attempts: row.attempts,
    dueAt: waits ? isoTime(row.due_at) : null,
    evidence: row.evidence,
  };
}
