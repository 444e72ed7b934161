import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { openFaultGround } from "../support/fault-ground.ts";

/** Long enough for a call that should not be made to be seen. */
const A_WHILE_MS = 60;
const HOUR_MS = 3_600_000;

describe("F23: an ERP that does not let us in", () => {
  const ALLOW_LIST_PAGE = "<!DOCTYPE html><title>403</title><h1>Your IP address is not on the allow list.</h1>";

  test.for<[what: string, answer: { status: number; body: string | object }, state: "pending" | "uncertain"]>([
    ["401", { status: 401, body: "<h1>Who are you?</h1>" }, "pending"],
    ["403", { status: 403, body: { error: "IP address not configured" } }, "pending"],
    ["an allow-list page with 200", { status: 200, body: ALLOW_LIST_PAGE }, "uncertain"],
  ])("%s pauses the lane and burns nothing, until somebody resumes it", async ([, answer, state]) => {
    await using it = await openFaultGround();
    it.erp.script.push({ executes: "never", answer });
    await it.system.report();
    await it.system.report();
    await eventually(() => expect(it.system.deliveries()).toMatchObject([{ state }, { state: "pending" }]));
    for (let hours = 0; hours < 71; hours++) {
      it.clock.advance(HOUR_MS);
      await delay(1);
    }
    await delay(A_WHILE_MS);
    expect(it.system.deliveries()).toMatchObject([
      { state, attempts: 1 },
      { state: "pending", attempts: 0 },
    ]);
    expect([it.erp.calls.length, it.erp.lookups(), it.alerts().length]).toEqual([1, 0, 1]);
    expect(it.system.store.lanes.paused()).toMatchObject([{ serial: SERIAL }]);

    await it.system.store.lanes.resume(SERIAL);
    await it.system.reach("delivered", "delivered");
    expect(it.erp.executions).toHaveLength(2);
  });

  test("burns nothing either when the lane is resumed after more days than a delivery waits", async () => {
    await using it = await openFaultGround();
    it.erp.script.push("unauthorized", "unauthorized");
    await it.system.report();
    await eventually(() => expect(it.system.store.lanes.paused()).toHaveLength(1));
    it.clock.advance(80 * HOUR_MS);
    await it.system.store.lanes.resume(SERIAL);
    await eventually(() => {
      it.clock.advance(250);
      expect(it.erp.calls).toHaveLength(2);
      expect(it.system.store.lanes.paused()).toHaveLength(1);
    });
    await it.system.store.lanes.resume(SERIAL);
    await it.system.reach("delivered");
  });

  test("is asked by the lanes of other devices, which it may know", async () => {
    await using it = await openFaultGround();
    it.erp.script.push("unauthorized");
    await it.system.report(SERIAL);
    await eventually(() => expect(it.system.store.lanes.paused()).toHaveLength(1));
    await it.system.report(OTHER_SERIAL);
    await it.system.reach("pending", "delivered");
  });

  test("burns one row after the other when nothing pauses the lane", async () => {
    await using it = await openFaultGround();
    it.erp.otherwise({ executes: "never", answer: { status: 404, body: { error: "IP address not configured" } } });
    for (let n = 0; n < 3; n++) await it.system.report();
    await it.system.reach("dead", "dead", "dead");
  });
});

describe("F24: status 200, and not the documented answer", () => {
  const ACCEPTED = {
    message: "Device check-in successful",
    serial: SERIAL,
    status: "checkin",
    timestamp: "2026-03-01T12:00:00Z",
  };
  const BODIES: readonly [what: string, body: string | object][] = [
    ["a page", "<!doctype html><title>Welcome</title>"],
    ["nothing", ""],
    ["null", "null"],
    ["a list", [ACCEPTED]],
    ["a text", '"ok"'],
    ["an empty object", {}],
    ["no serial", { ...ACCEPTED, serial: undefined }],
    ["a number as message", { ...ACCEPTED, message: 1 }],
    ["the answer to another call", { ...ACCEPTED, serial: "dev-0001" }],
    ["the answer to another status", { ...ACCEPTED, status: "checkout" }],
    ["half an answer", JSON.stringify(ACCEPTED).slice(0, 40)],
    ["two answers", JSON.stringify(ACCEPTED).repeat(2)],
    ["garbage", "\u0000\u0001\ufffd\u0080".repeat(50)],
    ["a deep nest", "[".repeat(30_000)],
  ];

  test.for(BODIES)("%s is uncertain, and never delivered by itself", async ([, body]) => {
    await using it = await openFaultGround("operator");
    it.erp.script.push({ executes: "never", answer: { status: 200, body } });
    await it.system.report();
    await eventually(() => expect(it.system.deliveries()).toMatchObject([{ state: "uncertain" }]));
    await it.system.reach("held");
    expect(it.erp.calls).toHaveLength(1);
  });

  test("each would be a usage lost, if the status alone counted", async () => {
    await using erp = await openFaultErp();
    for (const [, body] of BODIES) erp.script.push({ executes: "never", answer: { status: 200, body } });
    for (const _ of BODIES) expect((await fetch(`${erp.url}/device/switch?serial=${SERIAL}`)).ok).toBe(true);
    expect(erp.executions).toEqual([]);
  });

  test.for<[what: string, fault: { answer: { status: number; body: string | object } }]>([
    ["a page", { answer: { status: 200, body: "<h1>Welcome</h1>" } }],
    ["a list of something else", { answer: { status: 200, body: { rows: [] } } }],
    ["a failure", { answer: { status: 500, body: "" } }],
  ])("a look-up that is answered with %s proves nothing, so nothing is sent again", async ([, fault]) => {
    await using it = await openFaultGround();
    it.erp.script.push("reset after executing");
    it.erp.lookUpScript.push(fault, fault, fault);
    await it.system.report();
    await it.system.reach("delivered");
    expect([it.erp.calls.length, it.erp.executions.length, it.erp.lookups()]).toEqual([1, 1, 4]);
  });
});
