import { describe, expect, test } from "vitest";
import { CAPSULE_ML, FULL, usePerHour } from "../../device-sim/capsules.ts";
import type { Command } from "../../device-sim/contract.ts";
import { actAt, advance, decide, fill, nextChange, type Pod, wake } from "../../device-sim/pod.ts";
import { after, checkedIn, command, FRESH, HOUR, NOW, said } from "../support/pod-model.ts";

const WINDOW = { startTime: "08:00:00", endTime: "12:00:00", timeZone: "Asia/Hong_Kong" };

function scheduling(fields: Partial<Command> = {}): Command {
  const { scent: _, ...bare } = command({ id: "c2", action: "schedule", ...WINDOW });
  return { ...bare, ...fields };
}

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
    const woken = wake(after(checkedIn(), set), endsAt + HOUR)?.pod ?? FRESH;
    const { pod, events } = advance(woken, endsAt + HOUR);
    expect(events.map(({ status }) => status)).toEqual(["timein", "timeout"]);
    expect([pod.diffusing, pod.capsules]).toEqual([null, FULL]);
  });

  test("that passed while the pod was on has used up what it takes", () => {
    const { pod } = advance(after(checkedIn(), set), endsAt + HOUR);
    expect(pod.capsules.wood).toBeCloseTo(CAPSULE_ML - 4 * usePerHour("wood", 2), 6);
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
    expect([said(out), out.effect && nextChange(out.effect.pod)]).toEqual([[[2, "checkout", "wood", "c3"]], undefined]);
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
    ["no start", { startTime: undefined }, "a schedule needs a start and an end that differ"],
    ["no end", { endTime: undefined }, "a schedule needs a start and an end that differ"],
    ["no length", { endTime: "08:00:00" }, "a schedule needs a start and an end that differ"],
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

test("what has happened by itself comes before what is asked for, and stays when that is refused", () => {
  const waiting = after(checkedIn(), (pod) => decide(pod, scheduling(), undefined));
  const verdict = actAt(waiting, NOW + 13 * HOUR, (pod) =>
    decide(pod, command({ id: "c3", scent: "rose" }), undefined),
  );
  expect([verdict.outcome, said(verdict)]).toEqual(["rejected", [[2, "timein", "wood", "c2"]]]);
});
