/** Two clients in one ERP, with rows of everything, whose texts, amounts and times tell whose they are. */
import { expect } from "vitest";
import type { ErpAddress } from "./erp-calls.ts";
import { callApi } from "./erp-office.ts";

export type ClientName = "alpha" | "bravo";
/** A row of each subject; what belongs to nobody is the same for both. */
export type Ids = Record<string, number>;
export type TwoClients = Record<ClientName, Ids>;

type Sign = { word: string; cents: number; seconds: string };

/** What every row of a client is made of. */
export const SIGNS: Record<ClientName, Sign> = {
  alpha: { word: "alpha", cents: 31_313, seconds: "05:11" },
  bravo: { word: "bravo", cents: 45_454, seconds: "17:43" },
};

/** By what the rows of a client are recognised, in any notation. */
export const MARKS: Record<ClientName, RegExp> = { alpha: markOf(SIGNS.alpha), bravo: markOf(SIGNS.bravo) };

function markOf({ word, cents, seconds }: Sign): RegExp {
  return new RegExp(`${word}|${String(cents)}|${(cents / 100).toFixed(2)}|:${seconds}`, "i");
}

const INSTALLED = "2015-01-01T00:00:00.000Z";
const MOVED = "2026-02-10T00:00:00.000Z";
/** The number of the last time before a device moved. */
const BEFORE_MOVING = 19_460;
const HOUR_MS = 3_600_000;
/** Read by the clock of either client's time zone, no two are the same. */
const STEP_MS = 5 * HOUR_MS;

/** A time after the installation, another for each number up to 19,000; of the client by its minutes. */
export function timeOf(client: ClientName, number: number): string {
  const hour = new Date(Date.parse("2015-01-02T00:00:00Z") + number * STEP_MS).toISOString().slice(0, 13);
  return `${hour}:${SIGNS[client].seconds}.000Z`;
}

/** Adds a row as the kit itself. */
export async function addRow(erp: ErpAddress, subject: string, body: object): Promise<number> {
  const answer = await callApi(erp, `/${subject}`, { method: "POST", body });
  expect([subject, body, answer]).toMatchObject([subject, body, { status: 201 }]);
  return (answer.body as { id: number }).id;
}

/** @returns the ids of a row of each kind and each client */
export async function addTwoClients(erp: ErpAddress): Promise<TwoClients> {
  const shared = await addShared(erp);
  const [alpha, bravo] = [await addClient(erp, "alpha", shared), await addClient(erp, "bravo", shared)];
  await addMoved(erp, { alpha, bravo }, ["alpha", "bravo"]);
  await addMoved(erp, { alpha, bravo }, ["bravo", "alpha"]);
  return { alpha, bravo };
}

async function addShared(erp: ErpAddress): Promise<Ids> {
  const customer = await fetch(`${erp.url}/api/customers`, {
    method: "POST",
    body: JSON.stringify({ name: "A guest", email: "guest@example.com" }),
  });
  return {
    "device-types": await addRow(erp, "device-types", { code: "shared", name: "A shared type" }),
    scents: await addRow(erp, "scents", { code: "shared", name: "A shared scent" }),
    schedules: await addRow(erp, "schedules", { start_time: "08:00:00", end_time: "12:00:00" }),
    customers: ((await customer.json()) as { customer_id: number }).customer_id,
    journal: 1,
    settings: 1,
    faults: 1,
  };
}

async function addClient(erp: ErpAddress, client: ClientName, shared: Ids): Promise<Ids> {
  const { word, cents } = SIGNS[client];
  const ids: Ids = { ...shared };
  const add = async (subject: string, body: object) => {
    ids[subject] = await addRow(erp, subject, body);
  };
  await add("corporations", { name: `${word} corporation` });
  const terms = { client_type: "hotel", timezone: "Asia/Hong_Kong", charge_rate_cents: cents, charge_unit: "hourly" };
  await add("clients", { corporation_id: ids["corporations"], name: `${word} hotel`, ...terms });
  await add("rooms", { client_id: ids["clients"], name: `${word} room` });
  await add("devices", { device_type_id: shared["device-types"], serial: `${word}-1` });
  await add("device-setups", { device_id: ids["devices"], room_id: ids["rooms"], installed_at: INSTALLED });
  await add("payments", { client_id: ids["clients"], ...paymentOf(client) });
  await addUsages(erp, client, ids);
  await add("users", {
    name: `${word} user`,
    email: `user@${word}.example`,
    role: "viewer",
    client_id: ids["clients"],
  });
  await add("api-keys", { name: `${word} key`, role: "viewer", client_id: ids["clients"] });
  return ids;
}

export function paymentOf(client: ClientName) {
  const { word, cents } = SIGNS[client];
  return { paid_on: "2026-02-20", amount_cents: cents, note: `${word} note` };
}

/** One that the device reports under a key of the client, and one that a person enters, which is the row of its kind. */
async function addUsages(erp: ErpAddress, client: ClientName, ids: Ids): Promise<void> {
  const { word } = SIGNS[client];
  for (const status of ["checkin", "timein"]) {
    const headers = { "idempotency-key": `${word}-${status}` };
    const query = new URLSearchParams({ serial: `${word}-1`, status, scent: "shared" });
    expect((await fetch(`${erp.url}/device/switch?${query.toString()}`, { headers })).status).toBe(200);
  }
  ids["device-usages"] = await addRow(erp, "device-usages", usageOf(client, ids, 1));
}

export function usageOf(client: ClientName, ids: Ids, number: number) {
  const checkin = timeOf(client, number);
  const checkout = new Date(Date.parse(checkin) + HOUR_MS).toISOString();
  return { device_id: ids["devices"], scent_id: ids["scents"], checkin_at: checkin, checkout_at: checkout };
}

/** A device that stood with one client, where it was used last, and stands with the other now; both know its serial. */
async function addMoved(erp: ErpAddress, clients: TwoClients, [from, to]: readonly [ClientName, ClientName]) {
  const { "device-types": device_type_id, rooms: room_id } = clients[from];
  const device_id = await addRow(erp, "devices", { device_type_id, serial: `${from[0]}-to-${to[0]}` });
  await addRow(erp, "device-setups", { device_id, room_id, installed_at: INSTALLED, ended_at: MOVED });
  await addRow(erp, "device-usages", usageOf(from, { ...clients[from], devices: device_id }, BEFORE_MOVING));
  await addRow(erp, "device-setups", { device_id, room_id: clients[to]["rooms"], installed_at: MOVED });
}
