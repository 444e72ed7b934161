import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { faultListSchema, faultSchema, type NewFault } from "../../erp-stub/fault-contract.ts";
import { createFaults, MAX_FAULTS } from "../../erp-stub/faults.ts";
import { systemClock } from "../../plumbing/clock.ts";
import { type Route, startHttp } from "../../plumbing/http.ts";
import { json } from "../../plumbing/http-reply.ts";
import { createLog } from "../../plumbing/log.ts";
import { startErpPart } from "../../scripts/parts.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch, callWithRef, listUsages } from "../support/erp-calls.ts";
import { openErp } from "../support/erp-system.ts";
import { UNSET } from "../support/unset.ts";

const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };
const FAILURE = { error: "Something went wrong here, as it was told to." };

type Erp = Awaited<ReturnType<typeof openErp>>;
let erp: Erp;
beforeEach(async () => {
  erp = await openErp();
});
afterEach(() => erp.close());

/** Asks the fault API as the staff does. */
function ask(method: string, path = "", body?: unknown) {
  const headers = { authorization: `Bearer ${erp.apiKey}`, "content-type": "application/json" };
  const payload = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${erp.url}/api/faults${path}`, { method, headers, ...payload });
}

async function order(fault: Partial<NewFault>) {
  const response = await ask("POST", "", fault);
  expect(response.status).toBe(201);
  return faultSchema.parse(await response.json());
}

const listed = async () => faultListSchema.parse(await (await ask("GET")).json()).data;
const usages = async () => (await listUsages(erp)).length;

async function timed<T>(act: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const began = performance.now();
  const value = await act();
  return { ms: performance.now() - began, value };
}

describe("a fault acts on the next call, and then no more", () => {
  afterEach(async () => {
    expect(await listed()).toEqual([]);
    expect((await callSwitch(erp, CHECKIN)).status).toBe(200);
  });

  test("latency: the answer comes later, and the call was carried out before", async () => {
    await order({ kind: "latency", ms: 1_000 });
    const { ms, value } = await timed(async () => {
      const call = callSwitch(erp, CHECKIN);
      await expect.poll(usages, { timeout: 900 }).toBe(1);
      return call;
    });
    expect(value.status).toBe(200);
    expect(ms).toBeGreaterThan(990);
  });

  test("error-before: 500, and nothing is written but the journal", async () => {
    await order({ kind: "error-before" });
    const { status, body, ref } = await callWithRef(erp, CHECKIN);
    expect([status, body, await usages()]).toEqual([500, FAILURE, 0]);
    expect((await callSwitch(erp, CHECKIN, { "idempotency-key": ref })).headers.get("idempotency-replayed")).toBeNull();
  });

  test("error-after: written, then 500", async () => {
    await order({ kind: "error-after" });
    const { status, body, ref } = await callWithRef(erp, CHECKIN);
    expect([status, body, await usages()]).toEqual([500, FAILURE, 1]);
    const again = await callSwitch(erp, CHECKIN, { "idempotency-key": ref });
    expect([again.status, again.headers.get("idempotency-replayed"), await usages()]).toEqual([200, "true", 1]);
  });

  test("cut: written, and the connection ends without an answer", async () => {
    await order({ kind: "cut" });
    await expect(callSwitch(erp, CHECKIN)).rejects.toThrow("fetch failed");
    expect(await usages()).toBe(1);
  });

  test("duplicate: carried out twice, unless a key tells that it is the same call", async () => {
    await order({ kind: "duplicate" });
    expect((await callSwitch(erp, CHECKIN)).status).toBe(200);
    expect(await usages()).toBe(2);
    await order({ kind: "duplicate" });
    const { headers } = await callWithRef(erp, CHECKIN);
    expect([headers.get("idempotency-replayed"), await usages()]).toEqual(["true", 3]);
  });

  test("slow: the answer comes in pieces", async () => {
    await order({ kind: "slow", ms: 1_000 });
    const { ms: firstMs, value: response } = await timed(() =>
      fetch(`${erp.url}/device/switch?${new URLSearchParams(CHECKIN).toString()}`),
    );
    const { ms, value } = await timed(() => response.json());
    expect([response.status, value]).toMatchObject([200, { serial: SERIAL }]);
    expect(firstMs).toBeLessThan(500);
    expect(ms).toBeGreaterThan(500);
  });

  test("wrong-body: written, and the answer is a page", async () => {
    await order({ kind: "wrong-body" });
    const response = await fetch(`${erp.url}/device/switch?${new URLSearchParams(CHECKIN).toString()}`);
    expect([response.status, response.headers.get("content-type")]).toEqual([200, "text/html; charset=utf-8"]);
    expect(await response.text()).toMatch(/^<!doctype html>/);
    expect(await usages()).toBe(1);
  });
});

test("a call that is carried out twice has its body twice", async () => {
  const faults = createFaults(systemClock);
  faults.add({ kind: "duplicate", endpoint: "customers", times: 1 });
  const bodies: unknown[] = [];
  const handle = faults.withFaults(async (request) => {
    bodies.push(await request.text(100));
    return json({ of: bodies.length });
  }, "customers");
  const routes: Route[] = [{ method: "POST", path: "/", handle }];
  const server = await startHttp({ host: "127.0.0.1", port: 0, portSetting: "", log: createLog("silent"), routes });
  const post = (body: string) => fetch(server.url, { method: "POST", body });
  expect(await (await post("one")).json()).toEqual({ of: 2 });
  expect(await (await post("two")).json()).toEqual({ of: 3 });
  await server.close();
  expect(bodies).toEqual(["one", "one", "two"]);
});

describe("which calls a fault concerns", () => {
  test("as many as were ordered, the oldest fault first, and those of its endpoint only", async () => {
    await order({ kind: "error-before", endpoint: "customers" });
    await order({ kind: "error-before", endpoint: "switch", times: 2 });
    await order({ kind: "wrong-body", endpoint: "both" });
    const statuses: unknown[] = [];
    for (let call = 0; call < 4; call += 1) {
      const response = await fetch(`${erp.url}/device/switch?${new URLSearchParams(CHECKIN).toString()}`);
      statuses.push([response.status, response.headers.get("content-type")?.split(";")[0]]);
    }
    expect(statuses).toEqual([
      [500, "application/json"],
      [500, "application/json"],
      [200, "text/html"],
      [200, "application/json"],
    ]);
    expect(await listed()).toMatchObject([{ id: 1, endpoint: "customers", left: 1 }]);
  });

  test("all, until it is taken away", async () => {
    const { id, left } = await order({ kind: "error-before", times: null });
    expect(left).toBeNull();
    for (let call = 0; call < 5; call += 1) expect((await callSwitch(erp, CHECKIN)).status).toBe(500);
    expect((await ask("DELETE", `/${String(id)}`)).status).toBe(204);
    expect((await callSwitch(erp, CHECKIN)).status).toBe(200);
  });

  test("none of those who may not call", async () => {
    await order({ kind: "error-before" });
    expect((await callSwitch(erp, CHECKIN, { accept: "text/html" })).status).toBe(403);
    expect((await callSwitch(erp, CHECKIN)).status).toBe(500);
  });
});

describe("the list", () => {
  test("shows what was ordered, with what is left", async () => {
    await order({ kind: "latency", ms: 0, times: 3, endpoint: "switch" });
    await callSwitch(erp, CHECKIN);
    expect(await listed()).toEqual([{ id: 1, kind: "latency", ms: 0, times: 3, endpoint: "switch", left: 2 }]);
    expect((await ask("DELETE")).status).toBe(204);
    expect(await listed()).toEqual([]);
  });

  test("is full some time", async () => {
    for (let at = 0; at < MAX_FAULTS; at += 1) await order({ kind: "cut" });
    const refused = await ask("POST", "", { kind: "cut" });
    expect([refused.status, await refused.json()]).toMatchObject([
      409,
      { detail: expect.stringContaining("20 faults") },
    ]);
  });

  test.each<[fault: unknown, problem: RegExp]>([
    [{ kind: "fire" }, /^kind: /],
    [{ kind: "latency" }, /^ms: is needed for latency and slow/],
    [{ kind: "slow", ms: 60_001 }, /^ms: /],
    [{ kind: "slow", ms: 1.5 }, /^ms: /],
    [{ kind: "cut", times: 0 }, /^times: /],
    [{ kind: "cut", times: 1_001 }, /^times: /],
    [{ kind: "cut", endpoint: "usages" }, /^endpoint: /],
    [{ kind: "cut", when: "now" }, /when/],
    [undefined, /^The request: /],
    [[], /^The request: /],
  ])("refuses %j", async (fault, problem) => {
    const refused = await ask("POST", "", fault);
    expect([refused.status, await refused.json()]).toMatchObject([422, { detail: expect.stringMatching(problem) }]);
    expect(await listed()).toEqual([]);
  });

  test("knows no other fault", async () => {
    for (const id of ["1", "x", "1e3", "-1"]) expect((await ask("DELETE", `/${id}`)).status).toBe(404);
  });

  test.each(["GET", "POST", "DELETE"])("is nothing for strangers: %s", async (method) => {
    const body = method === "POST" ? { body: JSON.stringify({ kind: "cut" }) } : {};
    expect((await fetch(`${erp.url}/api/faults`, { method, ...body })).status).toBe(401);
    expect(await listed()).toEqual([]);
  });

  test("is not there where faults are switched off", async () => {
    await using real = await openErp({ faults: false });
    const headers = { authorization: `Bearer ${real.apiKey}` };
    for (const method of ["GET", "POST", "DELETE"]) {
      const body = method === "POST" ? { body: JSON.stringify({ kind: "cut" }) } : {};
      expect((await fetch(`${real.url}/api/faults`, { method, headers, ...body })).status).toBe(404);
    }
    expect((await callSwitch(real, CHECKIN)).status).toBe(200);
  });
});

test.for([
  ["production", 404],
  ["development", 401],
  ["", 401],
] as const)("with NODE_ENV=%s, who asks the kit's ERP for faults gets %i", async ([env, status]) => {
  vi.stubEnv("NODE_ENV", env);
  const dataDir = await mkdtemp(join(tmpdir(), "erp-part-"));
  const settings = loadSettings({ ...UNSET, DATA_DIR: dataDir, ERP_PORT: "0" });
  const part = await startErpPart({ settings, secrets: makeSecrets(dataDir, SERIAL), log: createLog("silent") });
  vi.unstubAllEnvs();
  expect((await fetch(`${part.url}/api/faults`)).status).toBe(status);
  await part.close();
  await rm(dataDir, { recursive: true });
});
