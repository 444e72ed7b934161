import { setTimeout as delay } from "node:timers/promises";
import Database from "better-sqlite3";
import { Agent, RetryAgent, request } from "undici";
import { describe, expect, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { type Fault, openFaultErp } from "../support/fault-erp.ts";

/** After these the ERP has executed the call. */
const EXECUTED: Fault[] = [
  "error after executing",
  "reset after executing",
  "a page instead of the answer",
  "the answer to another call",
  "redirect",
];
const NOT_EXECUTED: Fault[] = ["error before executing", "reset before executing"];
/** Longer than the fault ERP works on a call that was given up. */
const LONG_ENOUGH_MS = 500;

describe("settled by key", () => {
  test.for([...EXECUTED, ...NOT_EXECUTED])(
    "after %s the call is sent again under its key and carried out once",
    async (fault) => {
      await using erp = await openFaultErp({ honoursKeys: true });
      await using system = await openDeliverySystem({ url: erp.url, settle: "key", clock: manualClock() });
      erp.script.push(fault);
      const id = await system.report();
      await system.reach("delivered");
      expect(erp.calls.map(({ key }) => key)).toEqual([id, id]);
      expect(erp.executions).toMatchObject([{ ref: id }]);
    },
  );

  test("a call that the ERP carries out late is carried out once too", async () => {
    await using erp = await openFaultErp({ honoursKeys: true });
    await using system = await openDeliverySystem({ url: erp.url, settle: "key", clock: manualClock() });
    erp.script.push("executed after the reset");
    await system.report();
    await system.reach("delivered");
    await delay(400);
    expect([erp.calls.length, erp.executions.length]).toEqual([2, 1]);
  });

  test("at an ERP that does not know keys the same would be carried out twice", async () => {
    await using erp = await openFaultErp({ honoursKeys: false });
    await using system = await openDeliverySystem({ url: erp.url, settle: "key", clock: manualClock() });
    erp.script.push("reset after executing");
    await system.report();
    await system.reach("delivered");
    expect(erp.executions).toHaveLength(2);
  });

  test("an ERP that fails for long is called at growing distances, and for three days", async () => {
    await using erp = await openFaultErp({ honoursKeys: true });
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: erp.url, settle: "key", clock });
    erp.script.push(...Array<Fault>(2_000).fill("error before executing"));
    await system.report();
    await eventually(() => {
      clock.advance(10_000);
      expect(erp.calls.length).toBeGreaterThan(5);
    });
    const [calls, tenMinutes] = [erp.calls.length, 600_000];
    for (let passed = 0; passed < tenMinutes; passed += 10_000) {
      clock.advance(10_000);
      await delay(5);
    }
    expect(erp.calls.length - calls).toBeLessThan(30);
    clock.advance(72 * 3_600_000);
    await system.reach("held");
  });
});

describe("settled by reference", () => {
  test.for(EXECUTED)("after %s the call is found in the ERP and not sent again", async (fault) => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", clock: manualClock() });
    erp.script.push(fault);
    const id = await system.report();
    const [delivery] = await system.reach("delivered");
    expect(delivery?.evidence).toBe("found in the ERP as usage 1");
    expect([erp.calls.length, erp.lookups()]).toEqual([1, 1]);
    expect(erp.executions).toMatchObject([{ ref: id }]);
  });

  test("a call that the ERP carries out late is found too, as it is looked up late enough", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", quiesceMs: LONG_ENOUGH_MS });
    erp.script.push("executed after the reset");
    await system.report();
    await system.reach("delivered");
    expect([erp.calls.length, erp.executions.length]).toEqual([1, 1]);
  });

  test.for(NOT_EXECUTED)("after %s the call is sent again once two look-ups found nothing", async (fault) => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", clock: manualClock() });
    erp.script.push(fault);
    const id = await system.report();
    await system.reach("delivered");
    expect([erp.calls.length, erp.lookups()]).toEqual([2, 2]);
    expect(erp.executions).toMatchObject([{ ref: id }]);
  });

  test("a quiesce time shorter than the ERP's own work would send a late call twice", async () => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", quiesceMs: 10 });
    erp.script.push("executed long after the reset");
    await system.report();
    await system.reach("delivered");
    await eventually(() => expect(erp.executions).toHaveLength(2));
  });

  test.for(["forbidden", "everything"] as const)(
    "an ERP whose read-back is %s proves nothing, so nothing is sent again",
    async (readBack) => {
      await using erp = await openFaultErp({ readBack });
      await using system = await openDeliverySystem({ url: erp.url, settle: "ref" });
      await system.report(SERIAL);
      await system.report(SERIAL);
      await system.reach("delivered", "delivered");
      erp.script.push("reset before executing");
      await system.report(SERIAL);
      await eventually(() => expect(erp.lookups()).toBeGreaterThan(2));
      const [, , third] = system.deliveries();
      expect(third).toMatchObject({ state: "uncertain", evidence: "the ERP could not tell" });
      expect(erp.calls).toHaveLength(3);
    },
  );
});

