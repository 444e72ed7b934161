import { describe, expect, onTestFinished, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { type Fault, openFaultErp } from "../support/fault-erp.ts";

type System = Awaited<ReturnType<typeof openDeliverySystem>>;

function operate(system: System, id: string, move: "resend" | "discard" | "mark-delivered") {
  return system.store.operate(id, { move, reason: "I looked", now: Date.parse("2026-03-01T12:00:00Z") });
}

/** Brings a device's first delivery to `dead`, and its second into a call that ends as `fault` says. */
async function overtaken(fault: Fault, settle: "count" | "operator") {
  const erp = await openFaultErp({ readBack: "by serial" });
  onTestFinished(() => erp[Symbol.asyncDispose]());
  const system = await openDeliverySystem({ url: erp.url, settle, clock: manualClock() });
  onTestFinished(() => system[Symbol.asyncDispose]());
  erp.script.push("rejected", fault);
  const id = await system.report(SERIAL);
  await system.reach("dead");
  const later = await system.report(SERIAL);
  return { erp, system, id, later };
}

describe("an operator", () => {
  test("has a held delivery sent again, once, however often it is said at the same instant", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("reset before executing");
    const id = await system.report();
    await system.reach("held");
    const said = await Promise.all(Array.from({ length: 5 }, () => operate(system, id, "resend")));
    expect(said.map(({ kind }) => kind)).toEqual(["moved", "refused", "refused", "refused", "refused"]);
    system.worker.notify();
    const [delivery] = await system.reach("delivered");
    expect([erp.calls.length, erp.executions.length, delivery?.attempts]).toEqual([2, 1, 2]);
  });

  test("lets a lane go on by discarding its head, or by saying that the ERP has it", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("error before executing", "error after executing");
    const first = await system.report(SERIAL);
    const second = await system.report(OTHER_SERIAL);
    await system.reach("held", "held");
    await system.report(SERIAL);
    await system.report(OTHER_SERIAL);
    await system.reach("held", "held", "pending", "pending");
    await operate(system, first, "discard");
    await operate(system, second, "mark-delivered");
    system.worker.notify();
    await system.reach("discarded", "delivered", "delivered", "delivered");
    expect(erp.executions).toHaveLength(3);
  });

  test("cannot have a delivery sent beside a later one of its device that is under way", async () => {
    const { erp, system, id, later } = await overtaken("executed without an answer", "operator");
    await eventually(() => expect(erp.calls).toHaveLength(2));
    expect(await operate(system, id, "resend")).toEqual({ kind: "overtaken", by: later });
    erp.hangUp();
    await system.reach("dead", "held");
    await operate(system, later, "discard");
    expect(await operate(system, id, "resend")).toMatchObject({ kind: "moved" });
    system.worker.notify();
    await system.reach("delivered", "discarded");
  });

  test("who resends a delivery does not settle a later one by its count", async () => {
    const { erp, system, id } = await overtaken("reset before executing", "count");
    await eventually(() => expect(system.deliveries()[1]?.state).toBe("uncertain"));
    await operate(system, id, "resend");
    system.worker.notify();
    await system.reach("dead", "delivered");
    await operate(system, id, "resend");
    system.worker.notify();
    await system.reach("delivered", "delivered");
    expect(erp.executions).toHaveLength(2);
  });

  test("cannot touch what is delivered or does not exist", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    const id = await system.report();
    await system.reach("delivered");
    for (const move of ["resend", "discard", "mark-delivered"] as const) {
      expect(await operate(system, id, move)).toEqual({ kind: "refused", state: "delivered" });
      expect(await operate(system, "nothing", move)).toEqual({ kind: "unknown" });
    }
  });

  test("who resends after three days gets three more days", async () => {
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: "http://127.0.0.1:9", clock });
    const id = await system.report();
    clock.advance(73 * 3_600_000);
    await system.reach("dead");
    await system.store.operate(id, { move: "resend", reason: "the line is mended", now: clock.now() });
    system.worker.notify();
    await system.reach("pending");
  });
});

describe("the log", () => {
  test("has every change with its time and evidence, and the counters balance", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url });
    erp.script.push("reset before executing");
    const id = await system.report(SERIAL);
    await system.reach("held");
    await operate(system, id, "resend");
    system.worker.notify();
    await system.reach("delivered");
    await system.report(OTHER_SERIAL);
    await system.reach("delivered", "delivered");

    const detail = system.store.detail(id);
    expect(detail?.log.map(({ from, to, attempts }) => [from, to, attempts])).toEqual([
      [null, "inflight", 1],
      ["inflight", "uncertain", 1],
      ["uncertain", "held", 1],
      ["held", "pending", 1],
      ["pending", "inflight", 2],
      ["inflight", "delivered", 2],
    ]);
    expect(detail?.log[3]?.evidence).toBe("operator, resend: I looked");
    expect(detail?.log.every(({ at }) => !Number.isNaN(Date.parse(at)))).toBe(true);
    const { created, ...counts } = system.store.counts();
    expect([created, counts]).toEqual([
      2,
      { pending: 0, inflight: 0, delivered: 2, uncertain: 0, held: 0, dead: 0, discarded: 0 },
    ]);
  });
});

describe("settled by count", () => {
  test.for(["error after executing", "reset after executing"] as const)(
    "after %s one check-in more is this one",
    async (fault) => {
      await using erp = await openFaultErp();
      await using system = await openDeliverySystem({ url: erp.url, settle: "count", clock: manualClock() });
      await system.report();
      await system.reach("delivered");
      erp.script.push(fault);
      await system.report();
      const [, second] = await system.reach("delivered", "delivered");
      expect(second?.evidence).toBe("the ERP counted 1 check-ins of the device before the call and counts 2 now");
      expect([erp.calls.length, erp.executions.length]).toEqual([2, 2]);
    },
  );

  test.for(["error before executing", "reset before executing"] as const)(
    "after %s the call is sent again once two counts were the same",
    async (fault) => {
      await using erp = await openFaultErp();
      await using system = await openDeliverySystem({ url: erp.url, settle: "count", clock: manualClock() });
      erp.script.push(fault);
      await system.report();
      await system.reach("delivered");
      expect([erp.calls.length, erp.executions.length]).toEqual([2, 1]);
    },
  );

  test("an ERP that cannot count is sent nothing", async () => {
    await using erp = await openFaultErp({ readBack: "forbidden" });
    await using system = await openDeliverySystem({ url: erp.url, settle: "count" });
    await system.report();
    const [delivery] = await system.reach("pending");
    await expect.poll(() => erp.lookups(), { timeout: 8_000 }).toBeGreaterThan(1);
    expect([erp.calls.length, delivery?.attempts]).toEqual([0, 0]);
  });

  test("what an ERP that cannot count was never sent is dead after three days", async () => {
    await using erp = await openFaultErp({ readBack: "forbidden" });
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: erp.url, settle: "count", clock });
    await system.report();
    clock.advance(73 * 3_600_000);
    await system.reach("dead");
    expect(erp.calls).toEqual([]);
  });

  test("a check-out is not a check-in: it waits for the operator", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "count" });
    erp.script.push("reset after executing");
    await system.report(SERIAL, { status: "checkout" });
    await system.reach("held");
    expect(erp.calls).toHaveLength(1);
  });
});
