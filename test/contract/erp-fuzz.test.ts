import fc from "fast-check";
import { request } from "undici";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ERP_MODES, erpErrorSchema } from "../../erp-stub/contract.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch, getUsages } from "../support/erp-calls.ts";
import { countRows, openErp } from "../support/erp-system.ts";
import { anyHeaders, anyLine, anyPath, anyText, anyWord, requestsTo } from "../support/fuzz-requests.ts";
import { sendRaw } from "../support/raw-http.ts";

/** The time holds for the search of a smaller example too. */
const EFFORT = { numRuns: 1_500, interruptAfterTimeLimit: 20_000 };
const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] as const;

const field = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("serial", "status", "scent", "start_time", "end_time", "submit") },
  fc.constantFrom("ref", "from", "to", "limit", "serial[]", "__proto__"),
  anyWord,
);
const value = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(SERIAL, "dev-0001", "checkin", "checkout", "timein", "timeout", "wood") },
  fc.constantFrom("08:00:00", "12:00:00", "24:00:00", "2026-01-01T00:00:00Z", "-1", "1e9"),
  anyWord,
);
const pairs = fc
  .array(fc.tuple(field, value), { maxLength: 7 })
  .map((list) => list.map((pair) => pair.join("=")).join("&"));
const likely = fc.constantFrom("checkin", "checkout", "timein", "timeout").map((status) => {
  return `serial=${SERIAL}&status=${status}&scent=wood`;
});
const query = fc.oneof(
  likely,
  pairs,
  fc.tuple(likely, pairs).map((parts) => parts.join("&")),
  anyWord,
);

/** What the client of a test is ready to send as a header. */
const headerValue = anyText.map((text) => text.replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, "_").trim());

const address = fc.oneof(fc.ipV4(), fc.ipV6(), fc.constantFrom("127.0.0.1", "::1", "unknown", ""), anyLine);
const chain = fc.array(address, { maxLength: 4 }).map((hops) => hops.join(", "));
const ownHeader = fc.oneof(
  fc.oneof(fc.constantFrom("a", "b"), anyLine).map((key) => ["idempotency-key", key] as const),
  chain.map((hops) => ["x-forwarded-for", hops] as const),
  anyLine.map((line) => ["accept", line] as const),
);
const headers = fc
  .tuple(fc.array(ownHeader, { maxLength: 2 }), fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, anyHeaders))
  .map((lists) => lists.flat());

const path = fc.oneof(
  { weight: 5, arbitrary: fc.constantFrom("/device/switch", "/api/customers") },
  fc.constantFrom("/device/switch/", "//device/switch", "/device//switch", "/Device/Switch", "/device/%73witch"),
  fc.constantFrom("/api/device-usages", "/api/faults", "/api/faults/1", "/metrics"),
  anyPath,
);
const target = fc.tuple(path, query).map((parts) => parts.join("?"));

describe.for(
  ERP_MODES.flatMap((mode) => [
    { mode, proxies: [] },
    { mode, proxies: ["127.0.0.1"] },
  ]),
)("in $mode mode with the proxies $proxies", (settings) => {
  let erp: Awaited<ReturnType<typeof openErp>>;
  beforeAll(async () => {
    erp = await openErp({ ...settings, allow: ["127.0.0.1", "::1", "8.0.0.0/6"] });
  });
  afterAll(() => erp.close());

  test("whatever is asked is answered without a failure, and others are served after it", {
    timeout: 60_000,
  }, async () => {
    const property = fc.asyncProperty(requestsTo(target, headers), async (asked) => {
      const status = await sendRaw(erp.url, asked);
      if (status < 100 || status >= 500) throw new Error(`Answered with ${String(status)}.`);
    });
    await fc.assert(property, EFFORT);
    expect((await callSwitch(erp, { serial: SERIAL, status: "checkin", scent: "wood" })).status).toBe(200);
    expect((await fetch(`${erp.url}/readyz`)).status).toBe(200);
    expect((await getUsages(erp, "")).status).toBe(200);
    await erp.restart();
    expect(countRows(erp.file, "requests WHERE length(request) > 2020 OR length(answer) > 1000")).toBe(0);
    expect(countRows(erp.file, "requests WHERE outcome <> 'executed' AND usage_id IS NOT NULL")).toBe(0);
  });

  test("whatever is wrong with a call, it is told in the documented shape", { timeout: 60_000 }, async () => {
    const words = fc.record({ method: fc.constantFrom(...METHODS), query, key: headerValue, chain: headerValue });
    const property = fc.asyncProperty(
      words,
      fc.boolean(),
      async ({ method, query: search, key, chain: hops }, isForwarded) => {
        const sent = { "idempotency-key": key, ...(isForwarded ? { "x-forwarded-for": hops } : {}) };
        const url = `${erp.url}/device/switch?${encodeURI(search.toWellFormed()).slice(0, 8_000)}`;
        const { statusCode, body } = await request(url, { method, headers: sent });
        const text = await body.text();
        expect(statusCode).toBeLessThan(500);
        if (statusCode >= 400 && method !== "HEAD" && statusCode !== 431)
          erpErrorSchema.strict().parse(JSON.parse(text));
      },
    );
    await fc.assert(property, EFFORT);
  });
});

test("control: an ERP that fails is found", async () => {
  await using erp = await openErp();
  const fault = { kind: "error-before", endpoint: "switch", times: null };
  const authorization = `Bearer ${erp.apiKey}`;
  await fetch(`${erp.url}/api/faults`, { method: "POST", headers: { authorization }, body: JSON.stringify(fault) });
  const property = fc.asyncProperty(requestsTo(target, fc.constant([])), async (asked) => {
    expect(await sendRaw(erp.url, asked)).toBeLessThan(500);
  });
  const found = await fc.check(property, EFFORT);
  expect(found.counterexample?.[0]).toMatchObject({
    method: "GET",
    target: expect.stringMatching(/^\/device\/(s|%73)witch/),
  });
});

test("the journal bears whatever text comes as a key", async () => {
  await using erp = await openErp({ mode: "legacy" });
  const property = fc.asyncProperty(headerValue, async (key) => {
    const { status } = await callSwitch(erp, "serial=x", { "idempotency-key": key });
    expect(status).toBe(422);
  });
  await fc.assert(property, { numRuns: 100 });
  await erp.restart();
  expect(countRows(erp.file, "requests WHERE length(ref) > 200")).toBe(0);
});
