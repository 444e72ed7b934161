import { bodyOf } from "./form-values.ts";
import type { ResourceStore, Row } from "./resource-store.ts";
import { USAGE_FIELDS } from "./resources.ts";
import { readId } from "./row-id.ts";

/** Where nobody has said yet which room is meant. */
export const NO_ROOM = "UTC";

/** The time zone that the moments in a form are read by: that of the room. */
export function zoneOfForm(resources: ResourceStore, form: URLSearchParams): string {
  const room = resources.find("rooms", idIn(form, "room_id"), null);
  return String((room && resources.find("clients", Number(room["client_id"]), null)?.["timezone"]) ?? NO_ROOM);
}

type Seen = {
  /** The one client whose rooms the person sees. */
  client: number | null;
  now: string;
  /** What the form was filled with, and by which clock. */
  shown?: { row: Row; zone: string } | undefined;
};

/**
 * That of the form of a usage: the room's where the device stood at the check-in, by that room's own clock. Where the
 * clocks of several rooms showed that time, the one counts by which the form was filled, else that of the latest.
 *
 * @returns `undefined` if the device stood nowhere then
 */
export function zoneOfUsage(
  resources: ResourceStore,
  form: URLSearchParams,
  { client, now, shown }: Seen,
): string | undefined {
  const filters = { device_id: idIn(form, "device_id") };
  const setups = resources.list("device-setups", { filters, client, limit: Number.MAX_SAFE_INTEGER }).rows;
  const zones = setups.flatMap((setup) => {
    const zone = String(setup["timezone"]);
    const { body } = bodyOf(CHECKIN, form, { zone, now, row: shown?.row });
    return holds(setup, String(body["checkin_at"] ?? "")) ? [zone] : [];
  });
  return zones.find((zone) => zone === shown?.zone) ?? zones[0];
}

const CHECKIN = USAGE_FIELDS.filter(({ name }) => name === "checkin_at");

function holds({ installed_at, ended_at }: Row, time: string): boolean {
  return String(installed_at) <= time && (ended_at === null || time < String(ended_at));
}

function idIn(form: URLSearchParams, name: string): number {
  return readId(form.get(name)) ?? 0;
}
