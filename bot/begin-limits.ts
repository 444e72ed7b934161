import type { Clock } from "../plumbing/clock.ts";

export const BEGINS_PER_POD = 300;
/** A hotel is one address. */
export const BEGINS_PER_ADDRESS = 3_000;
export const WINDOW_MS = 60_000;
/** Of each kind; beyond it the oldest window is forgotten, so that no flood of keys fills the memory. */
export const MAX_WINDOWS = 20_000;

type Window = { startedAt: number; begins: number };

export type BeginLimits = ReturnType<typeof createBeginLimits>;

/** How many sessions may begin: per pod and per address, counted in windows that start with a key's first. */
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

function createWindows(limit: number) {
  // In the order of their starts.
  const windows = new Map<string, Window>();

  const drop = (now: number): void => {
    for (const [key, window] of windows) {
      if (windows.size <= MAX_WINDOWS && isOpen(window, now)) return;
      windows.delete(key);
    }
  };

  return {
    waitMs(key: string, now: number): number {
      const window = windows.get(key);
      const isFull = window !== undefined && isOpen(window, now) && window.begins >= limit;
      return isFull ? window.startedAt + WINDOW_MS - now : 0;
    },

    count(key: string, now: number): void {
      const window = windows.get(key);
      if (window && isOpen(window, now)) {
        window.begins++;
        return;
      }
      windows.delete(key);
      windows.set(key, { startedAt: now, begins: 1 });
      drop(now);
    },
  };
}

/** A clock that was set back closes a window too: nobody waits longer than one. */
function isOpen({ startedAt }: Window, now: number): boolean {
  return startedAt <= now && now < startedAt + WINDOW_MS;
}
