import Database from "better-sqlite3";
import fc from "fast-check";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import { ERP_MODES, erpErrorSchema, switchAnswerSchema } from "../../erp-stub/contract.ts";
import { callSwitch, callWithRef, getUsages, listUsages } from "../support/erp-client.ts";
import { openErp } from "../support/erp-system.ts";
import { erpContract } from "./erp-contract.ts";

const SERIAL = "HKAP0100000001";
const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };
const NOON = Date.parse("2026-03-01T12:00:00.000Z");
const noonClock = { now: () => NOON, sleep: () => Promise.resolve() };

for (const mode of ERP_MODES) erpContract(`The bundled ERP in ${mode} mode`, () => openErp({ mode }));

function countRows(file: string, table: string): number {
  const db = new Database(file, { readonly: true });
  const count = db.prepare(`SELECT count(*) FROM ${table}`).pluck().get() as number;
  db.close();
  return count;
}

describe("what is kept", () => {
  test("the answer, the usage and the journal carry the server's time", async () => {
    await using erp = await openErp({ clock: noonClock });
    const { ref, body } = await callWithRef(erp, CHECKIN);
    const timestamp = "2026-03-01T12:00:00.000Z";
    expect(body).toEqual({ message: "Device check-in successful", serial: SERIAL, status: "checkin", timestamp });
    expect(await listUsages(erp)).toMatchObject([{ checkinAt: timestamp, room: "Room 101" }]);

    const db = new Database(erp.file, { readonly: true });
    expect(db.prepare("SELECT at, request, ref, usage_id, status_code, answer FROM requests").all()).toEqual([
      {
        at: timestamp,
        request: `GET /device/switch?serial=${SERIAL}&status=checkin&scent=wood`,
        ref,
        usage_id: 1,
        status_code: 200,
        answer: JSON.stringify(body),
      },
    ]);
    db.close();
  });

  test("neither a refused nor a replayed call leaves a row", async () => {
    await using erp = await openErp();
    const { ref } = await callWithRef(erp, CHECKIN);
    await callSwitch(erp, CHECKIN, { "idempotency-key": ref });
    await callSwitch(erp, { ...CHECKIN, scent: "rose" });
    await callSwitch(erp, { serial: "dev-0001", status: "checkout" });
    expect(countRows(erp.file, "requests")).toBe(1);
    expect(countRows(erp.file, "device_usages")).toBe(1);
  });

  test("a restart keeps usages and keys and adds no second demo hotel", async () => {
    await using erp = await openErp();
    const first = await callWithRef(erp, CHECKIN);
    const before = await listUsages(erp);
    const tables = [
      "corporations",
      "clients",
      "rooms",
      "device_types",
      "devices",
      "device_setups",
      "scents",
      "schedules",
    ];
    const rows = tables.map((table) => countRows(erp.file, table));
    await erp.restart();

    expect(await listUsages(erp)).toEqual(before);
    expect(tables.map((table) => countRows(erp.file, table))).toEqual(rows);
    const again = await callSwitch(erp, CHECKIN, { "idempotency-key": first.ref });
    expect([again.headers.get("idempotency-replayed"), again.body]).toEqual(["true", first.body]);
    expect(await listUsages(erp)).toEqual(before);
  });

  test("what people changed in the demo hotel stays changed after a restart", async () => {
    await using erp = await openErp();
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.exec(
        "UPDATE clients SET name = 'Peak Hotel'; DELETE FROM schedules; UPDATE scents SET code = 'cedar' WHERE id = 2",
      );
      db.close();
    });
    expect(["clients", "rooms", "schedules", "scents"].map((table) => countRows(erp.file, table))).toEqual([
      1, 2, 0, 4,
    ]);
    expect((await callSwitch(erp, { ...CHECKIN, scent: "cedar" })).status).toBe(200);
  });

  test("a device that was taken out of its room stays out and cannot be switched, yet its old answers are replayed", async () => {
    await using erp = await openErp();
    const first = await callWithRef(erp, CHECKIN);
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.exec("UPDATE device_setups SET ended_at = '2026-03-01T12:00:00.000Z'");
      db.close();
    });
    const details = { serial: ["The selected serial is not set up in a room."] };
    expect(await callSwitch(erp, CHECKIN)).toMatchObject({
      status: 422,
      body: { error: "Validation failed", details },
    });
    expect((await callSwitch(erp, CHECKIN, { "idempotency-key": first.ref })).body).toEqual(first.body);
  });

  test("an empty ERP knows no device", async () => {
    await using erp = await openErp({ seed: "empty" });
    const details = { serial: ["The selected serial is invalid."], scent: ["The selected scent is invalid."] };
    expect((await callSwitch(erp, CHECKIN)).body).toEqual({ error: "Validation failed", details });
    expect(await listUsages(erp)).toEqual([]);
  });
});

