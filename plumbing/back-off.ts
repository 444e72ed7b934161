const FIRST_MS = 100;
const LAST_MS = 5_000;

/** How long to wait before the next try after so many that failed: ever longer, and not with everybody else at once. */
export function retryAfterMs(failed: number): number {
  const ceiling = Math.min(LAST_MS, FIRST_MS * 2 ** failed);
  return ceiling / 2 + Math.random() * (ceiling / 2);
}
