import type { Sqlite } from "../plumbing/sqlite.ts";
import { USAGE_STATUSES, type Usage, type UsageStatus } from "./contract.ts";
import { openTally, type Tally } from "./tally.ts";
import { CHAIN_OF_SERIAL } from "./usage-chain-store.ts";

export type UsageFilter = {
  id?: number;
  client?: number;
  ref?: string;
  serial?: string;
  from?: string;
  to?: string;
  limit?: number;
};

export type UsageStore = ReturnType<typeof openUsageStore>;

/** Usages as they are read back, and how many there are of each status. */
export function openUsageStore(db: Sqlite) {
  return { list: prepareUsageList(db), tally: openUsageTally(db) };
}

function openUsageTally(db: Sqlite): Tally<UsageStatus> {
  const count = db.prepare("SELECT status, count(*) FROM device_usages GROUP BY status").raw();
  return openTally(() => {
    const counts = new Map(count.all() as [UsageStatus, number][]);
    return USAGE_STATUSES.map((status) => [status, counts.get(status) ?? 0] as const);
  });
}

const CONDITIONS = {
  id: "id = :id",
  client: "client_id = :client",
  ref: "id IN (SELECT usage_id FROM calls WHERE ref = :ref AND usage_id IS NOT NULL)",
  from: "checkin_at >= :from",
  to: "checkin_at < :to",
};

/** The rows are found first, and only then put together. */
const listSql = (found: string): string =>
  `SELECT u.id, u.ref, devices.serial, u.status, scents.code AS scent, rooms.name AS room, u.source,
     u.checkin_at AS checkinAt, u.timein_at AS timeinAt, u.timeout_at AS timeoutAt, u.checkout_at AS checkoutAt,
     schedules.start_time AS startTime, schedules.end_time AS endTime, u.request,
     (SELECT json_group_array(json_object('timeinAt', timein_at, 'timeoutAt', timeout_at) ORDER BY id)
      FROM usage_intervals WHERE usage_id = u.id) AS intervals
   FROM device_usages u
   JOIN devices ON devices.id = u.device_id
   JOIN rooms ON rooms.id = u.room_id
   JOIN scents ON scents.id = u.scent_id
   LEFT JOIN schedules ON schedules.id = u.schedule_id
   WHERE u.id IN (${found} LIMIT :limit) ORDER BY u.id DESC`;

/**
 * Usages, newest first. A `ref` finds the usage that a call with it opened or changed; `from` ≤ check-in < `to`. A `limit`
 * keeps the newest of all, of one device those with the latest check-ins.
 */
function prepareUsageList(db: Sqlite) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepare = (found: string) => db.prepare(listSql(found));

  return (filter: UsageFilter): Usage[] => {
    const conditions = Object.entries(CONDITIONS).filter(([name]) => name in filter);
    const where = ["true", ...conditions.map(([, condition]) => condition)].join(" AND ");
    const found =
      filter.serial === undefined
        ? `SELECT id FROM device_usages WHERE ${where} ORDER BY id DESC`
        : `${CHAIN_OF_SERIAL} SELECT id FROM chain WHERE ${where}`;
    const statement = statements.getOrInsertComputed(found, prepare);
    const rows = statement.all({ ...filter, limit: filter.limit ?? -1 }) as (Usage & { intervals: string })[];
    return rows.map((row) => ({ ...row, intervals: JSON.parse(row.intervals) as Usage["intervals"] }));
  };
}