describe("many calls at once", () => {
  test("100 check-ins open 100 usages, and a check-out closes exactly the newest", async () => {
    await using erp = await openErp();
    const calls = await Promise.all(Array.from({ length: 100 }, () => callSwitch(erp, CHECKIN)));
    expect(calls.every(({ status }) => status === 200)).toBe(true);
    expect(await listUsages(erp)).toHaveLength(100);

    await callSwitch(erp, { serial: SERIAL, status: "checkout" });
    const [newest, ...older] = await listUsages(erp);
    expect(newest).toMatchObject({ id: 100, status: "checkout" });
    expect(older.filter(({ checkoutAt }) => checkoutAt !== null)).toEqual([]);
  });

  test("50 check-ins under one key open one usage and get one answer", async () => {
    await using erp = await openErp();
    const headers = { "idempotency-key": "the-same" };
    const calls = await Promise.all(Array.from({ length: 50 }, () => callSwitch(erp, CHECKIN, headers)));
    expect(new Set(calls.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(calls.filter((call) => call.headers.get("idempotency-replayed") === "true")).toHaveLength(49);
    expect(await listUsages(erp)).toHaveLength(1);
  });

  test("of 20 check-outs of one usage one succeeds", async () => {
    await using erp = await openErp();
    await callSwitch(erp, CHECKIN);
    const checkout = { serial: SERIAL, status: "checkout" };
    const calls = await Promise.all(Array.from({ length: 20 }, () => callSwitch(erp, checkout)));
    expect(calls.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(calls.filter(({ status }) => status === 409)).toHaveLength(19);
  });
});

describe("who may call", () => {
  test("an address outside the allow-list is refused before anything else, forwarded or not", async () => {
    await using erp = await openErp({ allow: ["10.1.2.0/24", "::1"] });
    for (const headers of [{}, { "x-forwarded-for": "10.1.2.3" }, { accept: "text/html" }]) {
      const { status, body } = await callSwitch(erp, CHECKIN, headers);
      expect([status, body]).toEqual([403, { error: "127.0.0.1 may not call this address: add it to ERP_ALLOW." }]);
    }
    expect(await listUsages(erp)).toEqual([]);
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
    const response = await fetch(`${erp.url}/device/switch/`);
    expect(await response.json()).toMatchObject({ status: 404, detail: "There is nothing at this address." });
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
    "in %s mode a call is done or refused in the documented shape, and only a done one writes",
    async (mode) => {
      await using erp = await openErp({ mode });
      const call = fc.asyncProperty(query, key, async (search, idempotencyKey) => {
        const before = countRows(erp.file, "requests");
        const headers = idempotencyKey === undefined ? {} : { "idempotency-key": idempotencyKey };
        const { status, headers: answered, body } = await callSwitch(erp, search, headers);
        const written = countRows(erp.file, "requests") - before;
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

test("health and figures are told", async () => {
  await using erp = await openErp();
  await callSwitch(erp, CHECKIN);
  const get = async (path: string) => (await fetch(erp.url + path)).text();
  expect(await get("/livez")).toBe("ok\n");
  expect(await get("/readyz?verbose")).toBe("[+]store ok\nok\n");
  const metrics = await get("/metrics");
  expect(metrics).toContain('erp_usages{status="checkin"} 1\n');
  expect(metrics).toContain('erp_usages{status="checkout"} 0\n');
  expect(metrics).toContain('erp_requests{code="200"} 1\n');
});
