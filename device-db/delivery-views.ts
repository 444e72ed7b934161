import { isoTime } from "../plumbing/clock.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { Delivery, DeliveryChange, DeliveryDetail, DeliveryState } from "./contract.ts";
import type { DeliveryRow } from "./delivery-store.ts";

const LONGEST_LIST = 1_000;

type Filter = {
  state?: DeliveryState | undefined;
  serial?: string | undefined;
  before?: string | undefined;
  limit?: number;
};

type ChangeRow = {
  at: number;
  from_state: DeliveryState | null;
  to_state: DeliveryState;
  attempts: number;
  evidence: string | null;
};

/** Deliveries as people see them. */
export function deliveryViews(db: Sqlite) {
  const list = db.prepare(
    `SELECT * FROM deliveries
     WHERE (:state IS NULL OR state = :state) AND (:serial IS NULL OR serial = :serial)
       AND (:before IS NULL OR n < (SELECT n FROM deliveries WHERE id = :before))
     ORDER BY n DESC LIMIT :limit`,
  );
  const find = db.prepare("SELECT * FROM deliveries WHERE id = ?");
  const changes = db.prepare(
    "SELECT * FROM delivery_log WHERE delivery = (SELECT n FROM deliveries WHERE id = ?) ORDER BY n",
  );
  const counts = db.prepare("SELECT state, number FROM delivery_counts");
  const oldestOpen = db.prepare(
    "SELECT min(created_at) FROM deliveries WHERE state IN ('pending', 'inflight', 'uncertain', 'held')",
  );

  return {
    /** Newest first; `before` is the id of the last one of the page before. */
    list: ({ state, serial, before, limit = LONGEST_LIST }: Filter = {}): Delivery[] => {
      const filter = { state: state ?? null, serial: serial ?? null, before: before ?? null, limit };
      return (list.all(filter) as DeliveryRow[]).map(deliveryOf);
    },

    detail(id: string): DeliveryDetail | undefined {
      const row = find.get(id) as DeliveryRow | undefined;
      if (!row) return undefined;
      const log = (changes.all(id) as ChangeRow[]).map(changeOf);
      return { ...deliveryOf(row), createdAt: isoTime(row.created_at), traceparent: row.traceparent, log };
    },

    ofEvent(id: string): Delivery | null {
      const row = find.get(id) as DeliveryRow | undefined;
      return row ? deliveryOf(row) : null;
    },

    /** Kept by the store with each change; `created` are all that ever were. */
    counts: () =>
      Object.fromEntries((counts.raw().all() as [string, number][]).map((pair) => pair)) as Record<
        DeliveryState | "created",
        number
      >,

    /** When the event of the oldest open delivery came, or `null` when none is open. */
    oldestOpenAt: () => oldestOpen.pluck().get() as number | null,
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

function changeOf({ at, from_state: from, to_state: to, attempts, evidence }: ChangeRow): DeliveryChange {
  return { at: isoTime(at), from, to, attempts, evidence };
}
