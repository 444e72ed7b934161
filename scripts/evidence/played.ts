/** What was played, scenario by scenario, and how much of it is shown in full. */
import type { Evidence, Outcome } from "../scenarios/outcome.ts";

/** All runs of one scenario. */
export type Played = { scenario: Outcome["scenario"]; runs: readonly Outcome[]; failures: readonly Outcome[] };

/** In the order of the first run; those that failed before those that passed. */
export function playedIn({ outcomes }: Evidence): Played[] {
  const byScenario = Map.groupBy(outcomes, ({ scenario }) => `${scenario.file}\n${scenario.name}`);
  const played = [...byScenario.values()].map((runs): Played => {
    const [{ scenario }] = runs as [Outcome];
    return { scenario, runs, failures: runs.filter(({ ok }) => !ok) };
  });
  return [...played.filter((one) => !isPassed(one)), ...played.filter(isPassed)];
}

/** How many runs of a scenario are shown in full: a report of thousands is still one that a browser opens. */
const MOST_FULL = { failed: 10, passed: 3 };

export type Shares = { full: readonly Outcome[]; brief: readonly Outcome[] };

/** The failures first; a run that is not shown in full is one line. */
export function sharesOf({ runs, failures }: Played): Shares {
  const passes = runs.filter(({ ok }) => ok);
  const full = [...failures.slice(0, MOST_FULL.failed), ...passes.slice(0, MOST_FULL.passed)];
  return { full, brief: [...failures.slice(MOST_FULL.failed), ...passes.slice(MOST_FULL.passed)] };
}

export function medianMs(runs: readonly Outcome[]): number {
  const times = runs.map(({ ms }) => ms).sort((a, b) => a - b);
  return times[Math.floor((times.length - 1) / 2)] ?? 0;
}

export function isPassed({ failures }: Played): boolean {
  return failures.length === 0;
}
