import fc from "fast-check";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { ERP_MODES, erpErrorSchema, switchAnswerSchema } from "../../erp-stub/contract.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch, getUsages, listUsages } from "../support/erp-calls.ts";
import { countRows, openErp } from "../support/erp-system.ts";

const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };

describe("who may call", () => {
  test("an address outside the allow-list is refused before anything else", async () => {
    await using erp = await openErp({ allow: ["10.1.2.0/24", "::1"] });
    for (const headers of [{}, { accept: "text/html" }]) {
      const { status, body } = await callSwitch(erp, CHECKIN, headers);
      expect([status, body]).toEqual([
        403,
        { error: "127.0.0.1 may not call this address: add it in the settings or to ERP_ALLOW." },
      ]);
    }
    expect(await listUsages(erp)).toEqual([]);
  });

  test("what a forwarding header says counts only from a proxy that is named", async () => {
    const allow = ["127.0.0.1", "10.1.2.0/24"];
    const sentence = "127.0.0.1 forwarded this call for somebody else: name it in ERP_PROXIES to believe it.";
    await using erp = await openErp({ allow });
    for (const name of ["x-forwarded-for", "forwarded", "via", "x-real-ip"]) {
      const { status, body } = await callSwitch(erp, CHECKIN, { [name]: "10.1.2.3" });
      expect([name, status, body]).toEqual([name, 403, { error: sentence }]);
    }
    expect(await listUsages(erp)).toEqual([]);

    await using behind = await openErp({ allow: ["10.1.2.0/24"], proxies: ["127.0.0.1", "10.0.0.2"] });
    const from = (chain: string) => callSwitch(behind, CHECKIN, { "x-forwarded-for": chain });
    const calls = await Promise.all(["10.1.2.3", "8.8.8.8, 10.1.2.3, 10.0.0.2", "10.1.2.3, 8.8.8.8", "x"].map(from));
    expect(calls.map(({ status }) => status)).toEqual([200, 200, 403, 403]);
    expect(calls.at(2)?.body).toEqual({
      error: "8.8.8.8 may not call this address: add it in the settings or to ERP_ALLOW.",
    });
    expect(await listUsages(behind)).toHaveLength(2);
  });

  test.each<[string, Record<string, string>]>([
    ["an origin", { origin: "null" }],
    ["a fetch site", { "sec-fetch-site": "none" }],
    ["a purpose", { "sec-purpose": "prefetch;prerender" }],
    ["an old purpose", { purpose: "Prefetch" }],
    ["a wish for a page", { accept: "text/html,application/xhtml+xml" }],
    ["a wish for an image", { accept: "IMAGE/avif,*/*" }],
  ])("a browser that sends %s is refused", async (_, headers) => {
    await using erp = await openErp();
    const { statusCode, body } = await request(`${erp.url}/device/switch?serial=nobody`, { headers });
    const error = "Every call of this address writes, so it refuses browsers: send it with curl or a program.";
    expect([statusCode, await body.json()]).toEqual([403, { error }]);
    expect(countRows(erp.file, "device_usages")).toBe(0);
  });

  test("a program that sends no more than a fetch mode is served", async () => {
    await using erp = await openErp();
    const headers = { "sec-fetch-mode": "cors", accept: "*/*" };
    expect((await callSwitch(erp, CHECKIN, headers)).status).toBe(200);
  });

  test("another host name is refused in the shape of the address that it asked for", async () => {
    await using erp = await openErp();
    const detail = "This server does not answer to that host name.";
    const asOther = { headers: { host: "erp.example" } };
    const switched = await request(`${erp.url}/device/switch?${new URLSearchParams(CHECKIN).toString()}`, asOther);
    expect([switched.statusCode, await switched.body.json()]).toEqual([403, { error: detail }]);
    const listed = await request(`${erp.url}/api/device-usages`, asOther);
    expect([listed.statusCode, await listed.body.json()]).toEqual([
      403,
      { type: "about:blank", title: "Not allowed", status: 403, detail },
    ]);
    expect(await listUsages(erp)).toEqual([]);
  });

  test("only GET switches", async () => {
    await using erp = await openErp();
    for (const method of ["HEAD", "OPTIONS", "POST", "PUT", "DELETE"] as const) {
      const response = await fetch(`${erp.url}/device/switch?${new URLSearchParams(CHECKIN).toString()}`, { method });
      const error = "This address exists, but not for that method.";
      expect([method, response.status, response.headers.get("allow")]).toEqual([method, 405, "GET"]);
      expect(await response.text()).toBe(method === "HEAD" ? "" : JSON.stringify({ error }));
    }
    expect(await listUsages(erp)).toEqual([]);
  });

  test("an unknown address answers a problem, and the server goes on", async () => {
    await using erp = await openErp();
    const response = await fetch(`${erp.url}/device/switches`);
    expect(await response.json()).toMatchObject({ status: 404, detail: "There is nothing at this address." });
    const nearby = await fetch(`${erp.url}/device/switch/`);
    expect([nearby.status, await nearby.json()]).toEqual([404, { error: "There is nothing at this address." }]);
    expect((await callSwitch(erp, CHECKIN)).status).toBe(200);
  });
});

