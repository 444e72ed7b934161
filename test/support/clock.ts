import type { Clock } from "../../plumbing/clock.ts";

export type ManualClock = ReturnType<typeof manualClock>;

/** A clock that stands still until it is told to go on: `sleep` follows the time that passed, `now` what people set. */
export function manualClock() {
  const sleepers = new Set<{ until: number; wake: () => void }>();
  let passedMs = 0;
  let offset = Date.parse("2026-03-01T12:00:00.000Z");

  const clock: Clock = {
    now: () => offset + passedMs,
    sleep(ms, signal) {
      if (signal?.aborted) return Promise.resolve();
      const { promise, resolve } = Promise.withResolvers<void>();
      const sleeper = { until: passedMs + ms, wake: resolve };
      sleepers.add(sleeper);
      signal?.addEventListener("abort", () => resolve(), { once: true });
      return promise.finally(() => sleepers.delete(sleeper));
    },
  };

  return {
    ...clock,
    /** Lets time pass for everybody. */
    advance(ms: number): void {
      passedMs += ms;
      for (const { until, wake } of sleepers) if (until <= passedMs) wake();
    },
    /** Sets the clock without any time passing, as a person or a time server does. */
    shift(ms: number): void {
      offset += ms;
    },
  };
}
