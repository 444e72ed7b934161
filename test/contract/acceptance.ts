import { describe, expect, test } from "vitest";
import { switchAnswerSchema, type Usage } from "../../erp-stub/contract.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch, listUsages } from "../support/erp-calls.ts";
import { reportAcceptance } from "./acceptance-reports.ts";
import { POC_QUERY } from "./erp-contract-calls.ts";
import { customersContract } from "./erp-contract-customers.ts";

/** A Katlai ERP that knows the proof of concept's device, its scents and the documented schedule. */
export type ErpUnderTest = {
  url: string;
  /** Reads usages back; what needs that is skipped without it. */
  apiKey: string | undefined;
  restart?: () => Promise<void>;
};

type Erp = () => ErpUnderTest;
type Skip = (condition: boolean, note: string) => void;

const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };
const CHECKOUT = { serial: SERIAL, status: "checkout" };
const SCHEDULE = { start_time: "08:00:00", end_time: "12:00:00" };
const NO_SCHEDULE = { start_time: "00:00:01", end_time: "00:00:02" };
const NO_TIME = { start_time: "25:00:00", end_time: "12:00:00" };
/** No device has it, so that nothing can come of a call that names it. */
const NOBODY = { ...CHECKIN, serial: "nobody-has-this-serial" };

/** The fourteen numbered checks: all of them, which opens usages, closes those that are open, and keeps customers. */
export function acceptance(erp: Erp): void {
  readingAcceptance(erp);
  writingAcceptance(erp);
}

/** Those that can write nothing, whatever the ERP takes, as they name a device that nobody has. */
export function readingAcceptance(erp: Erp): void {
  test.for<[check: string, what: string, query: Record<string, string>, field: string]>([
    ["2", "a scent that does not exist", { ...NOBODY, scent: "rose" }, "scent"],
    ["3", "a serial that does not exist", NOBODY, "serial"],
    ["3", "a status that does not exist", { ...NOBODY, status: "foo" }, "status"],
    ["6", "a schedule that does not exist", { ...NOBODY, ...NO_SCHEDULE }, "start_time"],
    ["6", "a time that does not exist", { ...NOBODY, ...NO_TIME }, "start_time"],
  ])("%s (reads): %s is refused by name", async ([, , query, field]) => refuses(erp(), query, field));

  test("3 (reads): nobody's device has no usages", async ({ skip }) => {
    expect(await readUsages(erp(), skip, NOBODY.serial)).toEqual([]);
  });
}

/**
 * Those that write, or would if the ERP took what it should refuse. They leave more than a hundred usages behind, most of
 * them without a check-out.
 */
export function writingAcceptance(erp: Erp): void {
  checkIns(erp);
  refusals(erp);
  latestUsage(erp);
  manyAndLater(erp);
  describe("8 to 10: customers", () => customersContract(erp));
  reportAcceptance(erp);
}

function checkIns(erp: Erp): void {
  test("1: the proof of concept's call, byte for byte, answers with the four fields", async () => {
    const { status, body } = await callSwitch(address(erp()), POC_QUERY);
    expect(status).toBe(200);
    const message = "Device check-in successful";
    expect(body).toEqual({ message, serial: SERIAL, status: "checkin", timestamp: expect.any(String) as string });
  });

  test("1: the proof of concept's call opens one usage with the scent wood", async ({ skip }) => {
    const opened = await openedBy(erp(), skip, () => done(erp(), POC_QUERY));
    expect(opened).toMatchObject([{ serial: SERIAL, status: "checkin", checkoutAt: null }]);
    expect(opened[0]?.scent.toLowerCase()).toBe("wood");
  });

  test.for(["WOOD", "Wood", "wood"])("2: %s is a scent", async (scent) => {
    await done(erp(), { ...CHECKIN, scent });
  });

  test("2: WOOD, Wood and wood are the same scent", async ({ skip }) => {
    const opened = await openedBy(erp(), skip, async () => {
      for (const scent of ["WOOD", "Wood", "wood"]) await done(erp(), { ...CHECKIN, scent });
    });
    expect(opened).toHaveLength(3);
    expect(new Set(opened.map(({ scent }) => scent)).size).toBe(1);
  });

  test("6: a schedule that exists is taken", () => done(erp(), { ...CHECKIN, ...SCHEDULE }));

  test("6: a schedule that exists is linked", async ({ skip }) => {
    const opened = await openedBy(erp(), skip, () => done(erp(), { ...CHECKIN, ...SCHEDULE }));
    expect(opened).toMatchObject([{ startTime: SCHEDULE.start_time, endTime: SCHEDULE.end_time }]);
  });

  test.for(["checkin", "timein", "timeout", "checkout"])(
    "7: the answer of a %s has its status and time",
    async (status) => {
      if (status !== "checkin") await done(erp(), CHECKIN);
      const { headers, answer } = await done(erp(), status === "checkin" ? CHECKIN : { serial: SERIAL, status });
      const serverClock = Date.parse(headers.get("date") ?? new Date().toUTCString());
      expect(answer.status).toBe(status);
      expect(answer.timestamp).toMatch(/Z$/);
      // The header tells whole seconds.
      expect(Math.abs(Date.parse(answer.timestamp) - serverClock)).toBeLessThan(3_000);
    },
  );
}

