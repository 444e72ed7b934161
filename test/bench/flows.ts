import { judge } from "./goals.ts";
import { allPods, onePod } from "./load.ts";
import { describeMachine } from "./machine.ts";
import { isExact, runRounds } from "./rounds.ts";

const PODS = 64;
/** One command at a time: what trails a flow is over before the next one begins. */
const REST_MS = 40;
const LOADS = [
  {
    name: `alone (1 in flight, ${String(REST_MS)} ms between two)`,
    inFlight: 1,
    restMs: REST_MS,
    lanes: (round: number) => onePod(60, (2 * round) % PODS),
  },
  {
    name: "in a row (1 in flight, nothing between two)",
    inFlight: 1,
    restMs: 0,
    lanes: (round: number) => onePod(100, (2 * round + 1) % PODS),
  },
  { name: `${String(PODS)} in flight`, inFlight: PODS, restMs: 0, lanes: () => allPods(16, PODS) },
];
/** Takes the log of every store of the floor past its first checkpoint: it has its full length then, as the kit's. */
const WARM_UP = { lanes: allPods(16, PODS), restMs: 0 };
const MAX_ROUNDS = 8;
const BUDGET_MS = 75_000;
const GOALS = { flowsPerSecond: 0.6, p50: 1.3 };

/** `dir` is empty; `nodeRed` is the folder that Node-RED is installed in. */
type Options = { dir: string; signal: AbortSignal; rounds?: number; nodeRed?: string };

type Outcome = Awaited<ReturnType<typeof runRounds>>;
export type FlowsReport = Awaited<ReturnType<typeof benchFlows>>;

/** The chain "command → usage committed in the ERP", without a chat: the kit, the floor and, if it is there, Node-RED. */
export async function benchFlows({ dir, rounds: maxRounds = MAX_ROUNDS, signal, nodeRed }: Options) {
  const machine = describeMachine(dir);
  const plan = { loads: LOADS, warmUp: WARM_UP, maxRounds, budgetMs: BUDGET_MS };
  const place = { dir, pods: PODS, signal, ...(nodeRed ? { peerFolder: nodeRed } : {}) };
  const cast = { kit: "kit-flows", floor: "floor-flows", ...(nodeRed ? { peer: "node-red" as const } : {}) } as const;
  const { rounds, loads, tally } = await runRounds(cast, place, plan);
  const goals = goalsOf(loads, tally);
  const ok = goals.every((goal) => goal.ok) && isExact(tally.floor);
  return { chain: "command → usage row committed in the ERP", machine, rounds, loads, tally, goals, ok };
}

function goalsOf(loads: Outcome["loads"], { kit }: Outcome["tally"]) {
  const [alone, , many] = loads;
  const twice = Math.max(kit.usages - kit.answered, 0);
  return [
    {
      name: `flows per second with ${String(PODS)} in flight, kit ÷ floor`,
      measured: many?.ratios.flowsPerSecond.ratio ?? Number.NaN,
      atLeast: GOALS.flowsPerSecond,
    },
    { name: "p50 alone, kit ÷ floor", measured: alone?.ratios.p50.ratio ?? Number.NaN, atMost: GOALS.p50 },
    { name: "commands without a usage", measured: kit.lost, atMost: 0 },
    { name: "usages too many", measured: twice, atMost: 0 },
  ].map(judge);
}
