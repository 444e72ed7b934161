import Database from "better-sqlite3";
import { expect } from "vitest";
import { RESOURCE_NAMES, type ResourceName } from "../../erp-stub/resources.ts";
import type { ManualClock } from "./clock.ts";
import { callSwitch, type ErpAddress } from "./erp-calls.ts";
import { openErp } from "./erp-system.ts";

export type Row = { id: number } & Record<string, string | number | null>;
export type Body = Record<string, unknown>;
export type Answer = { status: number; headers: Headers; text: string; body: unknown };

type Init = { method?: string; body?: unknown; headers?: Record<string, string> };

/** Calls the ERP as a program with its key; a text is sent as it is, all else as JSON. */
export async function ask(erp: ErpAddress, path: string, init: Init = {}): Promise<Answer> {
  const { method = "GET", body, headers = {} } = init;
  const response = await fetch(erp.url + path, {
    method,
    headers: { authorization: `Bearer ${erp.apiKey}`, ...headers },
    ...(body !== undefined && { body: typeof body === "string" ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get("content-type") ?? "");
  return { status: response.status, headers: response.headers, text, body: isJson ? JSON.parse(text) : text };
}

export const post = (erp: ErpAddress, path: string, body: unknown) => ask(erp, path, { method: "POST", body });
export const patch = (erp: ErpAddress, path: string, body: unknown) => ask(erp, path, { method: "PATCH", body });
export const remove = (erp: ErpAddress, path: string, headers: Record<string, string> = {}) =>
  ask(erp, path, { method: "DELETE", headers });

export const listed = ({ body }: Answer) => body as { data: Row[]; total: number; page: number; pages: number };

/** Adds an entity, which has to succeed. */
export async function add(erp: ErpAddress, name: ResourceName | "device-usages", body: Body): Promise<Row> {
  const { status, body: row } = await post(erp, `/api/${name}`, body);
  expect([name, status, row]).toEqual([name, 201, expect.anything()]);
  return row as Row;
}

/** What was wrong, by field. */
export function errorsOf({ status, headers, body }: Answer): Record<string, string[]> {
  expect([status, headers.get("content-type"), body]).toEqual([
    422,
    "application/problem+json",
    expect.objectContaining({ type: "about:blank", title: "Not acceptable", status: 422 }),
  ]);
  return (body as { errors: Record<string, string[]> }).errors;
}

/** One body for each entity, in an order in which each finds what it refers to; in an empty ERP all get the id 1. */
export const BODIES: Record<ResourceName, Body> = {
  corporations: { name: "Sea Hotels" },
  clients: {
    corporation_id: 1,
    name: "Harbour View",
    client_type: "hotel",
    timezone: "Asia/Hong_Kong",
    charge_rate_cents: 2_500,
    charge_unit: "hourly",
  },
  users: { name: "Zoe", email: "zoe@hotel.example", role: "manager", client_id: 1 },
  "device-types": { code: "app2x", name: "Aroma Pod Pro 4 capsules" },
  rooms: { client_id: 1, name: "101" },
  devices: { device_type_id: 1, serial: "POD-1" },
  "device-setups": { device_id: 1, room_id: 1, installed_at: "2026-01-01T00:00:00.000Z", ended_at: null },
  scents: { code: "wood", name: "Wood" },
  schedules: { start_time: "08:00:00", end_time: "12:00:00" },
  payments: { client_id: 1, paid_on: "2026-01-31", amount_cents: 10_000, note: "January" },
  "api-keys": { name: "Night audit", role: "viewer", client_id: null },
};

/** An ERP with one of each entity, without the demo's. */
export async function openFurnished(options: Parameters<typeof openErp>[0] = {}) {
  const erp = await openErp({ seed: "empty", ...options });
  for (const name of RESOURCE_NAMES) await add(erp, name, BODIES[name]);
  return erp;
}

const CHECKIN = { serial: "POD-1", status: "checkin", scent: "wood", start_time: "08:00:00", end_time: "12:00:00" };

/** The same, with a usage that is open and in its first interval. */
export async function openUsed() {
  const erp = await openFurnished();
  expect((await callSwitch(erp, CHECKIN)).status).toBe(200);
  expect((await callSwitch(erp, { ...CHECKIN, status: "timein" })).status).toBe(200);
  return erp;
}

/** Sets a clock to a time, without any passing. */
export function setClock(clock: ManualClock, iso: string): void {
  clock.shift(Date.parse(iso) - clock.now());
}

/** All rows of a table as they are kept. */
export function rowsIn({ file }: { file: string }, table: string): Record<string, unknown>[] {
  const db = new Database(file, { readonly: true });
  const rows = db.prepare(`SELECT * FROM ${table}`).all() as Record<string, unknown>[];
  db.close();
  return rows;
}

/** The audit log, oldest first. */
export function auditOf(erp: { file: string }) {
  return rowsIn(erp, "audit").map(({ actor, action, resource, row_id, changes }) => {
    return { actor, action, resource, id: row_id, changes: JSON.parse(changes as string) as unknown };
  });
}
