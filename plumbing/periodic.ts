import type { Clock } from "./clock.ts";

type Options = { everyMs: number; clock: Clock; onError: (error: unknown) => void };

/** Does `work` at once, and again so long after each time; closing waits for the work under way, whose signal tells it. */
export function startPeriodic(work: (ending: AbortSignal) => Promise<void>, { everyMs, clock, onError }: Options) {
  const ending = new AbortController();

  async function run(): Promise<void> {
    while (!ending.signal.aborted) {
      await work(ending.signal).catch(onError);
      await clock.sleep(everyMs, ending.signal);
    }
  }

  const ended = run();
  return {
    close: async (): Promise<void> => {
      ending.abort();
      await ended;
    },
  };
}
