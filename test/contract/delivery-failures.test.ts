import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { manualClock } from "../support/clock.ts";
import { lockForWriting, openDeliverySystem } from "../support/delivery-system.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";

const HOUR_MS = 3_600_000;

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