describe("settled by the operator", () => {
  test.for([...EXECUTED, ...NOT_EXECUTED])("after %s the delivery is held and never sent again", async (fault) => {
    await using erp = await openFaultErp();
    const clock = manualClock();
    await using system = await openDeliverySystem({ url: erp.url, settle: "operator", clock });
    erp.script.push(fault);
    await system.report();
    const [held] = await system.reach("held");
    expect(held?.evidence).toMatch(/^waits for the operator after: ./);
    for (let day = 0; day < 10; day++) {
      clock.advance(24 * 3_600_000);
      await delay(5);
    }
    expect([erp.calls.length, erp.lookups()]).toEqual([1, 0]);
  });
});

describe("a process that ends during a call", () => {
  /** The files of a worker whose call was carried out but not answered, as a crash leaves them. */
  async function crash(erp: Awaited<ReturnType<typeof openFaultErp>>) {
    const system = await openDeliverySystem({ url: erp.url });
    erp.script.push("executed without an answer");
    await system.report();
    await eventually(() => expect(erp.executions).toHaveLength(1));
    expect(system.deliveries()).toMatchObject([{ state: "inflight", attempts: 1 }]);
    const close = async () => {
      erp.hangUp();
      await system[Symbol.asyncDispose]();
    };
    return { url: erp.url, from: system.dir, [Symbol.asyncDispose]: close };
  }

  test("leaves the delivery uncertain, and its evidence says why", async () => {
    await using erp = await openFaultErp();
    await using crashed = await crash(erp);
    await using restarted = await openDeliverySystem({ ...crashed, quiesceMs: 60_000 });
    expect(restarted.deliveries()).toMatchObject([
      { state: "uncertain", attempts: 1, evidence: "the process ended while the call was under way" },
    ]);
  });

  test("leaves it held, and sends nothing", async () => {
    await using erp = await openFaultErp();
    await using crashed = await crash(erp);
    await using restarted = await openDeliverySystem({ ...crashed, settle: "operator" });
    await restarted.reach("held");
    expect(erp.executions).toHaveLength(1);
  });

  test("leaves it to the ERP's word", async () => {
    await using erp = await openFaultErp();
    await using crashed = await crash(erp);
    await using restarted = await openDeliverySystem({ ...crashed, settle: "ref" });
    await restarted.reach("delivered");
    expect(erp.calls).toHaveLength(1);
  });

  test("leaves it to the key", async () => {
    await using erp = await openFaultErp({ honoursKeys: true });
    await using crashed = await crash(erp);
    await using restarted = await openDeliverySystem({ ...crashed, settle: "key" });
    await restarted.reach("delivered");
    expect([erp.calls.length, erp.executions.length]).toEqual([2, 1]);
  });

  test("would make the ERP carry it out twice if the worker just went on with what was open", async () => {
    await using erp = await openFaultErp();
    await using crashed = await crash(erp);
    await using naive = await openDeliverySystem({
      ...crashed,
      prepare: (file) => {
        const db = new Database(file);
        db.exec("UPDATE deliveries SET state = 'pending' WHERE state = 'inflight'");
        db.close();
      },
    });
    await naive.reach("delivered");
    expect(erp.executions).toHaveLength(2);
  });
});

describe("what other HTTP clients do with a call that writes", () => {
  test("fetch follows a redirect again and again", async () => {
    await using erp = await openFaultErp();
    erp.script.push(...Array<Fault>(30).fill("redirect"));
    await expect(fetch(`${erp.url}/device/switch?serial=${SERIAL}`)).rejects.toThrow();
    expect(erp.executions).toHaveLength(21);
  });

  test("an agent that retries sends it again after a reset", async () => {
    await using erp = await openFaultErp();
    erp.script.push("reset after executing");
    const dispatcher = new RetryAgent(new Agent(), { minTimeout: 1 });
    await (await request(`${erp.url}/device/switch?serial=${SERIAL}`, { dispatcher })).body.dump();
    await dispatcher.close();
    expect(erp.executions).toHaveLength(2);
  });
});
