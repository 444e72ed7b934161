import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { startPeriodic } from "../plumbing/periodic.ts";
import type { FlowStore } from "./flow-store.ts";

const SWEEP_EVERY_MS = 60_000;
/** Two weeks, as long as the bot keeps what was said. */
const HOPS_KEPT_MS = 14 * 24 * 3_600_000;

type Deps = { flow: Pick<FlowStore, "forgetBefore">; clock: Clock; log: Log };

/** Forgets old hops; flows, events and deliveries stay. */
export function startFlowSweeper({ flow, clock, log }: Deps) {
  async function sweep(ending: AbortSignal): Promise<void> {
    while (!ending.aborted && (await flow.forgetBefore(clock.now() - HOPS_KEPT_MS)));
  }

  const onError = (err: unknown) => log.error({ err }, "old hops not forgotten");
  return startPeriodic(sweep, { everyMs: SWEEP_EVERY_MS, clock, onError });
}
