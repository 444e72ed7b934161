export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
  /** Ends after `ms`, or at once when `signal` is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      const timer = setTimeout(end, ms);
      timer.unref();
      signal?.addEventListener("abort", end, { once: true });
      function end(): void {
        clearTimeout(timer);
        signal?.removeEventListener("abort", end);
        resolve();
      }
    }),
};

/** ISO 8601, UTC, milliseconds. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}

/** What every UUIDv7 made before this time sorts before. */
export function idAt(epochMs: number): string {
  const hex = Math.max(0, epochMs).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
}

/** A clock whose time goes so many times as fast, from the moment on at which it is made. */
export function speedUp(clock: Clock, times: number): Clock {
  if (times === 1) return clock;
  const startedAt = clock.now();
  return {
    now: () => startedAt + (clock.now() - startedAt) * times,
    sleep: (ms, signal) => clock.sleep(ms / times, signal),
  };
}
