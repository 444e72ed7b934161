export const WINDOW_MS = 60_000;
/** Beyond it the oldest window is forgotten, so that no flood of keys fills the memory. */
export const MAX_WINDOWS = 20_000;

type Window = { startedAt: number; number: number };

/** Counts per key in windows of a minute that start with a key's first. */
export function createWindows(limit: number) {
  // In the order of their starts.
  const windows = new Map<string, Window>();

  const drop = (now: number): void => {
    for (const [key, window] of windows) {
      if (windows.size <= MAX_WINDOWS && isOpen(window, now)) return;
      windows.delete(key);
    }
  };

  return {
    /** How long the key's window is full; 0 when it is not. */
    waitMs(key: string, now: number): number {
      const window = windows.get(key);
      const isFull = window !== undefined && isOpen(window, now) && window.number >= limit;
      return isFull ? window.startedAt + WINDOW_MS - now : 0;
    },

    count(key: string, now: number): void {
      const window = windows.get(key);
      if (window && isOpen(window, now)) {
        window.number++;
        return;
      }
      windows.delete(key);
      windows.set(key, { startedAt: now, number: 1 });
      drop(now);
    },
  };
}

/** A clock that was set back closes a window too: nobody waits longer than one. */
function isOpen({ startedAt }: Window, now: number): boolean {
  return startedAt <= now && now < startedAt + WINDOW_MS;
}
