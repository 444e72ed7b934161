import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import type { Usage } from "../../erp-stub/contract.ts";
import { readUsages } from "../../scripts/usages.ts";
import { manualClock } from "../support/clock.ts";
import { openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { openErp } from "../support/erp-system.ts";
import { eventually } from "../support/eventually.ts";
import { openPods } from "../support/pod-system.ts";

const HOUR = 3_600_000;

/** A pod whose time is moved by hand: it begins at eight in the evening in its room, in Hong Kong. */
async function openSystem() {
  await using opening = new AsyncDisposableStack();
  const erp = opening.use(await openErp());
  const deviceDb = opening.use(await openDeviceDb({ erpUrl: erp.url }));
  const time = manualClock();
  const pods = opening.use(await openPods(deviceDb.mqttUrl, { serials: [SERIAL], time }));
  await eventually(() => expect(pods.ready()).toBe(true));
  const owned = opening.move();

  return {
    time,
    pods,
    /** What an operator asks for; resolves when the ERP has been called so many times. */
    async ask(command: object, calls: number): Promise<void> {
      expect(await deviceDb.operate("commands", command)).toMatchObject({ status: 202 });
      await eventually(() => expect(callsOf(erp.file)).toHaveLength(calls));
    },
    /** Lets the pod's time pass, and waits for what it then has to say. */
    async pass(hours: number, calls: number): Promise<void> {
      time.advance(hours * HOUR);
      await eventually(() => expect(callsOf(erp.file)).toHaveLength(calls));
    },
    calls: () => callsOf(erp.file),
    /** Oldest first. */
    usages: async (): Promise<Usage[]> => (await readUsages(erp, `serial=${SERIAL}`)).reverse(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The calls that have changed something in the ERP, as they came. */
function callsOf(file: string): string[] {
  const db = new Database(file, { readonly: true });
  const requests = db.prepare("SELECT request FROM calls ORDER BY id").pluck().all() as string[];
  db.close();
  return requests;
}

const checkIn = (scent: string) => ({ action: "checkin", scent });
const EVENING = { action: "schedule", scent: "air", startTime: "19:00:00", endTime: "22:00:00" };
const MORNING = { action: "schedule", scent: "air", startTime: "08:00:00", endTime: "12:00:00" };
const called = (status: string, rest: string) =>
  `GET /device/switch?serial=${SERIAL}&submit=&status=${status}&scent=${rest}`;

describe("a schedule", () => {
  test("arrives at the ERP as time-in and time-out with its window, and touches the latest usage only", async () => {
    await using system = await openSystem();
    await system.ask(checkIn("wood"), 1);
    await system.ask(checkIn("air"), 2);
    await system.ask(MORNING, 2);
    await system.pass(11, 2);
    await system.pass(1, 3);
    expect((await system.usages()).map(({ timeinAt }) => timeinAt !== null)).toEqual([false, true]);
    await system.pass(4, 4);
    await system.ask({ action: "checkout" }, 5);

    expect(system.calls()).toEqual([
      called("checkin", "wood"),
      called("checkin", "air"),
      called("timein", "air&start_time=08:00:00&end_time=12:00:00"),
      called("timeout", "air&start_time=08:00:00&end_time=12:00:00"),
      called("checkout", "air"),
    ]);
    const untouched = { timeinAt: null, timeoutAt: null, checkoutAt: null };
    const some = expect.any(String) as string;
    expect(await system.usages()).toMatchObject([
      { scent: "wood", status: "checkin", ...untouched },
      { scent: "air", status: "checkout", timeinAt: some, timeoutAt: some, checkoutAt: some },
    ]);
  });

  test("whose window is open begins at once, and a check-out ends it", async () => {
    await using system = await openSystem();
    await system.ask(checkIn("air"), 1);
    await system.ask(EVENING, 2);
    await system.ask({ action: "checkout" }, 4);
    const window = "air&start_time=19:00:00&end_time=22:00:00";
    expect(system.calls().slice(1)).toEqual([
      called("timein", window),
      called("timeout", window),
      called("checkout", "air"),
    ]);
  });

  test("waits over a restart, and what came due meanwhile is told after it", async () => {
    await using system = await openSystem();
    await system.ask(checkIn("air"), 1);
    await system.ask(MORNING, 1);
    await system.pods.stop();
    system.time.advance(13 * HOUR);
    await system.pods.restart();
    await eventually(() => expect(system.calls()).toHaveLength(2));
    await system.pass(3, 3);
    expect(system.calls().map((call) => /status=(\w+)/.exec(call)?.[1])).toEqual(["checkin", "timein", "timeout"]);
  });
});
