import { setTimeout as delay } from "node:timers/promises";

export type Clock = {
  /** Epoch milliseconds. */
  now(): number;
  /** Ends after `ms`, or at once when `signal` is aborted; never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
};

export const systemClock: Clock = {
  now: Date.now,
  sleep: async (ms, signal) => {
    await delay(ms, undefined, signal ? { signal, ref: false } : { ref: false }).catch(() => undefined);
  },
};

/** ISO 8601, UTC, milliseconds. */
export function isoTime(epochMs: number): string {
  return new Date(epochMs).toISOString();
}
