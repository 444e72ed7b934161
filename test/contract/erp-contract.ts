import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ErpMode, switchAnswerSchema } from "../../erp-stub/contract.ts";
import { callSwitch, callWithRef, type ErpAddress, getUsages, listUsages } from "../support/erp-client.ts";

type OpenErp = ErpAddress & { mode: ErpMode; close: () => Promise<void> };

const SERIAL = "HKAP0100000001";
const OTHER_SERIAL = "dev-0001";
const POC_QUERY = `serial=${SERIAL}&submit=&status=checkin&scent=wood`;
const DOCUMENTED_QUERY = `serial=${OTHER_SERIAL}&status=checkin&scent=wood&start_time=08:00:00&end_time=12:00:00`;
const NO_ACTIVE_USAGE = { error: "No active device usage for this device" };

/** What every Katlai ERP has to do that knows the two demo devices, told through HTTP alone. */
export function erpContract(name: string, open: () => Promise<OpenErp>): void {
  describe(name, () => {
    let erp: OpenErp;
    beforeAll(async () => {
      erp = await open();
    });
    afterAll(() => erp.close());

    switching(() => erp);
    validation(() => erp);
    references(() => erp);
    readingBack(() => erp);
  });
}

function switching(erp: () => OpenErp): void {
  test("the proof of concept's call answers with four fields and opens one usage", async () => {
    const called = Date.now();
    const { ref, status, headers, body } = await callWithRef(erp(), POC_QUERY);
    const { timestamp } = switchAnswerSchema.parse(body);

    expect(status).toBe(200);
    expect(headers.get("content-type")).toMatch(/^application\/json/);
    expect(body).toEqual({ message: "Device check-in successful", serial: SERIAL, status: "checkin", timestamp });
    expect(Math.abs(Date.parse(timestamp) - called)).toBeLessThan(2_000);
    expect(timestamp).toMatch(/\.\d{3}Z$/);
    expect(await listUsages(erp(), { ref })).toEqual([
      {
        id: expect.any(Number),
        ref,
        serial: SERIAL,
        status: "checkin",
        scent: "wood",
        room: expect.stringMatching(/./),
        source: "webhook",
        checkinAt: timestamp,
        timeinAt: null,
        timeoutAt: null,
        checkoutAt: null,
        startTime: null,
        endTime: null,
        request: `GET /device/switch?${POC_QUERY}`,
      },
    ]);
  });

  test("the documented example links its schedule and keeps the request byte for byte", async () => {
    const { ref, status } = await callWithRef(erp(), DOCUMENTED_QUERY);
    expect(status).toBe(200);
    expect(await listUsages(erp(), { ref })).toMatchObject([
      { startTime: "08:00:00", endTime: "12:00:00", request: `GET /device/switch?${DOCUMENTED_QUERY}` },
    ]);
  });

  test("a usage goes from check-in over time-in and time-out to check-out", async () => {
    const { ref } = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent: "fire" });
    for (const [status, message, field] of [
      ["timein", "Device time-in successful", "timeinAt"],
      ["timeout", "Device time-out successful", "timeoutAt"],
      ["checkout", "Device check-out successful", "checkoutAt"],
    ] as const) {
      const { body } = await callSwitch(erp(), { serial: SERIAL, status });
      const { timestamp } = switchAnswerSchema.parse(body);
      expect(body).toEqual({ message, serial: SERIAL, status, timestamp });
      expect(await listUsages(erp(), { ref })).toMatchObject([{ status, scent: "fire", [field]: timestamp }]);
    }
  });

  test("only the usage that was created last is changed, and only of that device", async () => {
    const older = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent: "air" });
    const newer = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent: "air" });
    const other = await callWithRef(erp(), { serial: OTHER_SERIAL, status: "checkin", scent: "air" });
    await callSwitch(erp(), { serial: SERIAL, status: "checkout" });

    expect(await listUsages(erp(), { ref: older.ref })).toMatchObject([{ status: "checkin", checkoutAt: null }]);
    expect(await listUsages(erp(), { ref: newer.ref })).toMatchObject([{ status: "checkout" }]);
    expect(await listUsages(erp(), { ref: other.ref })).toMatchObject([{ status: "checkin", checkoutAt: null }]);
  });

  test.each(["checkout", "timein", "timeout"])("%s without an active usage is a conflict", async (status) => {
    await callSwitch(erp(), { serial: SERIAL, status: "checkin", scent: "air" });
    await callSwitch(erp(), { serial: SERIAL, status: "checkout" });
    const before = await listUsages(erp(), { serial: SERIAL });

    const refused = await callSwitch(erp(), { serial: SERIAL, status });
    expect([refused.status, refused.body]).toEqual([409, NO_ACTIVE_USAGE]);
    expect(await listUsages(erp(), { serial: SERIAL })).toEqual(before);
  });

  test.each(["wood", "Wood", "WOOD"])("%s is the scent wood", async (scent) => {
    const { ref, status } = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent });
    expect(status).toBe(200);
    expect(await listUsages(erp(), { ref })).toMatchObject([{ scent: "wood" }]);
  });

  test("unknown and empty parameters count for nothing", async () => {
    const query = `${POC_QUERY}&submit=Go&start_time=&end_time=&ref=7&constructor=x`;
    const { ref, status } = await callWithRef(erp(), query);
    expect(status).toBe(200);
    expect(await listUsages(erp(), { ref })).toMatchObject([{ startTime: null, endTime: null }]);
  });
}

