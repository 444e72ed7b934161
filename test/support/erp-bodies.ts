/** Good requests for every route of the back office that writes. */
import { ask } from "./erp-ask.ts";
import type { ErpAddress } from "./erp-calls.ts";
import { addRow, type ClientName, type Ids, paymentOf, SIGNS, timeOf, usageOf } from "./erp-two-clients.ts";

const DAY_MS = 86_400_000;

/** Whose words a body is made of, which rows it refers to, and what makes it another one than all before. */
export type Making = { words: ClientName; ids: Ids; number: number };

type Body = Record<string, string | number | null | undefined>;

const BODIES: Record<string, (making: Making) => Body> = {
  corporations: ({ words, number }) => ({ name: `${SIGNS[words].word} corporation ${String(number)}` }),
  clients: ({ words, ids, number }) => ({
    corporation_id: ids["corporations"],
    name: `${SIGNS[words].word} hotel ${String(number)}`,
    client_type: "spa",
    timezone: "Asia/Hong_Kong",
    charge_rate_cents: SIGNS[words].cents,
    charge_unit: "daily",
  }),
  users: ({ number }) => ({ name: "A user", email: `user-${String(number)}@example.com`, role: "viewer" }),
  "api-keys": ({ number }) => ({ name: `A key ${String(number)}`, role: "viewer" }),
  "device-types": ({ number }) => ({ code: `type-${String(number)}`, name: "A type" }),
  rooms: ({ words, ids, number }) => ({
    client_id: ids["clients"],
    name: `${SIGNS[words].word} room ${String(number)}`,
  }),
  devices: ({ words, ids, number }) => ({
    device_type_id: ids["device-types"],
    serial: `${SIGNS[words].word}-new-${String(number)}`,
  }),
  "device-setups": ({ words, ids, number }) => {
    const installed = Date.parse(timeOf(words, 0)) - 2_000 * DAY_MS - number * DAY_MS;
    const [installed_at, ended_at] = [installed, installed + 1_000].map((ms) => new Date(ms).toISOString());
    return { device_id: ids["devices"], room_id: ids["rooms"], installed_at, ended_at };
  },
  "device-usages": ({ words, ids, number }) => usageOf(words, ids, number),
  scents: ({ number }) => ({ code: `scent-${String(number)}`, name: "A scent" }),
  schedules: ({ number }) => ({ start_time: clockAt(number), end_time: "23:59:59" }),
  payments: ({ words, ids }) => ({ client_id: ids["clients"], ...paymentOf(words) }),
  customers: ({ number }) => ({ email: `guest-${String(number)}@example.com` }),
};

function clockAt(number: number): string {
  return new Date(number * 1_000).toISOString().slice(11, 19);
}

/** The body of a row, or `undefined` where the subject has none. */
export function bodyOf(subject: string, making: Making): Body | undefined {
  return BODIES[subject]?.(making);
}

/** As a person types it. */
export function typedOf(body: Body): Record<string, string> {
  const given = Object.entries(body).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, typed(name, value ?? "")]));
}

function typed(name: string, value: string | number): string {
  if (name.endsWith("_cents")) return (Number(value) / 100).toFixed(2);
  return name.endsWith("_at") ? String(value).slice(0, 19) : String(value);
}

/** A row that nothing refers to, to be changed or removed. */
export async function addSpare(erp: ErpAddress, subject: string, making: Making): Promise<number> {
  const body = bodyOf(subject, making);
  if (subject !== "customers") return addRow(erp, subject, body ?? {});
  const { text } = await ask(`${erp.url}/api/customers`, { method: "POST", json: body });
  return (JSON.parse(text) as { customer_id: number }).customer_id;
}
