import { describe, expect, test } from "vitest";
import type { PodState } from "../../device-sim/contract.ts";
import { doingOf, linkOf, type Shown, slotOf, troubleOf, uptimeOf, windowOf } from "../../device-sim/pod-words.ts";

const SCHEDULE = {
  scent: "wood",
  startTime: "22:00:00",
  endTime: "06:30:15",
  timeZone: "Asia/Hong_Kong",
  startsAt: "2026-03-01T14:00:00.000Z",
  endsAt: "2026-03-01T22:30:15.000Z",
} as const;

const stateWith = (more: Partial<PodState>): PodState => ({ diffusing: null, at: "2026-03-01T12:00:00.000Z", ...more });

const podWith = (more: Partial<Shown>, state: Partial<PodState> = {}): Shown => ({
  serial: "pod-1",
  connected: true,
  refused: false,
  faults: [],
  seed: 1,
  unacked: 0,
  capsuleMl: 10,
  ...more,
  state: stateWith(state),
});

test.for<[ml: number | undefined, state: string, text: string]>([
  [10, "some", "10.00 ml"],
  [1.001, "some", "1.00 ml"],
  [1, "low", "1.00 ml"],
  [0.004, "low", "0.01 ml"],
  [0, "empty", "0 ml"],
  [undefined, "missing", "no capsule"],
])("a slot with %s ml is %s", ([ml, state, text]) => {
  const capsules = ml === undefined ? {} : { air: ml };
  expect(slotOf(stateWith({ capsules }), "air")).toEqual({ scent: "air", ml: ml ?? 0, state, text });
});

test.for<[state: Partial<PodState>, sentence: string]>([
  [{}, "At rest: nobody has checked in."],
  [{ stay: "fire", diffusing: "fire", intensity: 3 }, "Fire is in the air, at strong intensity."],
  [{ stay: "fire" }, "The stay has fire, but nothing is in the air."],
  [{ stay: "fire", schedule: SCHEDULE }, "Nothing is in the air: wood waits for its window."],
  [{ stay: "fire", schedule: SCHEDULE, at: SCHEDULE.startsAt }, "The stay has fire, but nothing is in the air."],
])("of %j it is said: %s", ([state, sentence]) => {
  expect(doingOf(podWith({}, state))).toBe(sentence);
});

describe("a window", () => {
  const times = "wood, 22:00 to 06:30:15, Asia/Hong_Kong";

  test("says by the clock of its room when it opens", () => {
    const opens = { times, next: "opens Sun 1 Mar, 22:00", at: SCHEDULE.startsAt };
    expect(windowOf(stateWith({ schedule: SCHEDULE }))).toEqual(opens);
  });

  test("that is open says when it closes, by the pod's own time where that goes faster", () => {
    const closes = { times, next: "closes Mon 2 Mar, 06:30", at: SCHEDULE.endsAt };
    expect(windowOf(stateWith({ schedule: SCHEDULE, virtualAt: SCHEDULE.startsAt }))).toEqual(closes);
  });

  test("is nothing where none is set", () => {
    expect(windowOf(stateWith({ schedule: null }))).toBeUndefined();
  });
});

test.for<[pod: Partial<Shown>, word: string, trouble: string]>([
  [{}, "online", ""],
  [{ connected: false }, "offline", "It has no connection, and keeps what it would tell."],
  [{ connected: false, refused: true, faults: ["late"] }, "refused", "The broker refuses it. One fault is on."],
  [{ faults: ["late=2s", "garbage"] }, "online", "2 faults are on."],
])("what is wrong with %j is told", ([pod, word, trouble]) => {
  expect([linkOf(podWith(pod)).word, troubleOf(podWith(pod))]).toEqual([word, trouble]);
});

test.for<[uptimeS: number, text: string]>([
  [59, "less than a minute"],
  [3_599, "59 min"],
  [3_600, "1 h 0 min"],
  [90_000, "1 d 1 h"],
])("%i s are %s", ([uptimeS, text]) => {
  expect(uptimeOf(stateWith({ uptimeS }))).toBe(text);
});
