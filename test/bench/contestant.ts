import type { Order } from "./child.ts";
import { startChild } from "./child-process.ts";
import type { Load, Measured } from "./load.ts";

export type SideName = "kit" | "floor";

export type Contestant = Awaited<ReturnType<typeof startContestant>>;

const CHILD = new URL("child.ts", import.meta.url);

/** Starts a side in its own process, so that the two share neither heap nor event loop. */
export async function startContestant(name: SideName, at: { dir: string; pods: number; signal: AbortSignal }) {
  const args = [name, at.dir, String(at.pods)];
  const child = await startChild({ name, file: CHILD, args, signal: at.signal });
  const ask = (order: Order) => child.ask(order);
  return {
    run: async (load: Load) => (await ask({ kind: "run", load })) as Measured,
    countUsages: async () => (await ask({ kind: "count" })) as number,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
