import { monitorEventLoopDelay, performance } from "node:perf_hooks";

/** A timer of this length tells by its lateness how long a turn of the event loop keeps others waiting. */
const RESOLUTION_MS = 20;
/** Whoever asks within this time of somebody else gets the same figures, so that several may ask. */
const WINDOW_MS = 5_000;
const NS_PER_S = 1e9;

/** How late timers were, in seconds. */
type Lag = { p50: number; p99: number; max: number };

type Watch = { delays: ReturnType<typeof monitorEventLoopDelay>; startedAt: number; lag: Lag | undefined };

let watch: Watch | undefined;

/** Watches the event loop of this process from now on; that costs fifty timers a second, and no turn anything. */
export function watchEventLoop(): void {
  if (watch) return;
  watch = {
    delays: monitorEventLoopDelay({ resolution: RESOLUTION_MS }),
    startedAt: performance.now(),
    lag: undefined,
  };
  watch.delays.enable();
}

/** The lag since somebody asked before, and how long the event loop has been busy since the start of the process. */
export function eventLoopFigures(): Lag & { activeSeconds: number } {
  return { ...lagOf(watch), activeSeconds: performance.eventLoopUtilization().active / 1_000 };
}

function lagOf(of: Watch | undefined): Lag {
  if (!of) return { p50: 0, p99: 0, max: 0 };
  const now = performance.now();
  if (of.lag && now - of.startedAt < WINDOW_MS) return of.lag;
  const { delays } = of;
  const late = (ns: number) => Math.max(0, ns / NS_PER_S - RESOLUTION_MS / 1_000);
  of.lag = { p50: late(delays.percentile(50)), p99: late(delays.percentile(99)), max: late(delays.max) };
  delays.reset();
  of.startedAt = now;
  return of.lag;
}
