import type { Sqlite } from "../plumbing/sqlite.ts";
import { type Link, prepareUsageChain } from "./usage-chain-store.ts";

/** So many usages are gone through before the index is asked: that costs as much as a few of them. */
const STEPS = 8;

/**
 * A device's last usage before a time, and its first one from then on, whatever came since. Where few came, they are
 * gone through along the chain. Where many came, one is near that time in the index by client, and the chain goes on
 * from there: the index only has to be near, the chain is what tells.
 */
export function prepareNeighbours(db: Sqlite) {
  const chain = prepareUsageChain(db);
  const latest = db.prepare("SELECT latest_usage_id FROM devices WHERE id = ?").pluck();
  const near = prepareNear(db);

  return (deviceId: number, time: string): { before: Link | undefined; after: Link | undefined } => {
    let after: Link | undefined;
    let before = chain.at(latest.get(deviceId) as number | null);
    for (let steps = 0; before && before.checkinAt >= time; steps += 1) {
      const nearer = steps === STEPS ? near({ deviceId, time, until: before.checkinAt }) : undefined;
      after = chain.at(nearer) ?? before;
      before = chain.at(after.previousId);
    }
    return { before, after };
  };
}

/** The first in the first of the device's setups in which it was used from then on. */
function prepareNear(db: Sqlite) {
  const near = db
    .prepare(
      `SELECT u.id FROM device_setups s JOIN rooms ON rooms.id = s.room_id
       CROSS JOIN device_usages u ON u.client_id = rooms.client_id AND u.device_id = s.device_id
         AND u.checkin_at >= max(s.installed_at, :time) AND u.checkin_at <= min(coalesce(s.ended_at, :until), :until)
       WHERE s.device_id = +:deviceId AND s.installed_at <= :until AND coalesce(s.ended_at, :until) >= :time
       ORDER BY s.installed_at LIMIT 1`,
    )
    .pluck();
  return (asked: { deviceId: number; time: string; until: string }) => near.get(asked) as number | undefined;
}
