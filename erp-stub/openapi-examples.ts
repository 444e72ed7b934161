/** What the document shows of each entity: one small hotel, as it is when an admin of an empty ERP adds these in their order. */
import type { ResourceName } from "./resources.ts";

type Row = Record<string, string | number | null>;

const CLIENT = { client_id: 1, client: "Harbour View Hotel" };
const ROOM = "Harbour View Hotel · Room 102";

export const RESOURCE_ROWS: Record<ResourceName, Row> = {
  corporations: { id: 1, name: "Katlai Demo Hotels" },
  clients: {
    id: 1,
    name: "Harbour View Hotel",
    corporation_id: 1,
    corporation: "Katlai Demo Hotels",
    client_type: "hotel",
    timezone: "Asia/Hong_Kong",
    charge_rate_cents: 2_500,
    charge_unit: "hourly",
  },
  users: { id: 2, name: "Ada Wong", email: "ada@hotel.example", role: "manager", ...CLIENT, has_password: 0 },
  "device-types": { id: 1, code: "app2x", name: "Aroma Pod Pro 4 capsules" },
  rooms: { id: 1, name: "Room 102", ...CLIENT },
  devices: { id: 1, serial: "dev-0001", device_type_id: 1, device_type: "Aroma Pod Pro 4 capsules", room: ROOM },
  "device-setups": {
    id: 1,
    device_id: 1,
    device: "dev-0001",
    room_id: 1,
    room: ROOM,
    installed_at: "2024-10-28T02:30:00.000Z",
    ended_at: null,
    timezone: "Asia/Hong_Kong",
  },
  scents: { id: 1, code: "wood", name: "Wood" },
  schedules: { id: 1, start_time: "08:00:00", end_time: "12:00:00" },
  payments: { id: 1, paid_on: "2024-11-30", ...CLIENT, amount_cents: 250_000, note: "November", source: "manual" },
  "api-keys": { id: 1, name: "Night audit", role: "viewer", ...CLIENT, created_at: "2024-11-01T08:00:00.000Z" },
};

/** What somebody may want to change of them. */
export const RESOURCE_CHANGES: Record<ResourceName, Row> = {
  corporations: { name: "Katlai Hotels" },
  clients: { charge_rate_cents: 3_000 },
  users: { role: "viewer" },
  "device-types": { name: "Aroma Pod Pro" },
  rooms: { name: "Suite 102" },
  devices: { serial: "dev-0001b" },
  "device-setups": { ended_at: "2024-12-01T09:00:00.000Z" },
  scents: { name: "Cedar wood" },
  schedules: { end_time: "11:30:00" },
  payments: { note: "November, second half" },
  "api-keys": { name: "Day audit" },
};

/** How they differ when they have just been added. The key is made up; a real one has the same shape. */
export const JUST_ADDED: Partial<Record<ResourceName, Row>> = {
  devices: { room: null },
  "api-keys": { key: "Yy0lJ5vEwF3sVbq1mO8xkUuR7tGzH2cDnA6iPfXjK4M" },
};
