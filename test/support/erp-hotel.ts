import { add, ask, type Body, type Row } from "./erp-api.ts";
import type { ErpAddress } from "./erp-calls.ts";

type Kind = {
  timezone: string;
  charge_unit: "daily" | "hourly";
  charge_rate_cents: number;
  /** A device for each, in a room of its own. */
  serials: readonly string[];
  installed_at?: string;
};

export type Hotel = Awaited<ReturnType<typeof addHotel>>;

/** Adds a client of a new corporation, with its devices of a new type; `added` has all of it in that order. */
export async function addHotel(erp: ErpAddress, { serials, installed_at = "2024-01-01T00:00:00Z", ...terms }: Kind) {
  const name = `Hotel ${crypto.randomUUID()}`;
  const added: string[] = [];
  const keep = async (kind: Parameters<typeof add>[1], body: Body): Promise<Row> => {
    const row = await add(erp, kind, body);
    added.push(`/api/${kind}/${String(row.id)}`);
    return row;
  };
  const corporation = await keep("corporations", { name });
  const client = await keep("clients", { corporation_id: corporation.id, name, client_type: "hotel", ...terms });
  const type = await keep("device-types", { code: name, name });
  const devices: Row[] = [];
  const rooms: Row[] = [];
  const setups: Row[] = [];
  for (const serial of serials) {
    const device = await keep("devices", { device_type_id: type.id, serial });
    const room = await keep("rooms", { client_id: client.id, name: `Room of ${serial}` });
    setups.push(await keep("device-setups", { device_id: device.id, room_id: room.id, installed_at }));
    devices.push(device);
    rooms.push(room);
  }
  return { client, devices, rooms, setups, added, keep };
}

export type BillableLine = {
  serial: string;
  usages: number;
  ms: number;
  days: number;
  units: number;
  unclosed: number;
  open: number;
  amount_cents: number;
};
export type UsageLine = { id: number; serial: string; room: string; source: string; ms: number; ending: string };
type Told = { from: string; to: string; ms: number; units: number; amount_cents: number; days: { day: string }[] };

/** A report, which has to be made. */
export async function report<Line>(erp: ErpAddress, name: string, query: Record<string, string | number>) {
  const search = new URLSearchParams(Object.entries(query).map(([key, value]) => [key, String(value)]));
  const { status, body } = await ask(erp, `/api/reports/${name}?${search.toString()}`);
  if (status !== 200) throw new Error(`The report ${name} gave ${String(status)}: ${JSON.stringify(body)}`);
  return body as Told & { client: Row; data: Line[] };
}
