import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";

const NOW = Date.parse("2026-03-01T12:00:00Z");

describe("a lane whose call the ERP does not let in", () => {
  test("stands still with its delivery, which goes on after it is resumed", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("unauthorized");
    const id = await system.report(SERIAL);
    await eventually(() =>
      expect(system.store.lanes.paused()).toMatchObject([{ serial: SERIAL, reason: /^HTTP 401/ }]),
    );
    const later = await system.report(SERIAL);
    const other = await system.report(OTHER_SERIAL);
    await system.reach("pending", "pending", "delivered");
    await delay(400);
    expect(erp.calls.map(({ key }) => key)).toEqual([id, other]);

    expect(await system.store.lanes.resume(SERIAL)).toBe(1);
    system.worker.notify();
    await system.reach("delivered", "delivered", "delivered");
    expect(erp.executions.map(({ ref }) => ref)).toEqual([other, id, later]);
  });
});

describe("a lane that a person pauses", () => {
  test("sends nothing, not even what would have been claimed at once", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    await system.store.lanes.pause(SERIAL, "moving house", NOW);
    await system.report(SERIAL);
    await system.report(OTHER_SERIAL);
    await system.reach("pending", "delivered");
    expect(erp.calls).toHaveLength(1);
  });

  test("keeps its first reason over a restart, and `*` stands for all lanes", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    await system.store.lanes.pause("*", "the ERP is being mended", NOW);
    await system.store.lanes.pause("*", "another reason", NOW + 1);
    await system.report(SERIAL);
    await system.report(OTHER_SERIAL);
    await using next = await openDeliverySystem({ url: erp.url, from: system.dir });
    await next.report(OTHER_SERIAL);
    await delay(400);
    expect(next.deliveries().map(({ state }) => state)).toEqual(["pending", "pending", "pending"]);
    expect(next.store.lanes.paused()).toEqual([
      { serial: "*", at: "2026-03-01T12:00:00.000Z", reason: "the ERP is being mended" },
    ]);
    await next.store.lanes.resume("*");
    next.worker.notify();
    await next.reach("delivered", "delivered", "delivered");
  });

  test("does not send what was being counted when it was paused", async () => {
    await using erp = await openFaultErp({ readBack: "by serial" });
    await using system = await openDeliverySystem({ url: erp.url, settle: "count" });
    erp.lookUpScript.push("slow");
    await system.report(SERIAL);
    await eventually(() => expect(erp.lookups()).toBe(1));
    await system.store.lanes.pause(SERIAL, "wait", NOW);
    await delay(600);
    expect([erp.calls.length, system.deliveries()[0]?.state]).toEqual([0, "pending"]);
    await system.store.lanes.resume(SERIAL);
    await system.reach("delivered");
  });

  test("asks the ERP nothing about an uncertain delivery either", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref" });
    await system.store.lanes.pause(OTHER_SERIAL, "for the control", NOW);
    erp.script.push("error after executing");
    await system.report(SERIAL);
    await system.reach("uncertain");
    await system.store.lanes.pause(SERIAL, "wait", NOW);
    await delay(600);
    expect(erp.lookups()).toBeLessThanOrEqual(1);
    await system.store.lanes.resume("*");
    await system.reach("delivered");
    expect(erp.lookups()).toBeGreaterThan(0);
  });
});

test("an ERP that asks for a rest is asked nothing about uncertain deliveries either", async () => {
  await using erp = await openFaultErp();
  const clock = manualClock();
  await using system = await openDeliverySystem({ url: erp.url, settle: "ref", clock });
  erp.script.push("reset before executing", {
    executes: "never",
    answer: { status: 429, headers: { "retry-after": "60" } },
  });
  await system.report(SERIAL);
  await eventually(() => expect(system.deliveries()[0]?.state).toBe("uncertain"));
  await system.report(OTHER_SERIAL);
  await eventually(() => expect(system.worker.figures().outcomes.throttled).toBe(1));
  clock.advance(59_000);
  await delay(600);
  expect(erp.lookups()).toBe(0);
  await system.reach("delivered", "delivered");
});

describe("an ERP that seems to be down", () => {
  test("is left alone after five failures, and no delivery loses an attempt meanwhile", async () => {
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: "http://127.0.0.1:9", clock, concurrency: 1 });
    for (let n = 0; n < 20; n++) await system.report(n % 2 ? SERIAL : OTHER_SERIAL);
    await eventually(() => {
      clock.advance(500);
      expect(system.worker.figures()).toMatchObject({ breaker: "open", outcomes: { "not-sent": 5 } });
    });
    for (let n = 0; n < 18; n++) {
      clock.advance(500);
      await delay(5);
    }
    expect(system.worker.figures().outcomes["not-sent"]).toBe(5);
    expect(system.deliveries().reduce((sum, { attempts }) => sum + attempts, 0)).toBe(5);
    await eventually(() => {
      clock.advance(500);
      expect(system.worker.figures().outcomes["not-sent"]).toBe(6);
    });
  });

  test("gets one try, of the oldest delivery, and then all of them in order", async () => {
    await using erp = await openFaultErp({ honoursKeys: true });
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: erp.url, clock, settle: "key", concurrency: 1, quiesceMs: 0 });
    erp.script.push(...Array<"error before executing">(5).fill("error before executing"));
    const ids: string[] = [];
    for (let n = 0; n < 6; n++) ids.push(await system.report(SERIAL));
    await eventually(() => {
      clock.advance(1_000);
      expect(system.worker.figures().breaker).toBe("open");
    });
    erp.script.push("slow");
    await eventually(() => {
      clock.advance(1_000);
      expect(erp.calls).toHaveLength(6);
    });
    await system.reach("delivered", "delivered", "delivered", "delivered", "delivered", "delivered");
    expect(erp.executions.map(({ ref }) => ref)).toEqual(ids);
    expect(system.worker.figures().breaker).toBe("closed");
  });
});
