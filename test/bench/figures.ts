import type { Measured } from "./load.ts";
import { histogram, median, quantile } from "./statistics.ts";

/** Something of each side; `peer` is what a user would pick instead, where it takes part. */
export type Sides<T> = { kit: T; floor: T; peer?: T };

/** One load's rounds: what the sides measured, one after the other. */
export type Rounds = Sides<Measured>[];

export const HISTOGRAM_BOUNDS_MS = [1, 2, 3, 5, 10, 20, 40, 100];
/** What Nagle's algorithm with delayed acknowledgements adds to a hop. */
export const NAGLE_STEP_MS = 40;

export type Figures = ReturnType<typeof figuresOf>;
export type Comparison = ReturnType<typeof compare>;

/** Medians over the rounds; the slowest flow and the histogram are of all rounds together. */
function figuresOf(rounds: readonly Measured[]) {
  const all = rounds.flatMap(({ latenciesMs }) => latenciesMs);
  const over = (figure: (round: Measured) => number) => median(rounds.map(figure));
  return {
    p50Ms: over(({ latenciesMs }) => quantile(latenciesMs, 0.5)),
    p99Ms: over(({ latenciesMs }) => quantile(latenciesMs, 0.99)),
    flowsPerSecond: over(({ latenciesMs, elapsedMs }) => (latenciesMs.length / elapsedMs) * 1_000),
    cpuPerFlowUs: over(({ latenciesMs, cpuMs }) => (cpuMs / latenciesMs.length) * 1_000),
    slowestMs: all.reduce((slowest, latency) => Math.max(slowest, latency), 0),
    flowsFrom40Ms: all.filter((latency) => latency >= NAGLE_STEP_MS).length,
    flows: all.length,
    histogram: histogram(all, HISTOGRAM_BOUNDS_MS),
  };
}

/** All sides of one load with the kit's figures divided by the floor's; the range is that of the pairs of rounds. */
export function compare(rounds: Rounds) {
  const kit = figuresOf(rounds.map((round) => round.kit));
  const floor = figuresOf(rounds.map((round) => round.floor));
  const ratio = (figure: (figures: Figures) => number) => figure(kit) / figure(floor);
  const range = (figure: (figures: Figures) => number) => {
    const pairs = rounds.map((round) => figure(figuresOf([round.kit])) / figure(figuresOf([round.floor])));
    return { lowest: Math.min(...pairs), highest: Math.max(...pairs) };
  };
  const both = (figure: (figures: Figures) => number) => ({ ratio: ratio(figure), ...range(figure) });
  const peer = rounds.flatMap((round) => round.peer ?? []);
  return {
    kit,
    floor,
    ...(peer.length > 0 ? { peer: figuresOf(peer) } : {}),
    ratios: {
      p50: both(({ p50Ms }) => p50Ms),
      p99: both(({ p99Ms }) => p99Ms),
      flowsPerSecond: both(({ flowsPerSecond }) => flowsPerSecond),
      cpuPerFlow: both(({ cpuPerFlowUs }) => cpuPerFlowUs),
    },
  };
}
