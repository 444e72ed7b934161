import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { switchAnswerSchema } from "../../erp-stub/contract.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { callSwitch, callWithRef, listUsages } from "../support/erp-calls.ts";
import { DOCUMENTED_QUERY, type OpenErp, POC_QUERY } from "./erp-contract-calls.ts";
import { readingBack, references } from "./erp-contract-usages.ts";

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
        intervals: [],
        startTime: null,
        endTime: null,
        request: `GET /device/switch?${POC_QUERY}`,
      },
    ]);
  });

  test("a usage keeps the schedule of its check-in, and a change names none that does not exist", async () => {
    const { ref } = await callWithRef(erp(), DOCUMENTED_QUERY);
    const change = DOCUMENTED_QUERY.replace("checkin", "timein");
    expect((await callSwitch(erp(), change.replace("12:00:00", "09:00:00"))).status).toBe(200);
    expect(await callSwitch(erp(), change.replace("12:00:00", "13:00:00"))).toMatchObject({ status: 422 });
    expect(await listUsages(erp(), { ref })).toMatchObject([{ startTime: "08:00:00", endTime: "12:00:00" }]);
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

  test("each time-in that finds none begins an interval, which the next time-out or the check-out ends", async () => {
    const { ref } = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent: "fire" });
    const at: string[] = [];
    for (const status of ["timeout", "timein", "timein", "timeout", "timeout", "timein", "checkout"]) {
      const answer = await callSwitch(erp(), { serial: SERIAL, status });
      expect([status, answer.status]).toEqual([status, 200]);
      at.push(switchAnswerSchema.parse(answer.body).timestamp);
    }
    const [, first, , end, lastTimeout, second, checkout] = at;
    expect(await listUsages(erp(), { ref })).toMatchObject([
      {
        timeinAt: second,
        timeoutAt: lastTimeout,
        checkoutAt: checkout,
        intervals: [
          { timeinAt: first, timeoutAt: end },
          { timeinAt: second, timeoutAt: checkout },
        ],
      },
    ]);
  });

  test("an interval is open until it ends", async () => {
    const { ref } = await callWithRef(erp(), { serial: SERIAL, status: "checkin", scent: "fire" });
    const { body } = await callSwitch(erp(), { serial: SERIAL, status: "timein" });
    const { timestamp } = switchAnswerSchema.parse(body);
    expect(await listUsages(erp(), { ref })).toMatchObject([{ intervals: [{ timeinAt: timestamp, timeoutAt: null }] }]);
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
