import type { Sqlite } from "../plumbing/sqlite.ts";
import { CHAIN_OF_SERIAL } from "./usage-chain-store.ts";

export type UsageRow = {
  id: number;
  serial: string;
  room: string;
  client: string;
  timezone: string;
  scent: string;
  status: string;
  source: string;
  checkin_at: string;
  checkout_at: string | null;
  start_time: string | null;
  end_time: string | null;
  request: string;
  /** Another usage of the device began later, or the device was taken away: without a check-out, it ended then. */
  has_ended: number;
};

/** `before` is where the page before ended: the check-in and the id of its last row. */
export type UsagePageQuery = {
  client: number | null;
  filters: Partial<Record<"serial" | "scent" | "source", string>>;
  before?: { at: string; id: number } | undefined;
  limit: number;
};

const CONDITIONS = {
  scent: "scent_id = (SELECT id FROM scents WHERE code = :scent)",
  source: "source = :source",
};

/** The device of the usage `u` was taken out of a room of that client since: reports end it then. */
export const IS_TAKEN = `EXISTS (SELECT 1 FROM device_setups AS stay JOIN rooms AS place ON place.id = stay.room_id
  WHERE stay.device_id = u.device_id AND place.client_id = u.client_id AND stay.ended_at > u.checkin_at)`;

const ROW = `u.id, devices.serial, rooms.name AS room, clients.name AS client, clients.timezone, scents.code AS scent,
  u.status, u.source, u.checkin_at, u.checkout_at, schedules.start_time, schedules.end_time, u.request,
  (u.id IS NOT devices.latest_usage_id OR ${IS_TAKEN}) AS has_ended`;
const JOINS = `JOIN devices ON devices.id = u.device_id JOIN rooms ON rooms.id = u.room_id
  JOIN clients ON clients.id = rooms.client_id JOIN scents ON scents.id = u.scent_id
  LEFT JOIN schedules ON schedules.id = u.schedule_id`;

type Found = { found: string; order: string };

/**
 * Of one device along its chain, of one client by the time, of all as they came. What a scent or a source leaves out is
 * looked at too.
 */
function findingOf({ client, filters, before }: Omit<UsagePageQuery, "limit">): Found {
  const names = (["scent", "source"] as const).filter((name) => filters[name] !== undefined);
  const isByTime = client !== null || filters.serial !== undefined;
  const follows = isByTime ? "(checkin_at, id) < (:at, :id)" : "id < :id";
  const where = [
    ...(client === null ? ["true"] : ["client_id = :client"]),
    ...names.map((name) => CONDITIONS[name]),
    ...(before ? [follows] : []),
  ].join(" AND ");
  if (filters.serial !== undefined)
    return { found: `${CHAIN_OF_SERIAL} SELECT id FROM chain WHERE ${where}`, order: BY_TIME };
  const order = isByTime ? "checkin_at DESC, id DESC" : "id DESC";
  const found = `SELECT id FROM device_usages WHERE ${where} ORDER BY ${order}`;
  return { found, order: isByTime ? BY_TIME : "u.id DESC" };
}

const BY_TIME = "u.checkin_at DESC, u.id DESC";

export type UsagePageStore = ReturnType<typeof openUsagePageStore>;

/** Usages as a person leafs through them, the latest first: of a device or a client by their check-ins, of all as they came. */
export function openUsagePageStore(db: Sqlite) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const one = db.prepare(
    `SELECT ${ROW} FROM device_usages u ${JOINS} WHERE u.id = ? AND (:client IS NULL OR u.client_id = :client)`,
  );
  const intervals = db.prepare("SELECT timein_at, timeout_at FROM usage_intervals WHERE usage_id = ? ORDER BY id");
  /** The rows are found first, and only then put together; the statement is the same for the same words. */
  const prepare = ({ found, order }: Found) =>
    db.prepare(`SELECT ${ROW} FROM device_usages u ${JOINS} WHERE u.id IN (${found} LIMIT :limit) ORDER BY ${order}`);

  return {
    page({ client, filters, before, limit }: UsagePageQuery): UsageRow[] {
      const found = findingOf({ client, filters, before });
      const statement = statements.getOrInsertComputed(found.found, () => prepare(found));
      return statement.all({ ...filters, ...before, ...(client === null ? {} : { client }), limit }) as UsageRow[];
    },
    find: (id: number, client: number | null) => one.get(id, { client }) as UsageRow | undefined,
    intervals: (id: number) => intervals.all(id) as { timein_at: string; timeout_at: string | null }[],
  };
}
