import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../plumbing/clock.ts";
import { quantile } from "../bench/statistics.ts";
import { openChatKit } from "../support/chat-kit.ts";
import { manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import type { Step } from "../support/erp-faults.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";

const DRIP: Step = { answer: { bytes: "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", ending: "drip" } };
/** It works on after we have given up. */
const COMMITS_LATE: Step = { workMs: 12_000 };
const CHATS = 60;

test("F18: an ERP that is slow and drips makes no guest wait", async () => {
  await using erp = await openFaultErp();
  for (const step of [DRIP, { workMs: 1_000 }, { workMs: 30_000 }]) erp.script.push(step);
  erp.otherwise({ workMs: 1_000 });
  await using kit = await openChatKit({ erp: { url: erp.url }, clock: systemClock });
  const took: number[] = [];
  for (let n = 0; n < CHATS; n++) took.push(await kit.chat());
  console.log(`${String(CHATS)} chats beside a slow ERP: p95 ${quantile(took, 0.95).toFixed(1)} ms`);
  expect(quantile(took, 0.95)).toBeLessThan(300);
  // The ERP was as slow as it was told to be: hardly anything has reached it.
  await eventually(() => expect(erp.calls.length).toBeGreaterThan(0));
  expect(erp.executions.length).toBeLessThan(CHATS / 2);
  erp.hangUp();
});

describe.concurrent("F18: an ERP that", () => {
  test.for<[what: string, step: Step]>([
    ["needs a second", { workMs: 1_000 }],
    ["needs almost ten", { workMs: 9_700 }],
  ])("%s is waited for", async ([, step], { expect }) => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "operator" });
    erp.script.push(step);
    await system.report();
    await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "delivered", attempts: 1 }]));
    expect(erp.calls).toHaveLength(1);
  });

  test.for<[what: string, step: Step, evidence: RegExp, withinMs: number]>([
    ["needs half a minute", { workMs: 30_000 }, /^UND_ERR_HEADERS_TIMEOUT/, 12_500],
    ["lets its answer drip", DRIP, /^TimeoutError/, 16_000],
  ])("%s is given up, and nobody says what came of it", async ([, step, evidence, withinMs], { expect }) => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", clock: manualClock() });
    erp.script.push(step);
    const reported = performance.now();
    await system.report();
    await eventually(() =>
      expect(system.deliveries()).toMatchObject([
        { state: "uncertain", attempts: 1, evidence: expect.stringMatching(evidence) as string },
      ]),
    );
    expect(performance.now() - reported).toBeLessThan(withinMs);
    expect(erp.calls).toHaveLength(1);
  });
});

describe.concurrent("F19: an ERP that carries a call out after we have given it up", () => {
  test("is asked late enough, and has one usage", async ({ expect }) => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", quiesceMs: 4_000 });
    erp.script.push(COMMITS_LATE);
    await system.report();
    await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "delivered" }]));
    expect([erp.calls.length, erp.executions.length]).toEqual([1, 1]);
  });

  test("and is asked too early has two", async ({ expect }) => {
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", quiesceMs: 10 });
    erp.script.push(COMMITS_LATE);
    await system.report();
    await eventually(() => expect(system.deliveries()).toMatchObject([{ state: "delivered", attempts: 2 }]));
    await eventually(() => expect(erp.executions).toHaveLength(2));
  });

  /** Sends many of which each third is carried out 1.5 s after the connection broke; resolves with how many usages are too many. */
  async function sendMany(quiesceMs: number): Promise<number> {
    const [each, late] = [9, { executes: { afterMs: 1_500 }, answer: { ending: "reset" } } as const];
    await using erp = await openFaultErp();
    await using system = await openDeliverySystem({ url: erp.url, settle: "ref", quiesceMs });
    for (let n = 0; n < 2 * each; n++) erp.script.push(n % 3 === 0 ? late : "none");
    for (let n = 0; n < each; n++) for (const serial of [SERIAL, OTHER_SERIAL]) await system.report(serial);
    await eventually(() => {
      if (system.deliveries().some(({ state }) => state !== "delivered")) throw new Error("not all are delivered");
    });
    await delay(1_600);
    return erp.executions.length - 2 * each;
  }

  test("doubles nothing among many, when the quiesce time is longer than its own work", async ({ expect }) => {
    expect(await sendMany(2_500)).toBe(0);
  });

  test("doubles some among many, when the quiesce time is shorter", async ({ expect }) => {
    expect(await sendMany(20)).toBeGreaterThan(0);
  });
});
