import type { ResourceStore } from "./resource-store.ts";
import { readId } from "./row-id.ts";

/** Where nobody has said yet which room is meant. */
const NO_ROOM = "UTC";

/** The time zone that the moments in a form are read by: that of the room, or of where the device stood last. */
export function zoneOfForm(resources: ResourceStore, form: URLSearchParams): string {
  const idIn = (name: string) => readId(form.get(name)) ?? 0;
  const room = resources.find("rooms", idIn("room_id"), null);
  if (room) return String(resources.find("clients", Number(room["client_id"]), null)?.["timezone"] ?? NO_ROOM);
  const filters = { device_id: idIn("device_id") };
  const { rows } = resources.list("device-setups", { filters, client: null, limit: 1 });
  return String(rows[0]?.["timezone"] ?? NO_ROOM);
}