function validation(erp: () => OpenErp): void {
  const checkin = `serial=${SERIAL}&status=checkin&scent=wood`;
  const invalidSchedule = ["The selected schedule is invalid."];

  test.each<[string, Record<string, string[]>]>([
    ["", { serial: ["The serial field is required."], status: ["The status field is required."] }],
    [
      "serial=&status=&scent=",
      { serial: ["The serial field is required."], status: ["The status field is required."] },
    ],
    ["serial=nobody&status=checkin&scent=wood", { serial: ["The selected serial is invalid."] }],
    [`serial=${SERIAL}&status=foo&scent=wood`, { status: ["The selected status is invalid."] }],
    [`serial=${SERIAL}&status=CheckIn&scent=wood`, { status: ["The selected status is invalid."] }],
    [`serial=${SERIAL}&status=checkin`, { scent: ["The scent field is required when status is checkin."] }],
    [`serial=${SERIAL}&status=checkin&scent=rose`, { scent: ["The selected scent is invalid."] }],
    [`serial=${SERIAL}&status=checkout&scent=rose`, { scent: ["The selected scent is invalid."] }],
    [`${checkin}&start_time=08:00:00`, { end_time: ["The end time field is required when start time is present."] }],
    [`${checkin}&end_time=08:00:00`, { start_time: ["The start time field is required when end time is present."] }],
    [
      `${checkin}&start_time=25:00:00&end_time=9:00`,
      {
        start_time: ["The start time field must match the format H:i:s."],
        end_time: ["The end time field must match the format H:i:s."],
      },
    ],
    [`${checkin}&start_time=12:00:00&end_time=08:00:00`, { start_time: invalidSchedule, end_time: invalidSchedule }],
    [`${checkin}&scent=wood`, { scent: ["The scent field must not be given more than once."] }],
    [`${checkin}&serial=${OTHER_SERIAL}`, { serial: ["The serial field must not be given more than once."] }],
  ])("the query «%s» is refused and writes nothing", async (query, details) => {
    const before = await listUsages(erp());
    const { ref, status, body } = await callWithRef(erp(), query);
    expect([status, body]).toEqual([422, { error: "Validation failed", details }]);
    expect(await listUsages(erp())).toEqual(before);
    expect(await listUsages(erp(), { ref })).toEqual([]);
  });
}

function references(erp: () => OpenErp): void {
  test("a reference finds the usage that its call opened or changed", async () => {
    const opened = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent: "water" });
    const changed = await callWithRef(erp(), { serial: SERIAL, status: "timein" });
    const [usage] = await listUsages(erp(), { ref: opened.ref });

    expect(usage).toMatchObject({ ref: opened.ref, status: "timein" });
    expect(await listUsages(erp(), { ref: changed.ref })).toEqual([usage]);
    expect(await listUsages(erp(), { ref: crypto.randomUUID() })).toEqual([]);
  });

  test("a refused call leaves its key unused", async () => {
    const headers = { "idempotency-key": crypto.randomUUID() };
    expect((await callSwitch(erp(), POC_QUERY.replace("wood", "rose"), headers)).status).toBe(422);
    expect((await callSwitch(erp(), POC_QUERY, headers)).status).toBe(200);
  });

  test("a repeated call under one key executes once where keys are honoured, and twice where they are not", async () => {
    const safe = erp().mode === "safe";
    const first = await callWithRef(erp(), POC_QUERY);
    const again = await callSwitch(erp(), POC_QUERY, { "idempotency-key": first.ref });

    expect(again.status).toBe(200);
    expect(first.headers.get("idempotency-replayed")).toBeNull();
    expect(again.headers.get("idempotency-replayed")).toBe(safe ? "true" : null);
    if (safe) expect(again.body).toEqual(first.body);
    expect(await listUsages(erp(), { ref: first.ref })).toHaveLength(safe ? 1 : 2);
  });

  test("a repeated check-out does not touch the usage that came in between", async () => {
    await callSwitch(erp(), POC_QUERY);
    const checkout = { serial: SERIAL, status: "checkout" };
    const first = await callWithRef(erp(), checkout);
    const between = await callWithRef(erp(), POC_QUERY);
    await callSwitch(erp(), checkout, { "idempotency-key": first.ref });

    const status = erp().mode === "safe" ? "checkin" : "checkout";
    expect(await listUsages(erp(), { ref: between.ref })).toMatchObject([{ status }]);
  });

  test("a key serves one set of parameters where keys are honoured", async () => {
    const { ref } = await callWithRef(erp(), POC_QUERY);
    const other = await callSwitch(erp(), POC_QUERY.replace("wood", "fire"), { "idempotency-key": ref });
    const usages = await listUsages(erp(), { ref });

    if (erp().mode === "safe") {
      const details = { "Idempotency-Key": ["The Idempotency-Key was used before with other parameters."] };
      expect([other.status, other.body]).toEqual([422, { error: "Validation failed", details }]);
      expect(usages.map(({ scent }) => scent)).toEqual(["wood"]);
    } else {
      expect(other.status).toBe(200);
      expect(usages.map(({ scent }) => scent)).toEqual(["fire", "wood"]);
    }
  });

  test.each(["", "a b", "a.b", "a".repeat(65)])("the key «%s» is refused where keys are honoured", async (key) => {
    const before = await listUsages(erp());
    const { status, body } = await callSwitch(erp(), POC_QUERY, { "idempotency-key": key });
    if (erp().mode === "safe") {
      const details = {
        "Idempotency-Key": ["The Idempotency-Key must be 1 to 64 letters, digits, hyphens or underscores."],
      };
      expect([status, body]).toEqual([422, { error: "Validation failed", details }]);
      expect(await listUsages(erp())).toEqual(before);
    } else {
      expect(status).toBe(200);
      expect((await listUsages(erp()))[0]?.ref).toBe(key === "" ? null : key);
    }
  });
}

