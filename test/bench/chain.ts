import { allPods, onePod } from "./load.ts";
import { describeMachine } from "./machine.ts";
import type { Report } from "./report.ts";
import { isExact, runRounds } from "./rounds.ts";

const PODS = 64;
/** One guest at a time: what trails a flow is over before the next one begins. */
const REST_MS = 40;
/** The first two take other pods in each round: of one pod only so many sessions begin a minute. */
const LOADS = [
  {
    name: `alone (1 in flight, ${String(REST_MS)} ms between two)`,
    inFlight: 1,
    restMs: REST_MS,
    lanes: (round: number) => onePod(80, 2 * round),
  },
  {
    name: "in a row (1 in flight, nothing between two)",
    inFlight: 1,
    restMs: 0,
    lanes: (round: number) => onePod(100, 2 * round + 1),
  },
  { name: `${String(PODS)} in flight`, inFlight: PODS, restMs: 0, lanes: () => allPods(3, PODS) },
];
/** Takes the log of every store of the floor past its first checkpoint: it has its full length then, as the kit's. */
const WARM_UP = { lanes: allPods(12, PODS), restMs: 0 };
const MAX_ROUNDS = 12;
const BUDGET_MS = 52_000;

/** `dir` is empty. */
type Options = { dir: string; signal: AbortSignal; rounds?: number };

/**
 * The chain "answer posted → usage committed in the ERP", the kit beside a hand-written floor in the same run. Figures
 * are printed and never asserted: absolute ones move from machine to machine, compare ratios.
 */
export async function benchChain({ dir, rounds: maxRounds = MAX_ROUNDS, signal }: Options): Promise<Report> {
  const machine = describeMachine(dir);
  const plan = { loads: LOADS, warmUp: WARM_UP, maxRounds, budgetMs: BUDGET_MS };
  const cast = { kit: "kit", floor: "floor" } as const;
  const { rounds, loads, tally } = await runRounds(cast, { dir, pods: PODS, signal }, plan);
  const ok = isExact(tally.kit) && isExact(tally.floor);
  return { chain: "answer posted → usage row committed in the ERP", machine, rounds, loads, tally, ok };
}
