import type { Sqlite } from "../plumbing/sqlite.ts";

export type Link = {
  id: number;
  previousId: number | null;
  clientId: number;
  checkinAt: string;
  checkoutAt: string | null;
};

/** `chain` is what a query reads instead of all usages: those of the device with the serial `:serial`, the latest first. */
export const CHAIN_OF_SERIAL = `WITH RECURSIVE chain AS (
  SELECT id, previous_id, client_id, scent_id, source, checkin_at FROM device_usages
  WHERE id = (SELECT latest_usage_id FROM devices WHERE serial = :serial)
  UNION ALL
  SELECT u.id, u.previous_id, u.client_id, u.scent_id, u.source, u.checkin_at
  FROM chain JOIN device_usages u ON u.id = chain.previous_id)`;

export type UsageChain = ReturnType<typeof prepareUsageChain>;

/**
 * The usages of a device in the order of their check-ins: the device points to the latest, each to the one before. An
 * index by device would be written to in another place for each device, in every commit.
 * What changes is to be called within one `db.write`.
 */
export function prepareUsageChain(db: Sqlite) {
  const latest = db.prepare("SELECT latest_usage_id FROM devices WHERE id = ?").pluck();
  const link = db.prepare(
    `SELECT id, previous_id AS previousId, client_id AS clientId, checkin_at AS checkinAt, checkout_at AS checkoutAt
     FROM device_usages WHERE id = ?`,
  );
  const setLatest = db.prepare("UPDATE devices SET latest_usage_id = ? WHERE id = ?");
  const setPrevious = db.prepare("UPDATE device_usages SET previous_id = ? WHERE id = ?");
  const at = (id: number | null | undefined) => (id ? (link.get(id) as Link) : undefined);

  /** From the latest on. */
  function* from(deviceId: number): Generator<Link> {
    for (let one = at(latest.get(deviceId) as number | null); one; one = at(one.previousId)) yield one;
  }

  /** Who stands before and after a check-in at that time; `except` is not looked at. */
  function neighbours(deviceId: number, time: string, except?: number): { before?: Link; after?: Link } {
    let after: Link | undefined;
    for (const one of from(deviceId)) {
      if (one.id === except) continue;
      if (one.checkinAt <= time) return { before: one, ...(after && { after }) };
      after = one;
    }
    return after ? { after } : {};
  }

  return {
    at,
    from,
    neighbours,

    insert({ id, deviceId, checkinAt }: { id: number; deviceId: number; checkinAt: string }): void {
      const { before, after } = neighbours(deviceId, checkinAt, id);
      setPrevious.run(before?.id ?? null, id);
      if (after) setPrevious.run(id, after.id);
      else setLatest.run(id, deviceId);
    },

    remove({ id, deviceId }: { id: number; deviceId: number }): void {
      let after: Link | undefined;
      for (const one of from(deviceId)) {
        if (one.id !== id) after = one;
        else if (after) return void setPrevious.run(one.previousId, after.id);
        else return void setLatest.run(one.previousId, deviceId);
      }
    },
  };
}
