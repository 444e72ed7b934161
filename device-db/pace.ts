/** How many calls may start: no more than `concurrency` at a time, and with a `rate` no more than that many a second. */
export function createPace({ concurrency, rate }: { concurrency: number; rate: number | undefined }) {
  const spacingMs = rate ? 1_000 / rate : 0;
  let nextAt = 0;

  /** `now` may be before the last one, when somebody set the clock. */
  function waitMs(now: number): number {
    return Math.min(Math.max(nextAt - now, 0), spacingMs);
  }

  function allowed(now: number, underWay: number): number {
    const free = concurrency - underWay;
    if (spacingMs === 0) return free;
    return waitMs(now) === 0 ? Math.min(free, 1) : 0;
  }

  function started(now: number): void {
    nextAt = now + spacingMs;
  }

  return { allowed, started, waitMs };
}
