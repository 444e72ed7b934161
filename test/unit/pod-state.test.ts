import { describe, expect, test } from "vitest";
import { stateSchema } from "../../device-sim/contract.ts";
import { advance, decide, fill, type Pod } from "../../device-sim/pod.ts";
import { gistOf, stateOf } from "../../device-sim/pod-state.ts";
import { after, checkedIn, command, FRESH, HOUR, NOW } from "../support/pod-model.ts";

const VITALS = { serial: "pod-1", now: NOW, virtualNow: undefined, uptimeMs: 61_500 };
const WINDOW = { action: "schedule", startTime: "08:00:00", endTime: "12:00:00", timeZone: "Asia/Hong_Kong" };

function scheduled(fields: object = {}): Pod {
  return after(checkedIn(), (pod) => decide(pod, command({ id: "c2", ...WINDOW, ...fields }), undefined));
}

describe("a pod's state", () => {
  test("is as the contract has it, with all that there is to report", () => {
    const low = fill(fill(scheduled(), "fire", 0.5), "air", null);
    const state = stateOf(low, { ...VITALS, virtualNow: NOW + HOUR });
    expect(stateSchema.strict().parse(state)).toEqual({
      diffusing: null,
      at: "2026-03-01T12:00:00.000Z",
      virtualAt: "2026-03-01T13:00:00.000Z",
      capsules: { fire: 0.5, wood: 10, water: 10 },
      low: ["fire"],
      intensity: 2,
      stay: "wood",
      schedule: {
        scent: "wood",
        startTime: "08:00:00",
        endTime: "12:00:00",
        timeZone: "Asia/Hong_Kong",
        startsAt: "2026-03-02T00:00:00.000Z",
        endsAt: "2026-03-02T04:00:00.000Z",
      },
      uptimeS: 61,
      rssi: expect.any(Number) as number,
      firmware: "sim-2",
    });
  });

  test("names its own time only where that is not ours", () => {
    expect(stateOf(FRESH, VITALS)).not.toHaveProperty("virtualAt");
  });
});

describe("what is told anew", () => {
  test.for<[what: string, before: Pod, now: Pod]>([
    ["the scent", checkedIn("wood"), checkedIn("air")],
    ["the stay", FRESH, { ...FRESH, stay: "wood" }],
    ["the intensity", FRESH, { ...FRESH, intensity: 3 }],
    ["a schedule", checkedIn(), { ...scheduled(), diffusing: "wood" }],
    ["a schedule's scent", scheduled(), scheduled({ scent: "air" })],
    ["a schedule's end", scheduled(), scheduled({ endTime: "11:00:00" })],
    ["a schedule's zone, for the same moments", scheduled(), scheduled({ timeZone: "Asia/Manila" })],
    ["an empty capsule", FRESH, fill(FRESH, "air", 0)],
    ["a missing capsule", fill(FRESH, "air", 0), fill(FRESH, "air", null)],
    ["a low capsule", FRESH, fill(FRESH, "air", 1)],
  ])("is %s", ([, before, now]) => {
    expect(gistOf(now)).not.toBe(gistOf(before));
  });

  test("is not that a capsule has a little less in it", () => {
    const pod = checkedIn();
    expect(gistOf(advance(pod, NOW + HOUR).pod)).toBe(gistOf(pod));
  });
});
