import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { openErpClient } from "../../device-db/erp-client.ts";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";

describe("a delivery", () => {
  test("is one documented call under the event's id", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    const id = await system.report(SERIAL, { scent: "fire" });
    const [delivery] = await system.reach("delivered");
    expect(erp.calls).toMatchObject([
      { url: `/device/switch?serial=${SERIAL}&submit=&status=checkin&scent=fire`, key: id },
    ]);
    expect(delivery).toMatchObject({ id, attempts: 1, dueAt: null, evidence: expect.stringMatching(/^HTTP 200: /) });
  });

  test("carries the schedule of its event", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    await system.report(SERIAL, { startTime: "08:00:00", endTime: "12:30:00" });
    await system.reach("delivered");
    expect(erp.calls[0]?.url).toMatch(/&scent=wood&start_time=08:00:00&end_time=12:30:00$/);
  });

  test("leaves within 50 ms", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    const waits: number[] = [];
    for (let round = 0; round < 9; round++) {
      const recorded = performance.now();
      await system.report();
      await eventually(() => expect(erp.calls).toHaveLength(round + 1));
      waits.push((erp.calls[round]?.at ?? Infinity) - recorded);
    }
    expect(waits.toSorted((a, b) => a - b)[4]).toBeLessThan(50);
  });

  test("starts at once, not with the next poll", async () => {
    await using erp = await openFaultErp();
    // With a clock that stands still there is no next poll.
    await using system = await openDeliverySystem({ url: erp.url, clock: manualClock() });
    erp.script.push("slow");
    await system.report();
    await eventually(() => expect(erp.calls).toHaveLength(1));
    // Behind the first one: it starts with the first one's end.
    await system.report();
    await eventually(() => expect(erp.calls).toHaveLength(2));
    await system.record(OTHER_SERIAL);
    system.worker.notify();
    await eventually(() => expect(erp.calls).toHaveLength(3));
  });

  test.for([
    ["rejected", "dead"],
    ["a page instead of the answer", "held"],
    ["the answer to another call", "held"],
    ["error before executing", "held"],
    ["redirect", "held"],
  ] as const)("that meets %s is %s in the end, when only the operator may decide", async ([fault, state]) => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push(fault);
    await system.report();
    await system.reach(state);
    expect(erp.calls).toHaveLength(1);
  });
});

describe("the order", () => {
  test("of one device is kept while another device goes on", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("slow");
    const first = await system.report(SERIAL);
    const second = await system.report(SERIAL, { status: "timein" });
    const third = await system.report(SERIAL, { status: "checkout" });
    const other = await system.report(OTHER_SERIAL);
    await system.reach("delivered", "delivered", "delivered", "delivered");
    expect(erp.executions.map(({ ref }) => ref)).toEqual([other, first, second, third]);
  });

  test("is lost when the same calls are sent without waiting for each other", async () => {
    await using erp = await openFaultErp();
    const client = openErpClient({ url: erp.url, apiKey: undefined });
    erp.script.push("slow");
    const call = {
      serial: SERIAL,
      status: "checkin" as const,
      scent: "wood",
      start_time: null,
      end_time: null,
      traceparent: null,
    };
    await Promise.all(["first", "second"].map((id) => client.send({ ...call, id })));
    await client.close();
    expect(erp.executions.map(({ ref }) => ref)).toEqual(["second", "first"]);
  });

  test("makes a held delivery block its own device only", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("error after executing");
    await system.report(SERIAL);
    await system.reach("held");
    await system.report(SERIAL);
    await system.report(OTHER_SERIAL);
    await system.reach("held", "pending", "delivered");
    expect(erp.calls).toHaveLength(2);
  });

  test("goes on after a dead delivery", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("rejected");
    await system.report(SERIAL);
    await system.report(SERIAL);
    await system.reach("dead", "delivered");
  });
});

describe("the pace", () => {
  test("keeps to the rate, and leaves no gaps either", async () => {
    await using erp = await openFaultErp();
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: erp.url, rate: 20, clock });
    for (let n = 0; n < 10; n++) await system.report(n % 2 ? SERIAL : OTHER_SERIAL);
    for (let n = 1; n <= 10; n++) {
      await eventually(() => expect(erp.calls).toHaveLength(n));
      clock.advance(49);
      await delay(20);
      expect(erp.calls).toHaveLength(n);
      clock.advance(1);
    }
  });

  test("keeps to the number of calls at a time", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, concurrency: 1 });
    erp.script.push("slow", "slow");
    await Promise.all([system.report(SERIAL), system.report(OTHER_SERIAL)]);
    await system.reach("delivered", "delivered");
    expect((erp.calls[1]?.at ?? 0) - (erp.calls[0]?.at ?? 0)).toBeGreaterThan(290);
  });
});

test("a new event and a waiting delivery do not both take the last free place", async () => {
  await using erp = await openFaultErp();
  await using system = await openDeliverySystem({ url: erp.url, concurrency: 1 });
  erp.script.push("slow", "slow");
  await system.record(SERIAL);
  system.worker.notify();
  await Promise.resolve();
  await system.report(OTHER_SERIAL);
  await system.reach("delivered", "delivered");
  expect((erp.calls[1]?.at ?? 0) - (erp.calls[0]?.at ?? 0)).toBeGreaterThan(290);
});

test("`delivered` does not wait for another commit where only the operator could settle it after a crash", async () => {
  // What may wait for another commit waits by a timer, and none rings here.
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  await using erp = await openFaultErp();
  await using system = await openDeliverySystem({ url: erp.url, settle: "operator" });
  await system.report();
  await system.reach("delivered").finally(() => vi.runAllTimers());
});

test("closing waits for the call under way, and starts no other", async () => {
  await using erp = await openFaultErp();
  await using system = await openDeliverySystem({ url: erp.url });
  erp.script.push("slow");
  await system.report();
  await system.report();
  await eventually(() => expect(erp.calls).toHaveLength(1));
  await system.worker.close();
  expect(system.deliveries().map(({ state }) => state)).toEqual(["delivered", "pending"]);
  await system.report(OTHER_SERIAL);
  await delay(300);
  expect(erp.calls).toHaveLength(1);
  expect(system.deliveries().map(({ state }) => state)).toEqual(["delivered", "pending", "pending"]);
});
