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

const OPEN = "state IN ('pending', 'inflight', 'uncertain', 'held')";

export type DeliveryStore = ReturnType<typeof openDeliveryStore>;

/** Journal and deliveries. A delivery waits until every earlier one of its device is settled. */
export function openDeliveryStore(db: Sqlite, flow: FlowStore) {
  const addEvent = db.prepare(
    `INSERT INTO journal (event_id, serial, session_id, seq, payload, received_at)
     VALUES (:id, :serial, :sessionId, :seq, :payload, :now) ON CONFLICT (event_id) DO NOTHING`,
  );
  const addDelivery = db.prepare(
    `INSERT INTO deliveries (id, serial, session_id, status, scent, start_time, end_time, state, due_at, created_at)
     VALUES (:id, :serial, :sessionId, :status, :scent, :startTime, :endTime, 'pending', :now, :now)`,
  );
  const dueHeads = db.prepare(
    `SELECT * FROM deliveries AS head WHERE ${OPEN} AND state = ? AND due_at <= ?
     AND NOT EXISTS (SELECT 1 FROM deliveries AS earlier WHERE ${OPEN.replace("state", "earlier.state")}
                     AND earlier.serial = head.serial AND earlier.n < head.n)
     ORDER BY n LIMIT ?`,
  );
  const claim = db.prepare(
    "UPDATE deliveries SET state = 'inflight', attempts = attempts + 1 WHERE id = ? AND state = 'pending'",
  );
  const move = db.prepare(
    `UPDATE deliveries SET state = :state, due_at = :dueAt, evidence = :evidence, absences = :absences
     WHERE id = :id AND state = :from`,
  );
  const recover = db.prepare(
    "UPDATE deliveries SET state = 'uncertain', due_at = ?, evidence = ? WHERE state = 'inflight'",
  );
  const list = db.prepare("SELECT * FROM deliveries WHERE :state IS NULL OR state = :state ORDER BY n DESC LIMIT 1000");
  const ofSession = db.prepare("SELECT * FROM deliveries WHERE session_id = ? ORDER BY n LIMIT 1");
  const eventOfSession = db.prepare("SELECT payload FROM journal WHERE session_id = ? ORDER BY n LIMIT 1").pluck();
  const counts = db.prepare("SELECT state, count(*) AS number FROM deliveries GROUP BY state");

  return {
    /** Keeps an event and, if it is to be reported, its delivery; false for an event that is known already. */
    record(serial: string, event: DeviceEvent, { report, now }: { report: boolean; now: number }): Promise<boolean> {
      return db.write(() => {
        const { id, seq, status, scent } = event;
        const sessionId = event.sessionId ?? null;
        const isNew = addEvent.run({ id, serial, sessionId, seq, payload: JSON.stringify(event), now }).changes === 1;
        if (!isNew) return false;
        flow.addHop(sessionId, {
          at: now,
          part: "device database",
          name: "event recorded",
          ok: true,
          detail: `${status} ${scent}, seq ${String(seq)}`,
        });
        const schedule = { startTime: event.startTime ?? null, endTime: event.endTime ?? null };
        if (report) addDelivery.run({ id, serial, sessionId, status, scent, ...schedule, now });
        return true;
      });
    },

    /** The oldest open delivery of each device, if it is in this state and due. */
    due: (state: "pending" | "uncertain", now: number, limit: number) =>
      dueHeads.all(state, now, limit) as DeliveryRow[],

    /** Commits `inflight` for these rows, before any byte leaves; resolves with those that were still pending. */
    claim: (rows: readonly DeliveryRow[], now: number): Promise<DeliveryRow[]> =>
      db.write(() =>
        rows.filter(({ id, session_id }) => {
          const claimed = claim.run(id).changes === 1;
          if (claimed)
            flow.addHop(session_id, { at: now, part: "device database", name: "ERP called", ok: true, detail: id });
          return claimed;
        }),
      ),

    /** Moves one delivery from the state it was read in; false when it was moved by somebody else meanwhile. */
    move(row: DeliveryRow, from: DeliveryState, change: Change, now: number): Promise<boolean> {
      return db.write(() => {
        const { changes } = move.run({ absences: row.absences, ...change, id: row.id, from });
        const ok = change.state === "delivered";
        if (changes === 1)
          flow.addHop(row.session_id, { at: now, part: "ERP", name: change.state, ok, detail: change.evidence });
        return changes === 1;
      });
    },

    /** After a crash nobody knows whether the calls under way were executed. */
    recover: (dueAt: number): Promise<number> =>
      db.write(() => recover.run(dueAt, "the process ended while the call was under way").changes),

    list: (state: DeliveryState | undefined) => (list.all({ state: state ?? null }) as DeliveryRow[]).map(deliveryOf),

    ofSession(sessionId: string): Delivery | null {
      const row = ofSession.get(sessionId) as DeliveryRow | undefined;
      return row ? deliveryOf(row) : null;
    },

    eventOfSession(sessionId: string): DeviceEvent | null {
      const payload = eventOfSession.get(sessionId) as string | undefined;
      return payload ? (JSON.parse(payload) as DeviceEvent) : null;
    },

    countByState: () => counts.all() as { state: DeliveryState; number: number }[],
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