function refusals(erp: Erp): void {
  const refused: [check: string, what: string, query: Record<string, string>, field: string][] = [
    ["2", "a scent that does not exist", { ...CHECKIN, scent: "rose" }, "scent"],
    ["3", "a serial that does not exist", NOBODY, "serial"],
    ["3", "a status that does not exist", { ...CHECKIN, status: "foo" }, "status"],
    ["6", "a schedule that does not exist", { ...CHECKIN, ...NO_SCHEDULE }, "start_time"],
    ["6", "a time that does not exist", { ...CHECKIN, ...NO_TIME }, "start_time"],
  ];
  test.for(refused)("%s: %s is refused by name", async ([, , query, field]) => refuses(erp(), query, field));

  test.for(refused)("%s: %s writes nothing", async ([, , query, field], { skip }) => {
    expect(await openedBy(erp(), skip, () => refuses(erp(), query, field))).toEqual([]);
  });
}

function latestUsage(erp: Erp): void {
  test("4: of two check-ins, a check-out closes the second, and the first stays as it was", async ({ skip }) => {
    const [second, first] = await openedBy(erp(), skip, async () => {
      for (const call of [CHECKIN, CHECKIN, CHECKOUT]) await done(erp(), call);
    });
    expect([first, second]).toMatchObject([{ status: "checkin", checkoutAt: null }, { status: "checkout" }]);
    expect(second?.checkoutAt).not.toBeNull();
  });

  test("5: time-in and time-out set their times at the latest usage only", async ({ skip }) => {
    const answers: string[] = [];
    const [latest, older] = await openedBy(erp(), skip, async () => {
      for (const call of [CHECKIN, CHECKIN]) await done(erp(), call);
      for (const status of ["timein", "timeout"]) {
        answers.push((await done(erp(), { serial: SERIAL, status })).answer.timestamp);
      }
    });
    const [timeinAt, timeoutAt] = answers;
    expect([older, latest]).toMatchObject([
      { timeinAt: null, timeoutAt: null },
      { timeinAt, timeoutAt },
    ]);
  });

  test.for(["checkout", "timein", "timeout"])("5: a %s without an open usage is a conflict", async (status) => {
    for (const call of [CHECKIN, CHECKOUT]) await done(erp(), call);
    const answer = await callSwitch(address(erp()), { serial: SERIAL, status });
    expect([answer.status, answer.body]).toEqual([409, { error: "No active device usage for this device" }]);
  });

  test("5: a check-out without an open usage writes nothing", async ({ skip }) => {
    for (const call of [CHECKIN, CHECKOUT]) await done(erp(), call);
    const before = await readUsages(erp(), skip, SERIAL);
    await callSwitch(address(erp()), CHECKOUT);
    expect(await readUsages(erp(), skip, SERIAL)).toEqual(before);
  });
}

function manyAndLater(erp: Erp): void {
  test("13: 100 check-ins at once open 100 usages, of which a check-out closes one", async ({ skip }) => {
    const opened = await openedBy(erp(), skip, async () => {
      await Promise.all(Array.from({ length: 100 }, () => done(erp(), CHECKIN)));
      await done(erp(), CHECKOUT);
    });
    expect(opened).toHaveLength(100);
    expect(opened.filter(({ checkoutAt }) => checkoutAt !== null)).toHaveLength(1);
  });

  test("14: usages are there after a restart", async ({ skip }) => {
    const { restart } = erp();
    skip(restart === undefined, "This ERP cannot be restarted from here.");
    const before = await readUsages(erp(), skip, SERIAL);
    await restart?.();
    expect(before.length).toBeGreaterThan(0);
    expect(await readUsages(erp(), skip, SERIAL)).toEqual(before);
  });
}

const address = ({ url, apiKey = "" }: ErpUnderTest) => ({ url, apiKey });

/** A call that has to be carried out. */
async function done(erp: ErpUnderTest, query: string | Record<string, string>) {
  const { status, headers, body } = await callSwitch(address(erp), query);
  expect([status, body]).toMatchObject([200, {}]);
  return { headers, answer: switchAnswerSchema.parse(body) };
}

async function refuses(erp: ErpUnderTest, query: Record<string, string>, field: string): Promise<void> {
  const { status, body } = await callSwitch(address(erp), query);
  const details = { [field]: [expect.stringMatching(/./)] as unknown };
  expect([status, body]).toMatchObject([422, { error: "Validation failed", details }]);
}

/** Newest first. */
async function readUsages(erp: ErpUnderTest, skip: Skip, serial: string): Promise<Usage[]> {
  skip(erp.apiKey === undefined, "Without ERP_API_KEY nothing can be read back.");
  return listUsages(address(erp), { serial });
}

/** The usages of the device that are there after `act` and were not before, newest first. */
async function openedBy(erp: ErpUnderTest, skip: Skip, act: () => Promise<unknown>): Promise<Usage[]> {
  const before = new Set((await readUsages(erp, skip, SERIAL)).map(({ id }) => id));
  await act();
  return (await readUsages(erp, skip, SERIAL)).filter(({ id }) => !before.has(id));
}
