const BASE_MS = 1_000;
const CEILING_MS = 300_000;
const MAX_AGE_MS = 72 * 3_600_000;

/** Full jitter: anything up to a ceiling that doubles with each attempt. `random` is from [0, 1). */
export function backoffMs(attempts: number, random: number): number {
  return Math.round(random * Math.min(CEILING_MS, BASE_MS * 2 ** Math.min(attempts, 30)));
}

export function isTooOld(ageMs: number): boolean {
  return ageMs > MAX_AGE_MS;
}
