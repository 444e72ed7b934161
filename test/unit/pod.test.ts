import { describe, expect, test } from "vitest";
import { CAPSULE_ML, FULL, LOW_ML, lowScents } from "../../device-sim/capsules.ts";
import { SCENTS } from "../../device-sim/contract.ts";
import { advance, decide, fill, nextChange, press } from "../../device-sim/pod.ts";
import { checkedIn, command, FRESH, HOUR, NOW, said } from "../support/pod-model.ts";

describe("a check-in", () => {
  test.for(SCENTS)("with %s is carried out", (scent) => {
    const verdict = decide({ ...FRESH, seq: 41 }, command({ scent, sessionId: "s1" }), undefined);
    expect(verdict).toEqual({
      outcome: "accepted",
      effect: {
        pod: { ...FRESH, seq: 42, diffusing: scent, stay: scent },
        events: [{ seq: 42, status: "checkin", scent, cause: { commandId: "c1", sessionId: "s1" } }],
      },
    });
  });

  test("during another one opens a second usage", () => {
    const verdict = decide(checkedIn("fire"), command({ id: "c2" }), undefined);
    expect(said(verdict)).toEqual([[2, "checkin", "wood", "c2"]]);
    expect(verdict.effect?.pod).toMatchObject({ seq: 2, diffusing: "wood", stay: "wood" });
  });

  test.for([undefined, "rose", "Wood", "", "__proto__"])("with the scent %j is rejected", (scent) => {
    const { scent: _, ...bare } = command();
    expect(decide(FRESH, scent === undefined ? bare : { ...bare, scent }, undefined)).toEqual({
      outcome: "rejected",
      reason: `unknown scent "${scent ?? ""}"`,
    });
  });

  test.for([
    [0, "the wood capsule is empty"],
    [null, "there is no wood capsule"],
  ] as const)("for a capsule with %j in it is rejected", ([ml, reason]) => {
    expect(decide(fill(FRESH, "wood", ml), command(), undefined)).toEqual({ outcome: "rejected", reason });
    expect(decide(fill(FRESH, "wood", ml), command({ scent: "air" }), undefined).outcome).toBe("accepted");
  });
});

describe("a check-out", () => {
  test("ends the stay and names its scent", () => {
    const verdict = decide(checkedIn("air"), command({ id: "c2", action: "checkout" }), undefined);
    expect(said(verdict)).toEqual([[2, "checkout", "air", "c2"]]);
    expect(verdict.effect?.pod).toMatchObject({ diffusing: null, stay: null, schedule: null });
  });

  test("also ends one whose capsule has run out", () => {
    const empty = advance(checkedIn("fire"), NOW + 100 * HOUR).pod;
    expect(empty).toMatchObject({ diffusing: null, stay: "fire" });
    expect(said(decide(empty, command({ id: "c2", action: "checkout" }), undefined))).toEqual([
      [2, "checkout", "fire", "c2"],
    ]);
  });

  test("without a check-in is rejected", () => {
    expect(decide(FRESH, command({ action: "checkout" }), undefined)).toEqual({
      outcome: "rejected",
      reason: "nobody has checked in",
    });
  });
});

