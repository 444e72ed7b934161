import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { type Contestant, type Place, type SideName, startContestant } from "./contestant.ts";
import { compare, type Rounds, type Sides } from "./figures.ts";
import type { Load, Measured } from "./load.ts";

/** Repeated in each round; `lanes` may take other pods each time. */
type RoundLoad = { name: string; inFlight: number; restMs: number; lanes: (round: number) => Load["lanes"] };

/** No further round begins that would probably end later than `budgetMs` after the start. */
type Plan = { loads: readonly RoundLoad[]; warmUp: Load; maxRounds: number; budgetMs: number };

export type Tally = { answered: number; lost: number; usages: number };

type Player = { part: keyof Sides<unknown>; side: Contestant; tally: Tally };

/** Starts the sides, each in a process of its own, and lets them take turns under the same loads. */
export async function runRounds(cast: Sides<SideName>, place: Place, plan: Plan) {
  await using owned = new AsyncDisposableStack();
  const players: Player[] = [];
  for (const [part, name] of Object.entries(cast)) {
    const dir = join(place.dir, part);
    mkdirSync(dir);
    const side = owned.use(await startContestant(name, { ...place, dir }));
    players.push({ part: part as Player["part"], side, tally: { answered: 0, lost: 0, usages: 0 } });
  }
  for (const player of players) await run(player, plan.warmUp);

  const results = plan.loads.map((): Rounds => []);
  let rounds = 0;
  let roundMs = 0;
  while (rounds < plan.maxRounds && (rounds === 0 || performance.now() + roundMs < plan.budgetMs)) {
    const startedAt = performance.now();
    // They take turns in being the first.
    const order = rounds % 2 === 0 ? players : players.toReversed();
    for (const [at, { lanes, restMs }] of plan.loads.entries())
      results[at]?.push(await runAll(order, { lanes: lanes(rounds), restMs }));
    roundMs = performance.now() - startedAt;
    rounds++;
  }

  for (const { side, tally } of players) tally.usages = await side.countUsages();
  const loads = plan.loads.map(({ name, inFlight, restMs, lanes }, at) => {
    return { name, inFlight, restMs, flowsPerRound: lanes(0).flat().length, ...compare(results[at] ?? []) };
  });
  const tally = Object.fromEntries(players.map((player) => [player.part, player.tally])) as Sides<Tally>;
  return { rounds, loads, tally };
}

async function runAll(players: readonly Player[], load: Load): Promise<Sides<Measured>> {
  const measured: Partial<Sides<Measured>> = {};
  for (const player of players) measured[player.part] = await run(player, load);
  return measured as Sides<Measured>;
}

async function run({ side, tally }: Player, load: Load): Promise<Measured> {
  const measured = await side.run(load);
  tally.answered += measured.latenciesMs.length;
  tally.lost += measured.lost;
  return measured;
}

/** Each answered flow has one usage, and no other flow has any. */
export function isExact({ answered, lost, usages }: Tally): boolean {
  return lost === 0 && answered === usages;
}
