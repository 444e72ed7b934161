import type { Order, SideName } from "./child.ts";
import { startChild } from "./child-process.ts";
import type { Load, Measured } from "./load.ts";

export type { SideName };

export type Contestant = Awaited<ReturnType<typeof startContestant>>;

/** `peerFolder` is where the peer is installed, for the side that runs it. */
export type Place = { dir: string; pods: number; signal: AbortSignal; peerFolder?: string };

const CHILD = new URL("child.ts", import.meta.url);

/** Starts a side in its own process, so that the two share neither heap nor event loop. */
export async function startContestant(name: SideName, { dir, pods, signal, peerFolder = "" }: Place) {
  const child = await startChild({ name, file: CHILD, args: [name, dir, String(pods), peerFolder], signal });
  const ask = (order: Order) => child.ask(order);
  return {
    run: async (load: Load) => (await ask({ kind: "run", load })) as Measured,
    countUsages: async () => (await ask({ kind: "count" })) as number,
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
