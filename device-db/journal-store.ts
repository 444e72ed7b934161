import type { DeviceEvent } from "../device-sim/contract.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { DeliveryRow, DeliveryStore, Reserve } from "./delivery-store.ts";

type Circumstances = { report: boolean; now: number; reserve: Reserve };

/** `isForeign` when another device used this id before: acknowledging it would lose the event. */
type Recorded = { isNew: boolean; isForeign: boolean; claimed: DeliveryRow | undefined };

/** Every event that a pod reported, as it came. */
export function openJournalStore(db: Sqlite, deliveries: Pick<DeliveryStore, "add">) {
  const add = db.prepare(
    `INSERT INTO journal (event_id, serial, session_id, seq, payload, received_at)
     VALUES (:id, :serial, :sessionId, :seq, :payload, :now) ON CONFLICT (event_id) DO NOTHING`,
  );
  const owner = db.prepare("SELECT serial FROM journal WHERE event_id = ?").pluck();
  const ofSession = db.prepare(
    "SELECT serial, payload FROM journal WHERE session_id = ? AND serial = coalesce(?, serial) ORDER BY n LIMIT 1",
  );

  return {
    /** Keeps an event and, if it is to be reported, its delivery, all in one commit. `claimed` is to be sent. */
    record(serial: string, event: DeviceEvent, { report, now, reserve }: Circumstances): Promise<Recorded> {
      const { id, seq, sessionId = null } = event;
      return db.write(() => {
        const isNew = add.run({ id, serial, sessionId, seq, payload: JSON.stringify(event), now }).changes === 1;
        const isForeign = !isNew && owner.get(id) !== serial;
        return {
          isNew,
          isForeign,
          claimed: isNew && report ? deliveries.add(serial, event, { now, reserve }) : undefined,
        };
      });
    },

    /** The first event of a session, if known of this device. */
    eventOfSession(sessionId: string, serial: string | undefined): { serial: string; event: DeviceEvent } | undefined {
      const row = ofSession.get(sessionId, serial ?? null) as { serial: string; payload: string } | undefined;
      return row && { serial: row.serial, event: JSON.parse(row.payload) as DeviceEvent };
    },
  };
}
