import type { Sqlite } from "../plumbing/sqlite.ts";

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
  /** Another usage of the device began later. */
  is_superseded: number;
};

/** `before` is where the page before ended: the check-in and the id of its last row. */
export type UsagePageQuery = {
  client: number | null;
  filters: Partial<Record<"serial" | "scent" | "source", string>>;
  before?: { at: string; id: number } | undefined;
  limit: number;
};

const CONDITIONS = {
  serial: "device_id = (SELECT id FROM devices WHERE serial = :serial)",
  scent: "scent_id = (SELECT id FROM scents WHERE code = :scent)",
  source: "source = :source",
};

const ROW = `u.id, devices.serial, rooms.name AS room, clients.name AS client, clients.timezone, scents.code AS scent,
  u.status, u.source, u.checkin_at, u.checkout_at, schedules.start_time, schedules.end_time, u.request,
  EXISTS (SELECT 1 FROM device_usages later WHERE later.device_id = u.device_id AND (later.checkin_at, later.id) > (u.checkin_at, u.id))
    AS is_superseded`;
const JOINS = `JOIN devices ON devices.id = u.device_id JOIN rooms ON rooms.id = u.room_id
  JOIN clients ON clients.id = rooms.client_id JOIN scents ON scents.id = u.scent_id
  LEFT JOIN schedules ON schedules.id = u.schedule_id`;

export type UsagePageStore = ReturnType<typeof openUsagePageStore>;

/** Usages as a person leafs through them: the latest check-ins first. */
export function openUsagePageStore(db: Sqlite) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const one = db.prepare(
    `SELECT ${ROW} FROM device_usages u ${JOINS} WHERE u.id = ? AND (:client IS NULL OR u.client_id = :client)`,
  );
  const intervals = db.prepare("SELECT timein_at, timeout_at FROM usage_intervals WHERE usage_id = ? ORDER BY id");
  /** The rows are found by an index alone, and only then put together. */
  const prepare = (where: string) =>
    db.prepare(
      `SELECT ${ROW} FROM device_usages u ${JOINS} WHERE u.id IN
         (SELECT id FROM device_usages WHERE ${where} ORDER BY checkin_at DESC, id DESC LIMIT :limit)
       ORDER BY u.checkin_at DESC, u.id DESC`,
    );

  return {
    page({ client, filters, before, limit }: UsagePageQuery): UsageRow[] {
      const names = (["serial", "scent", "source"] as const).filter((name) => filters[name] !== undefined);
      const parts = [
        ...(client === null ? [] : ["client_id = :client"]),
        ...names.map((name) => CONDITIONS[name]),
        ...(before ? ["(checkin_at, id) < (:at, :id)"] : []),
      ];
      const statement = statements.getOrInsertComputed(parts.join(" AND ") || "true", prepare);
      return statement.all({ ...filters, ...before, ...(client === null ? {} : { client }), limit }) as UsageRow[];
    },
    find: (id: number, client: number | null) => one.get(id, { client }) as UsageRow | undefined,
    intervals: (id: number) => intervals.all(id) as { timein_at: string; timeout_at: string | null }[],
  };
}
