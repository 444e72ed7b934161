import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";

const AFTER_ERROR_MS = 1_000;

/** Calls `work` until it is ended, each time after the pause that it asked for or at once when somebody notifies. */
export function startPolling(work: () => Promise<number>, { clock, log }: { clock: Clock; log: Log }) {
  let wake = new AbortController();
  let ending = false;
  let told: NodeJS.Immediate | undefined;

  async function poll(): Promise<void> {
    while (!ending) {
      // Made before looking, so that a notice that comes meanwhile cuts the pause short.
      wake = new AbortController();
      const pauseMs = await work().catch((err: unknown) => {
        log.error({ err }, "the worker could not look for what is due");
        return AFTER_ERROR_MS;
      });
      if (!wake.signal.aborted) await clock.sleep(pauseMs, wake.signal);
    }
  }
  const ended = poll();

  /** Those that notify in one turn of the event loop are seen together. */
  function notify(): void {
    told ??= setImmediate(() => {
      told = undefined;
      // With a reason of our own no error with a stack trace is made, and nobody looks at it.
      wake.abort("notified");
    });
  }

  async function end(): Promise<void> {
    ending = true;
    notify();
    await ended;
  }

  return { notify, end };
}
