import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { openFaultGround } from "../support/fault-ground.ts";

/** Long enough for a call that should not be made to be seen. */
const A_WHILE_MS = 60;

describe("F20: a failure of the ERP or of what stands before it", () => {
  test.for([500, 502, 503, 504])("%i after the call was carried out is one usage", async (status) => {
    await using it = await openFaultGround();
    it.erp.script.push({ answer: { status, body: "<h1>Sorry</h1>" } });
    const id = await it.system.report();
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.executions]).toMatchObject([1, [{ ref: id }]]);
  });

  test.for([500, 502, 503, 504])("%i before it was is one usage in the end", async (status) => {
    await using it = await openFaultGround();
    it.erp.script.push({ executes: "never", answer: { status, body: "<h1>Sorry</h1>" } });
    const id = await it.system.report();
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.executions]).toMatchObject([2, [{ ref: id }]]);
  });
});

describe("F21: an ERP that asks to be left alone", () => {
  const START = manualClock().now();
  const SECOND = 1_000;
  const TEN_YEARS_S = 10 * 365 * 24 * 3_600;

  test.for<[header: string | undefined, fromMs: number, toMs: number]>([
    ["120", 120 * SECOND, 120 * SECOND],
    [new Date(START + 90 * SECOND).toUTCString(), 90 * SECOND, 90 * SECOND],
    [String(TEN_YEARS_S), 300 * SECOND, 300 * SECOND],
    [new Date(START + TEN_YEARS_S * SECOND).toUTCString(), 300 * SECOND, 300 * SECOND],
    ["9".repeat(400), 300 * SECOND, 300 * SECOND],
    // Of these none says how long, so the worker's own back-off counts.
    ["garbage", 1, SECOND],
    ["in 5", 1, SECOND],
    ["-1", 1, SECOND],
    ["1e3", 1, SECOND],
    ["", 1, SECOND],
    ["0", 1, SECOND],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 1, SECOND],
    [undefined, 1, SECOND],
  ])("429 with Retry-After %s rests for that long, five minutes at most", async ([header, fromMs, toMs]) => {
    await using it = await openFaultGround();
    const headers = header === undefined ? {} : { "retry-after": header };
    it.erp.script.push({ executes: "never", answer: { status: 429, headers } });
    const id = await it.system.report(SERIAL);
    const evidence = expect.stringMatching(/^HTTP 429/) as string;
    await eventually(() => expect(it.system.deliveries()).toMatchObject([{ id, state: "pending", evidence }]));
    const waitMs = Date.parse(it.system.deliveries()[0]?.dueAt ?? "") - it.clock.now();
    expect(waitMs).toBeGreaterThanOrEqual(fromMs);
    expect(waitMs).toBeLessThanOrEqual(toMs);

    // The whole ERP rests, not only the device whose call it was.
    await it.system.report(OTHER_SERIAL);
    it.clock.advance(waitMs - 1);
    await delay(A_WHILE_MS);
    expect(it.erp.calls).toHaveLength(1);
    await it.system.reach("delivered", "delivered");
    expect(it.erp.executions).toHaveLength(2);
  });

  test("again and again costs nothing but the time that it asks for", async () => {
    await using it = await openFaultGround();
    const refusal = { executes: "never" as const, answer: { status: 429, headers: { "retry-after": "60" } } };
    it.erp.script.push(...Array<typeof refusal>(30).fill(refusal));
    await it.system.report();
    for (let n = 1; n <= 31; n++) {
      await eventually(() => {
        expect(it.erp.calls).toHaveLength(n);
        if (n < 31) expect(it.system.deliveries()).toMatchObject([{ state: "pending", attempts: n }]);
      });
      it.clock.advance(60_000);
    }
    await it.system.reach("delivered");
    expect(it.alerts()).toEqual([]);
  });

  test("503 with Retry-After proves nothing, and is looked up no sooner than that", async () => {
    await using it = await openFaultGround();
    it.erp.script.push({ answer: { status: 503, headers: { "retry-after": "200" } } });
    await it.system.report();
    await eventually(() => expect(it.system.deliveries()).toMatchObject([{ state: "uncertain" }]));
    it.clock.advance(199_000);
    await delay(A_WHILE_MS);
    expect(it.erp.lookups()).toBe(0);
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.executions.length, it.erp.lookups()]).toEqual([1, 1, 1]);
  });
});

describe("F22: a rejection", () => {
  test.for([400, 404, 409, 422])("%i is dead and told once, and the lane goes on", async (status) => {
    await using it = await openFaultGround();
    it.erp.script.push({ executes: "never", answer: { status, body: { error: "No such device" } } });
    await it.system.report();
    await it.system.report();
    const [dead] = await it.system.reach("dead", "delivered");
    expect(dead).toMatchObject({ attempts: 1, evidence: expect.stringContaining("No such device") as string });
    expect(it.alerts()).toEqual(["delivery dead"]);
  });

  test("that is a page of somebody else's proves nothing", async () => {
    await using it = await openFaultGround();
    it.erp.script.push({ answer: { status: 404, body: "<h1>Not Found</h1>" } });
    await it.system.report();
    await it.system.reach("delivered");
    expect(it.erp.executions).toHaveLength(1);
  });
});

describe("F25: a redirect", () => {
  const STATUSES = [301, 302, 303, 307, 308];
  const CALL = `/device/switch?serial=${SERIAL}&submit=&status=checkin&scent=wood`;

  test.for(STATUSES)("%i to the call once more is not followed", async (status) => {
    await using it = await openFaultGround();
    it.erp.otherwise({ answer: { status, headers: { location: `${CALL}&again` } } });
    await it.system.report();
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.executions.length]).toEqual([1, 1]);
  });

  test.for(STATUSES)("%i to another host or to a page for signing in is not followed", async (status) => {
    await using other = await openFaultErp();
    await using it = await openFaultGround("operator");
    it.erp.script.push({ executes: "never", answer: { status, headers: { location: other.url + CALL } } });
    it.erp.script.push({ executes: "never", answer: { status, headers: { location: "/login" } } });
    await it.system.report(SERIAL);
    await it.system.report(OTHER_SERIAL);
    await it.system.reach("held", "held");
    expect([it.erp.calls.length, other.calls.length]).toEqual([2, 0]);
  });

  test("is executed elsewhere by a client that follows it", async () => {
    await using other = await openFaultErp();
    await using erp = await openFaultErp();
    erp.script.push({
      executes: "never",
      answer: { status: 302, headers: { location: `${other.url}/device/switch` } },
    });
    await (await fetch(`${erp.url}/device/switch?serial=${SERIAL}`)).arrayBuffer();
    expect([erp.executions.length, other.executions.length]).toEqual([0, 1]);
  });
});
