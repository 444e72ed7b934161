import { SCENTS, type Scent } from "./contract.ts";

/** 1 gentle, 2 normal, 3 strong. */
export type Intensity = 1 | 2 | 3;

/** Millilitres left; `null` is a slot without a capsule. */
export type Capsules = Readonly<Record<Scent, number | null>>;

/** What a new capsule holds, in millilitres. */
export const CAPSULE_ML = 10;
export const LOW_ML = CAPSULE_ML / 10;

/** Millilitres an hour at normal intensity: what evaporates easily is used up sooner. */
const USE_PER_HOUR: Record<Scent, number> = { fire: 0.2, wood: 0.15, water: 0.12, air: 0.1 };
const STRENGTH: Record<Intensity, number> = { 1: 0.5, 2: 1, 3: 1.5 };

const HOUR_MS = 3_600_000;
/** A thousand times less than a drop: what is left by rounding is nothing. */
const NOTHING_ML = 1e-6;

export const FULL: Capsules = { fire: CAPSULE_ML, wood: CAPSULE_ML, water: CAPSULE_ML, air: CAPSULE_ML };

export function usePerHour(scent: Scent, intensity: Intensity): number {
  return USE_PER_HOUR[scent] * STRENGTH[intensity];
}

/** The capsules after one of them has diffused for a while. */
export function burn(
  capsules: Capsules,
  scent: Scent,
  { ms, intensity }: { ms: number; intensity: Intensity },
): Capsules {
  const left = (capsules[scent] ?? 0) - usePerHour(scent, intensity) * (ms / HOUR_MS);
  return { ...capsules, [scent]: left < NOTHING_ML ? 0 : left };
}

/** How long a capsule lasts until this much is left, in whole milliseconds; 0 when it has less already. */
export function lastsMs(
  scent: Scent,
  { from, to, intensity }: { from: number; to: number; intensity: Intensity },
): number {
  return Math.max(0, Math.ceil(((from - to) / usePerHour(scent, intensity)) * HOUR_MS));
}

/** The scents that are to be refilled soon. */
export function lowScents(capsules: Capsules): Scent[] {
  return SCENTS.filter((scent) => isLow(capsules[scent]));
}

export function isLow(ml: number | null): boolean {
  return ml !== null && ml <= LOW_ML + NOTHING_ML;
}
