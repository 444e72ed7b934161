import type { Clock } from "../plumbing/clock.ts";
import { createWindows } from "../plumbing/windows.ts";

export const BEGINS_PER_POD = 300;
/** A hotel is one address. */
export const BEGINS_PER_ADDRESS = 3_000;

export type BeginLimits = ReturnType<typeof createBeginLimits>;

/** How many sessions may begin: per pod and per address. */
export function createBeginLimits(clock: Clock) {
  const pods = createWindows(BEGINS_PER_POD);
  const addresses = createWindows(BEGINS_PER_ADDRESS);

  return {
    /** 0 when a session may begin, and counts it; otherwise the whole seconds until one may, and counts nothing. */
    secondsToWait(serial: string, address: string): number {
      const now = clock.now();
      const waitMs = Math.max(pods.waitMs(serial, now), addresses.waitMs(address, now));
      if (waitMs > 0) return Math.ceil(waitMs / 1_000);
      pods.count(serial, now);
      addresses.count(address, now);
      return 0;
    },
  };
}
