import { describe, expect, test } from "vitest";
import { type Scenario, scenarioSchema } from "../../device-sim/fleet-contract.ts";
import { planRun, speedOf } from "../../device-sim/fleet-plan.ts";

const COUNT = 2_000;
/** A second of the run is an hour of the hotel's. */
const RUN = { count: COUNT, seed: 1, durationMs: 22_000 };

function scenario(fields: object): Scenario {
  return scenarioSchema.parse({ about: "A test.", from: "14:00", hours: 22, stories: [], ...fields });
}

const DAY = scenario({
  stories: [
    {
      share: 0.5,
      steps: [
        { action: "checkin", between: ["15:00", "18:00"], scents: ["wood", "air"] },
        { action: "checkout", between: ["07:00", "11:00"] },
      ],
    },
    { share: 0.3, steps: [{ action: "press", between: ["23:00", "01:00"], button: "next" }] },
  ],
  happenings: [{ what: "power-cut", at: "20:00", minutes: 30, share: 0.4 }],
  faults: [{ share: 0.1, words: ["late=2s"] }],
});

const near = (expected: number) => ({
  asymmetricMatch: (value: number) => Math.abs(value - expected) < COUNT * 0.04,
  toString: () => `near ${String(expected)}`,
});

describe("the plan of a run", () => {
  const plan = planRun(DAY, RUN);
  const of = (action: string) => plan.moments.filter((moment) => moment.action === action);

  test("gives each pod one story by its share, or none", () => {
    expect([of("checkin").length, of("checkout").length, of("press").length]).toEqual([
      near(COUNT * 0.5),
      of("checkin").length,
      near(COUNT * 0.3),
    ]);
    const pods = (action: string) => new Set(of(action).map(({ pod }) => pod));
    expect(pods("checkin").isDisjointFrom(pods("press"))).toBe(true);
    expect(pods("checkin")).toEqual(pods("checkout"));
  });

  test("lets it happen between its hours, also after midnight, in the order of the story and of time", () => {
    const hours = (action: string) => of(action).map(({ atMs }) => atMs / 1_000);
    const range = (those: number[]) => [Math.min(...those), Math.max(...those)];
    const [firstIn = 0, lastIn = 0] = range(hours("checkin"));
    expect([firstIn >= 1, firstIn < 1.1, lastIn <= 4, lastIn > 3.9]).toEqual([true, true, true, true]);
    const [firstOut = 0, lastOut = 0] = range(hours("checkout"));
    expect([firstOut >= 17, lastOut <= 21]).toEqual([true, true]);
    const [firstPress = 0, lastPress = 0] = range(hours("press"));
    expect([firstPress >= 9, lastPress <= 11]).toEqual([true, true]);
    const times = plan.moments.map(({ atMs }) => atMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  });

  test("draws only the scents that are named", () => {
    const scents = of("checkin").flatMap((moment) => ("scent" in moment ? [moment.scent] : []));
    expect(
      Object.fromEntries(
        Map.groupBy(scents, (scent) => scent)
          .entries()
          .map(([scent, those]) => [scent, those.length]),
      ),
    ).toEqual({
      wood: near(COUNT * 0.25),
      air: near(COUNT * 0.25),
    });
  });

  test("says who has no power when, and who has which behaviours", () => {
    const [cut] = plan.troubles;
    expect(cut).toMatchObject({ what: "power-cut", atMs: 6_000, lastsMs: 500 });
    expect(cut?.pods.length).toEqual(near(COUNT * 0.4));
    expect(plan.faults.size).toEqual(near(COUNT * 0.1));
    expect(new Set(plan.faults.values().map(String))).toEqual(new Set(["late=2s"]));
  });

  test("is the same again for the same seed, and another one for another", () => {
    expect(planRun(DAY, RUN)).toEqual(plan);
    expect(planRun(DAY, { ...RUN, seed: 2 }).moments).not.toEqual(plan.moments);
  });

  test("leaves the pods that there were as they were when there are more", () => {
    const more = planRun(DAY, { ...RUN, count: COUNT + 100 }).moments.filter(({ pod }) => pod < COUNT);
    expect(more).toEqual(plan.moments);
  });
});

test("steps that overlap still come one after the other", () => {
  const between = ["15:00", "16:00"];
  const steps = [
    { action: "checkin", between },
    { action: "press", between, button: "stop" },
  ];
  const { moments } = planRun(scenario({ stories: [{ share: 1, steps }] }), { ...RUN, count: 200 });
  for (const those of Map.groupBy(moments, ({ pod }) => pod).values())
    expect(those.map(({ action }) => action)).toEqual(["checkin", "press"]);
});

test("the hotel's clock goes as fast as its hours need", () => {
  expect(speedOf(DAY, 60_000)).toBe(1_320);
});
