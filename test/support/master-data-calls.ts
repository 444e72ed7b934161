import Database from "better-sqlite3";
import { expect } from "vitest";
import { PARTS } from "../../erp-stub/master-data.ts";
import type { ImportCounts, MasterData, MasterDataRow } from "../../erp-stub/master-data-contract.ts";
import type { ErpAddress } from "./erp-calls.ts";

type Erp = ErpAddress & { file: string };

type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

/** Asks as a program with the key. */
export const ask = (erp: ErpAddress, path: string, init: Init = {}) =>
  fetch(`${erp.url}${path}`, { ...init, headers: { authorization: `Bearer ${erp.apiKey}`, ...init.headers } });

export const exported = async (erp: ErpAddress) => (await (await ask(erp, "/api/master-data")).json()) as MasterData;
export const csvOf = async (erp: ErpAddress, resource: string) =>
  (await ask(erp, `/api/master-data/${resource}.csv`)).text();

export const postJson = (erp: ErpAddress, document: unknown, query = "") =>
  ask(erp, `/api/master-data${query}`, { method: "POST", body: JSON.stringify(document) });
/** @param path the resource's, and a query if wanted */
export const postCsv = (erp: ErpAddress, path: string, body: string) =>
  ask(erp, `/api/master-data/${path}`, { method: "POST", body, headers: { "content-type": "text/csv" } });

/** What an import that was taken says of it. */
export async function taken(answer: Response): Promise<ImportCounts> {
  const body = (await answer.json()) as ImportCounts;
  expect([answer.status, body]).toEqual([200, expect.anything()]);
  return body;
}

/** What was wrong, by part, row and column. */
export async function refused(answer: Response, status = 422): Promise<Record<string, string[]>> {
  expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
  return ((await answer.json()) as { errors: Record<string, string[]> }).errors;
}

/** All that is kept. */
export function dumpOf({ file }: Erp): string {
  const db = new Database(file, { readonly: true });
  const tables = [...PARTS.map(({ part }) => part as string), "audit"];
  const dump = tables.map((table) => db.prepare(`SELECT * FROM ${table}`).all());
  db.close();
  return JSON.stringify(dump);
}

export const SEA = { name: "Sea Hotels" };
export const client = (more: MasterDataRow = {}): MasterDataRow => ({
  corporation: "Sea Hotels",
  name: "Harbour View",
  client_type: "hotel",
  timezone: "Asia/Hong_Kong",
  charge_rate_cents: 2_500,
  charge_unit: "hourly",
  ...more,
});

/** A hotel of so many rooms, each with a device. */
export function hotel(rooms: number) {
  const names = Array.from({ length: rooms }, (_, at) => String(at + 1));
  const where = { corporation: "Sea Hotels", client: "Harbour View" };
  const installed_at = "2026-01-01T00:00:00.000Z";
  return {
    corporations: [SEA],
    clients: [client()],
    device_types: [{ code: "app2x", name: "Aroma Pod" }],
    rooms: names.map((name) => ({ ...where, name })),
    devices: names.map((name) => ({ device_type: "app2x", serial: `S-${name}` })),
    device_setups: names.map((room) => ({ serial: `S-${room}`, ...where, room, installed_at, ended_at: null })),
  };
}
