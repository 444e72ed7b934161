import { setTimeout as delay } from "node:timers/promises";

const POLL_MS = 20;
const DEADLINE_MS = 20_000;

/**
 * Looks again and again until `look` no longer throws; resolves with what it returned.
 *
 * @throws what `look` threw last, once the deadline has passed: an assertion in it shows the last value
 */
export async function eventually<T>(look: () => T | Promise<T>, deadlineMs = DEADLINE_MS): Promise<T> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    try {
      return await look();
    } catch (error) {
      if (performance.now() > giveUpAt) throw error;
    }
    await delay(POLL_MS);
  }
}
