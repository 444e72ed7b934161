import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { expect } from "vitest";
import { guardRoutes } from "../../erp-stub/access.ts";
import { DEMO_DATA } from "../../erp-stub/demo.ts";
import { problemWithFields } from "../../erp-stub/field-errors.ts";
import { createFrames } from "../../erp-stub/frame.ts";
import { PARTS } from "../../erp-stub/master-data.ts";
import type { ImportCounts, MasterData, MasterDataRow } from "../../erp-stub/master-data-contract.ts";
import { masterDataPages } from "../../erp-stub/master-data-pages.ts";
import { masterDataRoutes } from "../../erp-stub/master-data-routes.ts";
import { resourceRoutes } from "../../erp-stub/resource-routes.ts";
import { createSessions } from "../../erp-stub/sessions.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { type Clock, isoTime, systemClock } from "../../plumbing/clock.ts";
import { startHttp } from "../../plumbing/http.ts";
import { createLog } from "../../plumbing/log.ts";
import { hashSecret } from "../../plumbing/secret.ts";

const KEY = "erp-key-of-the-tests-0123456789abcdef";

export async function openErp({ seed = "demo", clock = systemClock }: { seed?: "demo" | "empty"; clock?: Clock } = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), "erp-"));
  const file = join(dataDir, "erp.sqlite");
  const store = openErpStore(file);
  if (seed === "demo") await store.seed(DEMO_DATA, isoTime(clock.now()));
  await store.users.addFirstAdmin({ name: "Ada", email: "ada@hotel.example", hash: "x" }, isoTime(clock.now()));
  const until = isoTime(clock.now() + 3_600_000);
  await store.sessions.begin({ tokenHash: hashSecret("session"), userId: 1, until }, isoTime(clock.now()));
  const sessions = createSessions({ store: store.sessions, clock, publicUrl: undefined });
  const { operations } = store;
  const shared = { operations, clock, frameFor: createFrames({ css: "/x.css", sessions }) };
  const routes = [...masterDataRoutes(shared), ...masterDataPages(shared), ...resourceRoutes(shared)];
  const http = await startHttp({
    host: "127.0.0.1",
    port: 0,
    portSetting: "none",
    log: createLog("silent"),
    formatError: problemWithFields,
    routes: guardRoutes(routes, { sessions, keys: store.keys, apiKey: KEY }),
  });
  return {
    url: http.url,
    apiKey: KEY,
    file,
    cookie: "__Host-katlai-user=session",
    async [Symbol.asyncDispose]() {
      await http.close();
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

export type Erp = { url: string; apiKey: string; file: string; cookie: string };

type Init = Omit<RequestInit, "headers"> & { headers?: Record<string, string> };

/** Asks as a program with the key. */
export const ask = (erp: Erp, path: string, init: Init = {}) =>
  fetch(`${erp.url}${path}`, { ...init, headers: { authorization: `Bearer ${erp.apiKey}`, ...init.headers } });

export const exported = async (erp: Erp) => (await (await ask(erp, "/api/master-data")).json()) as MasterData;
export const csvOf = async (erp: Erp, resource: string) => (await ask(erp, `/api/master-data/${resource}.csv`)).text();

export const postJson = (erp: Erp, document: unknown, query = "") =>
  ask(erp, `/api/master-data${query}`, { method: "POST", body: JSON.stringify(document) });
/** @param path the resource's, and a query if wanted */
export const postCsv = (erp: Erp, path: string, body: string) =>
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
