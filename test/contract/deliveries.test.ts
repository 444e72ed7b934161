import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { openErpClient } from "../../device-db/erp-client.ts";
import { manualClock } from "../support/clock.ts";
import { lockForWriting, OTHER_SERIAL, openDeliverySystem, SERIAL } from "../support/delivery-system.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { freePorts } from "../support/free-ports.ts";

const HOUR_MS = 3_600_000;

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

  test("starts at once, not with the next poll", async () => {
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

  test.for([
    ["rejected", "dead"],
    ["unauthorized", "held"],
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
    const call = { serial: SERIAL, status: "checkin", scent: "wood", startTime: null, endTime: null };
    await Promise.all(["first", "second"].map((id) => client.send({ ...call, id })));
    await client.close();
    expect(erp.executions.map(({ ref }) => ref)).toEqual(["second", "first"]);
  });

  test("makes a held delivery block its own device only", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("unauthorized");
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
    await using system = await openDeliverySystem({ url: erp.url, rate: 20 });
    for (let n = 0; n < 10; n++) await system.report(n % 2 ? SERIAL : OTHER_SERIAL);
    await eventually(() => expect(erp.calls).toHaveLength(10));
    const tookMs = (erp.calls[9]?.at ?? 0) - (erp.calls[0]?.at ?? 0);
    expect(tookMs).toBeGreaterThan(420);
    expect(tookMs).toBeLessThan(1_000);
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

describe("an ERP that cannot be reached", () => {
  /** A delivery that was tried once at a port where nobody listens. */
  async function openRefused() {
    const [port = 0] = await freePorts(1);
    const clock = manualClock();
    const system = await openDeliverySystem({ url: `http://127.0.0.1:${String(port)}`, clock });
    await system.report();
    await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "pending", attempts: 1 }]));
    const waitMs = () => Date.parse(system.deliveries()[0]?.dueAt ?? "") - clock.now();
    return { port, clock, system, waitMs, [Symbol.asyncDispose]: system[Symbol.asyncDispose] };
  }

  test("is tried again until it can be, and then gets the call once", async () => {
    await using refused = await openRefused();
    expect(refused.system.deliveries()[0]?.evidence).toMatch(/^ECONNREFUSED/);
    expect(refused.waitMs()).toBeLessThanOrEqual(1_000);
    await using erp = await openFaultErp({ port: refused.port });
    refused.clock.advance(1_000);
    await refused.system.reach("delivered");
    expect(erp.executions).toHaveLength(1);
  });

  test("for three days leaves the delivery dead for everybody to see", async () => {
    await using refused = await openRefused();
    refused.clock.advance(72 * HOUR_MS + 1);
    await refused.system.reach("dead");
  });

  test("delays no delivery by a day when somebody sets the clock back", async () => {
    await using refused = await openRefused();
    refused.clock.shift(-24 * HOUR_MS);
    expect(refused.waitMs()).toBeGreaterThan(23 * HOUR_MS);
    refused.clock.advance(250);
    await eventually(() => expect(refused.waitMs()).toBeLessThanOrEqual(300_000));
    await using erp = await openFaultErp({ port: refused.port });
    refused.clock.advance(300_000);
    await refused.system.reach("delivered");
    expect(erp.executions).toHaveLength(1);
  });

  test("delays none by a day after a restart either", async () => {
    await using refused = await openRefused();
    refused.clock.shift(-24 * HOUR_MS);
    await using erp = await openFaultErp();
    await using restarted = await openDeliverySystem({ url: erp.url, clock: refused.clock, from: refused.system.dir });
    refused.clock.advance(300_000);
    await restarted.reach("delivered");
  });
});

describe("a store that takes no writes for a while", () => {
  test("keeps the call from leaving, as `inflight` must be on disk first", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    await system.record();
    using lock = lockForWriting(system.file);
    system.worker.notify();
    await delay(400);
    expect([erp.calls.length, system.deliveries()[0]?.state]).toEqual([0, "pending"]);
    lock.release();
    await system.reach("delivered");
    expect(erp.calls).toHaveLength(1);
  });

  test("does not make anybody forget what came of a call", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("slow");
    await system.report();
    await eventually(() => expect(erp.calls).toHaveLength(1));
    using lock = lockForWriting(system.file);
    await eventually(() => expect(erp.executions).toHaveLength(1));
    await delay(200);
    expect(system.deliveries()).toMatchObject([{ state: "inflight" }]);
    lock.release();
    await system.reach("delivered");
    expect(erp.calls).toHaveLength(1);
  });
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
  system.worker.notify();
  await delay(300);
  expect(erp.calls).toHaveLength(1);
});
