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

type Change = { state: DeliveryState; dueAt: number; evidence: string; absences?: number };

export type DeliveryStore = ReturnType<typeof openDeliveryStore>;

/** Deliveries to the ERP. One waits until every earlier one of its device is settled. */
export function openDeliveryStore(db: Sqlite, { addHop }: Pick<FlowStore, "addHop">) {
  const { add, heads, claim, move, recover, shortenWaits, list, ofSession, counts } = prepare(db);

  return {
    /** Adds the delivery of an event within the caller's write. */
    add(serial: string, event: DeviceEvent, now: number): void {
      const { id, status, scent, sessionId = null, startTime = null, endTime = null } = event;
      add.run({ id, serial, sessionId, status, scent, startTime, endTime, now });
    },

    /** The oldest open delivery of each device, if it may be sent or settled now; the oldest of these first. */
    due: (now: number, limit: number) => heads.all(now, limit) as DeliveryRow[],

    /** Commits `inflight` for these rows, before any byte leaves; resolves with those that were still pending. */
    claim: (rows: readonly DeliveryRow[], now: number): Promise<DeliveryRow[]> =>
      db.write(() => {
        const claimed = rows
          .map(({ id }) => claim.get(id) as DeliveryRow | undefined)
          .filter((row) => row !== undefined);
        for (const { id, session_id: sessionId } of claimed)
          addHop(sessionId, { at: now, part: "device database", name: "ERP called", ok: true, detail: id });
        return claimed;
      }),

    /** Moves one delivery on from the state it was read in; false when it was moved by somebody else meanwhile. */
    move: (row: DeliveryRow, change: Change, now: number): Promise<boolean> =>
      db.write(() => {
        const isMoved = move.run({ absences: row.absences, ...change, id: row.id, from: row.state }).changes === 1;
        const hop = { part: "ERP", name: change.state, ok: change.state === "delivered", detail: change.evidence };
        if (isMoved) addHop(row.session_id, { at: now, ...hop });
        return isMoved;
      }),

    /** What was under way when the process ended becomes uncertain, and stays so until `dueAt`. */
    recover: (dueAt: number): Promise<number> =>
      db.write(() => recover.run(dueAt, "the process ended while the call was under way").changes),

    /** Nothing waits until after `latest`: only a clock that was set back makes longer waits than we ask for. */
    shortenWaits: (latest: number) => db.write(() => shortenWaits.run({ latest })),

    list: (state: DeliveryState | undefined) => (list.all({ state: state ?? null }) as DeliveryRow[]).map(deliveryOf),

    ofSession(sessionId: string): Delivery | null {
      const row = ofSession.get(sessionId) as DeliveryRow | undefined;
      return row ? deliveryOf(row) : null;
    },

    countByState: () => counts.all() as { state: DeliveryState; number: number }[],
  };
}

/** As in the partial index, word for word: otherwise SQLite would read all deliveries that ever were. */
const OPEN = "state IN ('pending', 'inflight', 'uncertain', 'held')";

/** Exported for the check of its query plan. */
export const DUE_HEADS = `
  SELECT head.* FROM (SELECT min(n) AS n FROM deliveries WHERE ${OPEN} GROUP BY serial) AS lane
  CROSS JOIN deliveries AS head ON head.n = lane.n
  WHERE head.state IN ('pending', 'uncertain') AND head.due_at <= ? ORDER BY head.n LIMIT ?`;

function prepare(db: Sqlite) {
  return {
    add: db.prepare(
      `INSERT INTO deliveries (id, serial, session_id, status, scent, start_time, end_time, state, due_at, created_at)
       VALUES (:id, :serial, :sessionId, :status, :scent, :startTime, :endTime, 'pending', :now, :now)`,
    ),
    heads: db.prepare(DUE_HEADS),
    claim: db.prepare(
      `UPDATE deliveries SET state = 'inflight', attempts = attempts + 1
       WHERE id = ? AND state = 'pending' RETURNING *`,
    ),
    move: db.prepare(
      `UPDATE deliveries SET state = :state, due_at = :dueAt, evidence = :evidence, absences = :absences
       WHERE id = :id AND state = :from`,
    ),
    recover: db.prepare("UPDATE deliveries SET state = 'uncertain', due_at = ?, evidence = ? WHERE state = 'inflight'"),
    shortenWaits: db.prepare(`UPDATE deliveries SET due_at = :latest WHERE ${OPEN} AND due_at > :latest`),
    list: db.prepare("SELECT * FROM deliveries WHERE :state IS NULL OR state = :state ORDER BY n DESC LIMIT 1000"),
    ofSession: db.prepare("SELECT * FROM deliveries WHERE session_id = ? ORDER BY n LIMIT 1"),
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
