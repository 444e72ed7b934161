import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Contestant, type SideName, startContestant } from "./contestant.ts";
import { compare, type Rounds } from "./figures.ts";
import { allPods, type Load, onePod } from "./load.ts";
import { describeMachine } from "./machine.ts";
import type { Report, Tally } from "./report.ts";

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
const SIDES: readonly SideName[] = ["kit", "floor"];
const MAX_ROUNDS = 12;
/** No further round begins that would probably end later than this after the start. */
const BUDGET_MS = 52_000;

/** `dir` is empty. */
type Options = { dir: string; signal: AbortSignal; rounds?: number };
type Arena = Record<SideName, Contestant>;

/**
 * The chain "answer posted → usage committed in the ERP", the kit beside a hand-written floor in the same run. Figures
 * are printed and never asserted: absolute ones move from machine to machine, compare ratios.
 */
export async function benchChain({ dir, rounds: maxRounds = MAX_ROUNDS, signal }: Options): Promise<Report> {
  const machine = describeMachine(dir);
  await using kit = await startSide("kit", dir, signal);
  await using floor = await startSide("floor", dir, signal);
  const arena = { kit, floor };
  const results = LOADS.map((): Rounds => []);
  const tally = { kit: newTally(), floor: newTally() };

  for (const name of SIDES) await runSide(arena[name], tally[name], WARM_UP);
  let rounds = 0;
  let roundMs = 0;
  while (rounds < maxRounds && (rounds === 0 || performance.now() + roundMs < BUDGET_MS)) {
    const startedAt = performance.now();
    const round = await runRound(arena, tally, rounds);
    for (const [at, measured] of round.entries()) results[at]?.push(measured);
    roundMs = performance.now() - startedAt;
    rounds++;
  }

  for (const name of SIDES) tally[name].usages = await arena[name].countUsages();
  const loads = LOADS.map(({ name, inFlight, restMs, lanes }, at) => {
    return { name, inFlight, restMs, flowsPerRound: lanes(0).flat().length, ...compare(results[at] ?? []) };
  });
  const ok = Object.values(tally).every(({ answered, lost, usages }) => lost === 0 && answered === usages);
  return { chain: "answer posted → usage row committed in the ERP", machine, rounds, loads, tally, ok };
}

function startSide(name: SideName, dir: string, signal: AbortSignal): Promise<Contestant> {
  const own = join(dir, name);
  mkdirSync(own);
  return startContestant(name, { dir: own, pods: PODS, signal });
}

/** Every load on both sides, which take turns in being the first. */
async function runRound(arena: Arena, tally: Record<SideName, Tally>, at: number): Promise<Rounds> {
  const order = at % 2 === 0 ? SIDES : SIDES.toReversed();
  const round: Rounds = [];
  for (const { lanes, restMs } of LOADS) {
    const load = { lanes: lanes(at), restMs };
    const measured: Partial<Rounds[number]> = {};
    for (const name of order) measured[name] = await runSide(arena[name], tally[name], load);
    round.push(measured as Rounds[number]);
  }
  return round;
}

async function runSide(side: Contestant, tally: Tally, load: Load) {
  const measured = await side.run(load);
  tally.answered += measured.latenciesMs.length;
  tally.lost += measured.lost;
  return measured;
}

function newTally(): Tally {
  return { answered: 0, lost: 0, usages: 0 };
}
