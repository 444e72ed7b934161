import { SCENTS, type Scent } from "../contract.ts";
import type { Value } from "./behaviour.ts";

const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };
const MAX_HOURS = 24;
export const MAX_MS = MAX_HOURS * UNITS.h;

/** Milliseconds, written as `500ms`, `2s`, `5m` or `1h`. */
export function duration(fallback: string, leastMs = 0): Value<number> {
  return {
    takes: `a time such as 500ms, 2s or 5m, ${String(MAX_HOURS)}h at most`,
    fallback,
    read(text) {
      const [, amount, unit] = /^(-?\d{1,8}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
      const ms = Number(amount) * UNITS[(unit ?? "ms") as keyof typeof UNITS];
      return amount !== undefined && ms >= leastMs && ms <= MAX_MS ? ms : undefined;
    },
  };
}

/** From 0 to 1, written as a percentage. */
export function share(fallback: string): Value<number> {
  return {
    takes: "a share such as 30%, 100% at most",
    fallback,
    read(text) {
      const [, percent] = /^(\d{1,3})%$/.exec(text) ?? [];
      return percent !== undefined && Number(percent) <= 100 ? Number(percent) / 100 : undefined;
    },
  };
}

/** One scent, or several with commas between them. */
export function scents(fallback: Scent): Value<readonly Scent[]> {
  return {
    takes: `scents of ${SCENTS.join(",")}, with commas between them`,
    fallback,
    read(text) {
      const named = text.split(",");
      return named.every((name) => SCENTS.some((scent) => scent === name)) ? (named as Scent[]) : undefined;
    },
  };
}
