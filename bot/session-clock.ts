/** How long a guest may say nothing; the warning comes before. */
export const IDLE_MS = 300_000;
export const WARNING_MS = 60_000;
/** No session takes longer, whatever is said. */
export const LIFE_MS = 1_800_000;

type Times = { startedAt: number; dueAt: number; warned: number };

/** When somebody has to look at a session next: first to warn its guest, then to close it. */
export function firstDueAt(startedAt: number): number {
  return startedAt + IDLE_MS - WARNING_MS;
}

/** The same after the guest was heard. Near the end of its life nothing makes a session longer. */
export function dueAfterHearing({ startedAt, dueAt, warned }: Times, now: number): Pick<Times, "dueAt" | "warned"> {
  const lastWarningAt = startedAt + LIFE_MS - WARNING_MS;
  if (now >= lastWarningAt) return { dueAt, warned };
  return { dueAt: Math.min(now + IDLE_MS - WARNING_MS, lastWarningAt), warned: 0 };
}
