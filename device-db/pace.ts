/** How many calls may start: no more than `concurrency` at a time, and with a `rate` no more than that many a second. */
export function createPace({ concurrency, rate }: { concurrency: number; rate: number | undefined }) {
  const spacingMs = rate ? 1_000 / rate : 0;
  let nextAt = 0;

  function waitMs(now: number): number {
    const left = nextAt - now;
    // More than one spacing is left only after a clock was set back.
    return left > spacingMs ? 0 : Math.max(left, 0);
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
