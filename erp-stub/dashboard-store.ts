import type { Sqlite } from "../plumbing/sqlite.ts";
import { IS_TAKEN } from "./usage-page-store.ts";

type ClientOfToday = { id: number; name: string; timezone: string };
export type DeviceNow = {
  serial: string;
  room: string;
  client: string;
  timezone: string;
  /** Of its latest usage: what it reported last, and when. */
  scent: string | null;
  checkin_at: string | null;
  heard_at: string | null;
  is_open: number;
};

export type DashboardStore = ReturnType<typeof openDashboardStore>;

/** What happens now, by one look at the latest usage of each device: it costs the same with a million before it. */
export function openDashboardStore(db: Sqlite) {
  const clients = db.prepare(
    "SELECT id, name, timezone FROM clients WHERE :client IS NULL OR id = :client ORDER BY name COLLATE NOCASE",
  );
  const byScent = db.prepare(
    `SELECT scents.code AS scent, count(*) AS usages FROM device_usages JOIN scents ON scents.id = scent_id
     WHERE client_id = ? AND checkin_at >= ? GROUP BY scents.code`,
  );
  const devices = db.prepare(
    `SELECT devices.serial, rooms.name AS room, clients.name AS client, clients.timezone, scents.code AS scent,
       u.checkin_at, max(u.checkin_at, coalesce(u.timein_at, ''), coalesce(u.timeout_at, ''), coalesce(u.checkout_at, ''))
         AS heard_at,
       u.id IS NOT NULL AND u.checkout_at IS NULL AND NOT ${IS_TAKEN} AS is_open
     FROM device_setups JOIN devices ON devices.id = device_setups.device_id
     JOIN rooms ON rooms.id = device_setups.room_id JOIN clients ON clients.id = rooms.client_id
     LEFT JOIN device_usages u ON u.id = devices.latest_usage_id AND u.client_id = clients.id
     LEFT JOIN scents ON scents.id = u.scent_id
     WHERE device_setups.ended_at IS NULL AND (:client IS NULL OR clients.id = :client)
     ORDER BY u.checkin_at DESC, devices.serial`,
  );
  return {
    clients: (client: number | null) => clients.all({ client }) as ClientOfToday[],
    byScent: (client: number, since: string) => byScent.all(client, since) as { scent: string; usages: number }[],
    /** Those that stand in a room. */
    devices: (client: number | null) => devices.all({ client }) as DeviceNow[],
  };
}