function readingBack(erp: () => OpenErp): void {
  test("usages come newest first, all of them unless a limit is given", async () => {
    await callSwitch(erp(), POC_QUERY);
    await callSwitch(erp(), DOCUMENTED_QUERY);
    const all = await listUsages(erp());
    const ids = all.map(({ id }) => id);

    expect(ids).toEqual(ids.toSorted((a, b) => b - a));
    expect(await listUsages(erp(), { limit: "2" })).toEqual(all.slice(0, 2));
    expect(await listUsages(erp(), { limit: "999999" })).toEqual(all);
    const ofSerial = await listUsages(erp(), { serial: OTHER_SERIAL });
    expect(ofSerial).toEqual(all.filter(({ serial }) => serial === OTHER_SERIAL));
    expect(ofSerial.length).toBeLessThan(all.length);
    expect(await listUsages(erp(), { serial: "nobody" })).toEqual([]);
  });

  test("a period includes its beginning and excludes its end", async () => {
    const { ref } = await callWithRef(erp(), POC_QUERY);
    const [usage] = await listUsages(erp(), { ref });
    const at = usage?.checkinAt ?? "";
    const after = new Date(Date.parse(at) + 1).toISOString();
    const inOtherZone = at.replace(/T(.*)Z$/, "T$1+00:00");

    expect(await listUsages(erp(), { ref, from: at, to: after })).toEqual([usage]);
    expect(await listUsages(erp(), { ref, from: inOtherZone })).toEqual([usage]);
    expect(await listUsages(erp(), { ref, to: at })).toEqual([]);
    expect(await listUsages(erp(), { ref, from: after })).toEqual([]);
  });

  test.each(["", "Bearer wrong", "Basic a2V5"])("usages are not shown to «%s»", async (authorization) => {
    const { status, headers, body } = await getUsages(erp(), "", authorization);
    expect(status).toBe(401);
    expect(headers.get("www-authenticate")).toBe("Bearer");
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toMatchObject({ status: 401 });
  });

  test.each([
    ["limit=0", "limit must be a positive whole number"],
    ["limit=1.5", "limit must be a positive whole number"],
    ["limit=99999999999999999999", "limit must be a positive whole number"],
    ["from=yesterday", "from must be an instant such as 2024-11-01T08:00:00Z"],
    ["to=2024-11-01", "to must be an instant such as 2024-11-01T08:00:00Z"],
    ["to=9999-12-31T23:59:59-01:00", "to must be an instant such as 2024-11-01T08:00:00Z"],
    ["ref=", "ref must not be empty"],
    ["serial=a&serial=b", "serial must not be given more than once"],
  ])("the filter %s is refused", async (search, problem) => {
    const { status, headers, body } = await getUsages(erp(), search);
    expect(status).toBe(422);
    expect(headers.get("content-type")).toBe("application/problem+json");
    expect(body).toEqual({
      type: "about:blank",
      title: "Not acceptable",
      status: 422,
      detail: `Bad filter: ${problem}.`,
    });
  });
}
