import { setTimeout as delay } from "node:timers/promises";
import { type Visit, visit } from "./visit.ts";

export type Crowd = { atMs: number; thinkMs: number }[];

/** People do not queue evenly: each comes at any time within the span, and thinks for one to five seconds. */
export function makeCrowd(guests: number, withinMs: number): Crowd {
  return Array.from({ length: guests }, () => ({
    atMs: Math.random() * withinMs,
    thinkMs: 1_000 + Math.random() * 4_000,
  }));
}

/** Everybody's visit, each launch link used by as many as the others. */
export async function receive(
  crowd: Crowd,
  at: { origin: string; launchPaths: readonly string[]; signal: AbortSignal },
): Promise<Visit[]> {
  const visits = crowd.map(async ({ atMs, thinkMs }, guest) => {
    const launchPath = at.launchPaths[guest % at.launchPaths.length] ?? "";
    await delay(atMs, undefined, { signal: at.signal });
    return visit({ origin: at.origin, launchPath, signal: at.signal }, thinkMs);
  });
  return Promise.all(visits);
}