describe("the capsules", () => {
  test("lose what diffuses, by its intensity, and the others lose nothing", () => {
    const left = (intensity: 1 | 2 | 3) => advance({ ...checkedIn("fire"), intensity }, NOW + HOUR).pod.capsules;
    expect(left(2)).toEqual({ ...FULL, fire: CAPSULE_ML - 0.2 });
    expect(left(1).fire).toBeCloseTo(CAPSULE_ML - 0.1, 9);
    expect(left(3).fire).toBeCloseTo(CAPSULE_ML - 0.3, 9);
  });

  test("are low from a tenth on, and empty in the end: the pod stops by itself at that moment", () => {
    const pod = checkedIn("fire");
    const lowAt = nextChange(pod) ?? 0;
    expect(lowAt).toBe(NOW + (9 / 0.2) * HOUR);
    expect(lowScents(advance(pod, lowAt - HOUR / 60).pod.capsules)).toEqual([]);
    const low = advance(pod, lowAt).pod;
    expect([lowScents(low.capsules), low.diffusing]).toEqual([["fire"], "fire"]);
    expect(low.capsules.fire).toBeCloseTo(LOW_ML, 6);
    const emptyAt = nextChange(low) ?? 0;
    expect(emptyAt - NOW).toBeCloseTo((10 / 0.2) * HOUR, -1);
    expect(advance(pod, emptyAt - HOUR).pod.diffusing).toBe("fire");
    const empty = advance(pod, emptyAt).pod;
    expect([empty.capsules.fire, empty.diffusing, nextChange(empty)]).toEqual([0, null, undefined]);
  });

  test("lose nothing when the clock is set back, and go on from there", () => {
    const back = advance(checkedIn("fire"), NOW - HOUR).pod;
    expect(back.capsules).toEqual(FULL);
    expect(advance(back, NOW).pod.capsules.fire).toBeCloseTo(CAPSULE_ML - 0.2, 9);
  });

  test("that are taken out or emptied stop what they diffuse", () => {
    expect(fill(checkedIn(), "wood", null).diffusing).toBeNull();
    expect(fill(checkedIn(), "wood", 0).diffusing).toBeNull();
    expect(fill(checkedIn(), "wood", 5).diffusing).toBe("wood");
    expect(fill(checkedIn(), "air", 0).diffusing).toBe("wood");
  });
});

describe("the buttons", () => {
  test("go through the scents in their order, past those that have nothing left, and name nobody", () => {
    let pod = fill(FRESH, "water", 0);
    const pressed: unknown[] = [];
    for (let n = 0; n < 4; n++) {
      const verdict = press(pod, "next");
      pressed.push(said(verdict));
      pod = verdict.effect?.pod ?? pod;
    }
    expect(pressed).toEqual([
      [[1, "checkin", "fire", undefined]],
      [[2, "checkin", "wood", undefined]],
      [[3, "checkin", "air", undefined]],
      [[4, "checkin", "fire", undefined]],
    ]);
  });

  test("stop what runs, and say why they cannot", () => {
    expect(said(press(checkedIn("air"), "stop"))).toEqual([[2, "checkout", "air", undefined]]);
    expect(press(FRESH, "stop")).toEqual({ outcome: "rejected", reason: "nobody has checked in" });
    const drained = SCENTS.reduce((pod, scent) => fill(pod, scent, 0), FRESH);
    expect(press(drained, "next")).toEqual({ outcome: "rejected", reason: "no capsule has anything left" });
  });
});

test("an action that is not known is rejected by name", () => {
  expect(decide(FRESH, command({ action: "explode" }), undefined)).toEqual({
    outcome: "rejected",
    reason: 'unknown action "explode"',
  });
});

test.for([0, -1, -0.001])("a command with %d seconds left is expired", (ttlS) => {
  expect(decide(FRESH, command({ ttlS }), undefined)).toEqual({ outcome: "expired" });
});

test("a command with a moment left is carried out", () => {
  expect(decide(FRESH, command({ ttlS: 0.001 }), undefined).outcome).toBe("accepted");
});

describe("a command that was answered before", () => {
  test("and carried out is a duplicate, even when its time is up", () => {
    expect(decide(FRESH, command(), { outcome: "accepted" })).toEqual({ outcome: "duplicate" });
    expect(decide(FRESH, command({ ttlS: 0 }), { outcome: "accepted" })).toEqual({ outcome: "duplicate" });
  });

  test("and rejected is rejected for the same reason", () => {
    const rejected = { outcome: "rejected", reason: "nobody has checked in" } as const;
    expect(decide(checkedIn(), command({ action: "checkout" }), rejected)).toEqual(rejected);
  });
});