describe("whatever comes", () => {
  const value = fc.oneof(
    fc.constantFrom(
      SERIAL,
      "dev-0001",
      "checkin",
      "checkout",
      "timein",
      "timeout",
      "wood",
      "AIR",
      "08:00:00",
      "09:00:00",
    ),
    fc.string({ unit: "binary", maxLength: 40 }),
  );
  const field = fc.oneof(fc.constantFrom("serial", "status", "scent", "start_time", "end_time", "submit"), fc.string());
  const likely = fc.record({ serial: fc.constant(SERIAL), status: value, scent: fc.constantFrom("wood", "x") });
  const query = fc.oneof(
    fc.array(fc.tuple(field, value), { maxLength: 8 }).map((pairs) => new URLSearchParams(pairs).toString()),
    likely.map((fields) => new URLSearchParams(fields).toString()),
    fc.webQueryParameters(),
  );
  const key = fc.option(fc.oneof(fc.constantFrom("a", "b"), fc.stringMatching(/^[!-~]{1,70}$/)), { nil: undefined });

  test.each(ERP_MODES)(
    "in %s mode a call is done or refused in the documented shape, and only a done one writes more than its journal",
    async (mode) => {
      await using erp = await openErp({ mode });
      const executed = () => countRows(erp.file, "calls WHERE outcome = 'executed'");
      let calls = 0;
      const call = fc.asyncProperty(query, key, async (search, idempotencyKey) => {
        calls += 1;
        const before = executed();
        const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
        const { status, headers: answered, body } = await callSwitch(erp, search, headers);
        const written = executed() - before;
        if (status === 200) {
          switchAnswerSchema.strict().parse(body);
          expect(written).toBe(answered.has("idempotency-replayed") ? 0 : 1);
        } else {
          expect([409, 422]).toContain(status);
          erpErrorSchema.strict().parse(body);
          expect(written).toBe(0);
        }
      });
      await fc.assert(call, { numRuns: 300 });
      await erp.restart();
      expect(countRows(erp.file, "calls")).toBe(calls);
    },
  );

  test("in the list of usages no query fails", async () => {
    await using erp = await openErp();
    const filter = fc.oneof(fc.constantFrom("ref", "serial", "from", "to", "limit"), fc.string());
    const text = fc.oneof(value, fc.constantFrom("2026-01-01T00:00:00Z", "9999-12-31T23:59:59-01:00", "1", "-1"));
    const call = fc.asyncProperty(fc.array(fc.tuple(filter, text), { maxLength: 5 }), async (pairs) => {
      const { status } = await getUsages(erp, new URLSearchParams(pairs).toString());
      expect([200, 422]).toContain(status);
    });
    await fc.assert(call, { numRuns: 200 });
  });
});
