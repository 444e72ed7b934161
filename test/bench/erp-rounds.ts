import type { CallLoad } from "./erp-load.ts";
import type { ErpSide } from "./erp-side.ts";
import { compare, type Rounds, type Sides } from "./figures.ts";
import type { Measured } from "./load.ts";

/** The peer, which is slow, gets so much less to do; and only of the loads that say so. */
const PEER_SHARE = 1 / 8;

export type RoundLoad = CallLoad & { hasPeer?: boolean };
export type ComparedLoad = ReturnType<typeof compare> & { name: string; count: number };

/** No further round begins that would probably end later than `budgetMs` after the start. */
type Plan = { loads: readonly RoundLoad[]; maxRounds: number; budgetMs: number };

/** Lets the sides take turns under the same loads, and in being the first. */
export async function alternate(sides: Sides<ErpSide>, { loads, maxRounds, budgetMs }: Plan) {
  const results = loads.map((): Rounds => []);
  const startedAt = performance.now();
  let lost = 0;
  let round = 0;
  do {
    const order = Object.entries(sides) as [keyof Sides<unknown>, ErpSide][];
    if (round % 2 === 1) order.reverse();
    for (const [at, load] of loads.entries()) {
      const measured: Partial<Sides<Measured>> = {};
      for (const [part, side] of order.filter(([name]) => name !== "peer" || load.hasPeer)) {
        const count = part === "peer" ? load.count * PEER_SHARE : load.count;
        measured[part] = await side.call({ ...load, count });
        lost += measured[part].lost;
      }
      results[at]?.push(measured as Sides<Measured>);
    }
    round++;
  } while (round < maxRounds && ((performance.now() - startedAt) * (round + 1)) / round < budgetMs);
  const compared = loads.map(({ name, count }, at): ComparedLoad => ({ name, count, ...compare(results[at] ?? []) }));
  return { rounds: round, loads: compared, lost };
}
