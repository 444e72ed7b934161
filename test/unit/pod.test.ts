import { describe, expect, test } from "vitest";
import { CAPSULE_ML, FULL, LOW_ML, lowScents, usePerHour } from "../../device-sim/capsules.ts";
import { type Command, SCENTS } from "../../device-sim/contract.ts";
import {
  actAt,
  advance,
  decide,
  fill,
  newPod,
  nextChange,
  type Pod,
  press,
  type Verdict,
} from "../../device-sim/pod.ts";

const HOUR = 3_600_000;
/** Eight in the evening in Hong Kong. */
const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const FRESH = newPod(NOW);
const WINDOW = { startTime: "08:00:00", endTime: "12:00:00", timeZone: "Asia/Hong_Kong" };

function command(fields: Partial<Command> = {}): Command {
  return { id: "c1", action: "checkin", scent: "wood", issuedAt: "2026-03-01T12:00:00.000Z", ttlS: 120, ...fields };
}

function scheduling(fields: Partial<Command> = {}): Command {
  const { scent: _, ...bare } = command({ id: "c2", action: "schedule", ...WINDOW });
  return { ...bare, ...fields };
}

/** The pod after it has carried this out. */
function after(pod: Pod, verdict: (pod: Pod) => Verdict): Pod {
  const { effect, outcome, reason } = verdict(pod);
  if (!effect) throw new Error(`${outcome}: ${String(reason)}`);
  return effect.pod;
}

const checkedIn = (scent: (typeof SCENTS)[number] = "wood") =>
  after(FRESH, (pod) => decide(pod, command({ scent }), undefined));
const said = (verdict: Verdict) =>
  verdict.effect?.events.map(({ seq, status, scent, cause }) => [seq, status, scent, cause.commandId]);

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

describe("a schedule", () => {
  const set = (pod: Pod, fields: Partial<Command> = {}) => decide(pod, scheduling(fields), undefined);
  const times = { startTime: WINDOW.startTime, endTime: WINDOW.endTime };
  const [startsAt, endsAt] = [NOW + 12 * HOUR, NOW + 16 * HOUR];

  test("stops the scent until its window opens, reports that, and stops it again at the end", () => {
    const waiting = set(checkedIn());
    expect([said(waiting), waiting.effect?.pod.diffusing]).toEqual([[], null]);
    const pod = after(checkedIn(), set);
    expect(nextChange(pod)).toBe(startsAt);
    const opened = advance(pod, startsAt);
    expect(opened.events).toEqual([{ seq: 2, status: "timein", scent: "wood", ...times, cause: { commandId: "c2" } }]);
    expect(opened.pod.diffusing).toBe("wood");
    const closed = advance(opened.pod, endsAt);
    expect(closed.events).toEqual([{ seq: 3, status: "timeout", scent: "wood", ...times, cause: { commandId: "c2" } }]);
    expect(closed.pod).toMatchObject({ diffusing: null, stay: "wood", schedule: null });
    expect(closed.pod.capsules.wood).toBeCloseTo(CAPSULE_ML - 4 * usePerHour("wood", 2), 6);
  });

  test("whose window is open begins at once", () => {
    const inside = scheduling({ startTime: "19:00:00", endTime: "22:00:00" });
    const verdict = decide(checkedIn(), inside, undefined);
    expect(said(verdict)).toEqual([[2, "timein", "wood", "c2"]]);
    expect(nextChange(verdict.effect?.pod ?? FRESH)).toBe(NOW + 2 * HOUR);
  });

  test("may be for another scent than the stay", () => {
    const { pod } = advance(
      after(checkedIn(), (now) => set(now, { scent: "air" })),
      startsAt,
    );
    expect(pod).toMatchObject({ diffusing: "air", stay: "wood" });
  });

  test("that passed while the pod was off is reported whole, and has used nothing up", () => {
    const { pod, events } = advance(after(checkedIn(), set), endsAt + HOUR);
    expect(events.map(({ status }) => status)).toEqual(["timein", "timeout"]);
    expect(pod.diffusing).toBeNull();
  });

  test("that is open is closed by a check-out, by another check-in and by another schedule", () => {
    const open = advance(after(checkedIn(), set), startsAt + HOUR).pod;
    const out = decide(open, command({ id: "c3", action: "checkout" }), undefined);
    expect(said(out)).toEqual([
      [3, "timeout", "wood", "c2"],
      [4, "checkout", "wood", "c3"],
    ]);
    const again = decide(open, command({ id: "c3", scent: "air" }), undefined);
    expect(said(again)).toEqual([
      [3, "timeout", "wood", "c2"],
      [4, "checkin", "air", "c3"],
    ]);
    const other = set(open, { id: "c3", startTime: "19:00:00", endTime: "20:00:00" });
    expect(said(other)).toEqual([[3, "timeout", "wood", "c2"]]);
  });

  test("that waits is given up by a check-out and by another schedule, with nothing reported", () => {
    const waiting = after(checkedIn(), set);
    const out = decide(waiting, command({ id: "c3", action: "checkout" }), undefined);
    expect([said(out), out.effect && nextChange(out.effect.pod)]).toEqual([
      [[3, "checkout", "wood", "c3"]].map(([, ...rest]) => [2, ...rest]),
      undefined,
    ]);
    const later = after(waiting, (pod) => set(pod, { id: "c3", startTime: "09:00:00" }));
    expect(nextChange(later)).toBe(startsAt + HOUR);
  });

  test("that waits stays when somebody else checks in", () => {
    const pod = after(after(checkedIn(), set), (now) => decide(now, command({ id: "c3", scent: "fire" }), undefined));
    expect(pod.diffusing).toBe("fire");
    expect(advance(pod, startsAt).pod.diffusing).toBe("wood");
  });

  test("opens also when its capsule has run out, and then nothing diffuses", () => {
    const pod = fill(after(checkedIn(), set), "wood", 0);
    const { events, pod: opened } = advance(pod, startsAt);
    expect([events.map(({ status }) => status), opened.diffusing]).toEqual([["timein"], null]);
  });

  test.for<[what: string, fields: Partial<Command>, reason: string]>([
    ["no start", { startTime: undefined }, "a schedule needs a startTime and another endTime"],
    ["no end", { endTime: undefined }, "a schedule needs a startTime and another endTime"],
    ["no length", { endTime: "08:00:00" }, "a schedule needs a startTime and another endTime"],
    ["no time zone", { timeZone: undefined }, 'unknown time zone ""'],
    ["an unknown time zone", { timeZone: "Mars/Olympus" }, 'unknown time zone "Mars/Olympus"'],
    ["an unknown scent", { scent: "rose" }, 'unknown scent "rose"'],
    ["an empty capsule", { scent: "fire" }, "the fire capsule is empty"],
  ])("with %s is rejected", ([, fields, reason]) => {
    expect(set(fill(checkedIn(), "fire", 0), fields)).toEqual({ outcome: "rejected", reason });
  });

  test("without a check-in is rejected, as the ERP would have nothing to put it to", () => {
    expect(set(FRESH)).toEqual({ outcome: "rejected", reason: "nobody has checked in" });
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

test("what has happened by itself comes before what is asked for, and stays when that is refused", () => {
  const waiting = after(checkedIn(), (pod) => decide(pod, scheduling(), undefined));
  const verdict = actAt(waiting, NOW + 13 * HOUR, (pod) =>
    decide(pod, command({ id: "c3", scent: "rose" }), undefined),
  );
  expect([verdict.outcome, said(verdict)]).toEqual(["rejected", [[2, "timein", "wood", "c2"]]]);
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
