/** What is to happen in a run, and when. The same scenario, seed and number of pods give the same plan. */
import { seededRandom, seedOf } from "../plumbing/random.ts";
import type { Scent } from "./contract.ts";
import { type Happening, minutesInto, type Scenario, type Step } from "./fleet-contract.ts";

/** The hotel stands where clocks never change. */
export const HOTEL_ZONE = "Etc/UTC";

type Deed =
  | { action: "checkin"; scent: Scent }
  | { action: "checkout" }
  | { action: "schedule"; startTime: string; endTime: string }
  | { action: "press"; button: "next" | "stop" };

/** `atMs` is from the beginning of the run. */
export type Moment = { atMs: number; pod: number } & Deed;
export type Trouble = { what: Happening["what"]; atMs: number; lastsMs: number; pods: readonly number[] };

export type Plan = {
  moments: readonly Moment[];
  troubles: readonly Trouble[];
  /** The behaviours of each pod that has some. */
  faults: ReadonlyMap<number, readonly string[]>;
};

type Run = { count: number; seed: number; durationMs: number };
type Random = () => number;

export function planRun(scenario: Scenario, { count, seed, durationMs }: Run): Plan {
  const clock = runClock(scenario, durationMs);
  const moments: Moment[] = [];
  const faults = new Map<number, readonly string[]>();
  for (let pod = 0; pod < count; pod++) {
    const random = seededRandom(seedOf(`${String(seed)}/${String(pod)}`));
    const story = pick(scenario.stories, random);
    for (const { atMs, step } of timesOf(story?.steps ?? [], clock, random))
      moments.push({ atMs, pod, ...deedOf(step, random) });
    const words = pick(scenario.faults, random)?.words;
    if (words) faults.set(pod, words);
  }
  moments.sort((a, b) => a.atMs - b.atMs);
  const random = seededRandom(seed);
  const troubles = scenario.happenings.map(({ what, at, minutes, share }) => ({
    what,
    atMs: clock.msAt(at),
    lastsMs: clock.msOf(minutes),
    pods: Array.from({ length: count }, (_, pod) => pod).filter(() => random() < share),
  }));
  return { moments, troubles, faults };
}

/** How many times as fast as ours the hotel's clock goes. */
export function speedOf({ hours }: Scenario, durationMs: number): number {
  return (hours * 3_600_000) / durationMs;
}

function runClock({ from, hours }: Scenario, durationMs: number) {
  const msOf = (minutes: number) => (minutes / (hours * 60)) * durationMs;
  const msAt = (time: string) => msOf(minutesInto({ from }, time));
  return { msOf, msAt };
}

/** In the order of the story, whatever the moments are that were drawn. */
function timesOf(steps: readonly Step[], { msAt }: ReturnType<typeof runClock>, random: Random) {
  const times = steps.map(({ between: [first, last] }) => msAt(first) + random() * (msAt(last) - msAt(first)));
  times.sort((a, b) => a - b);
  return steps.map((step, at) => ({ step, atMs: times[at] ?? 0 }));
}

function deedOf(step: Step, random: Random): Deed {
  switch (step.action) {
    case "checkin":
      return { action: "checkin", scent: step.scents[Math.floor(random() * step.scents.length)] ?? "wood" };
    case "checkout":
      return { action: "checkout" };
    case "schedule":
      return { action: "schedule", startTime: step.startTime, endTime: step.endTime };
    case "press":
      return { action: "press", button: step.button };
  }
}

/** One of these by their shares, or none. */
function pick<T extends { share: number }>(those: readonly T[], random: Random): T | undefined {
  let left = random();
  return those.find(({ share }) => (left -= share) < 0);
}
