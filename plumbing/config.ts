import { z } from "zod";
import { StartError } from "./start-error.ts";

/** A TCP port; 0 lets the system choose a free one. */
export function portSetting(fallback: number) {
  return z.coerce.number("a whole number from 0 to 65535").int().min(0).max(65_535).default(fallback);
}

export function wholeNumberSetting(range: { min: number; max: number }) {
  return z.coerce.number().int().min(range.min).max(range.max);
}

/** A folder, as a path from where the command runs. */
export function folderSetting(fallback: string) {
  return z.string().min(1).default(fallback);
}

/** An origin such as `https://erp.example`: no path, no credentials. */
export const originSetting = z
  .url({ protocol: /^https?$/ })
  .refine(
    (value) => new URL(value).origin === value.replace(/\/$/, ""),
    "must be an origin such as https://erp.example",
  )
  .transform((value) => new URL(value).origin);

/**
 * Reads settings by name from an environment-like object. An empty value counts as absent.
 *
 * @throws {StartError} one sentence that names every setting with a bad value
 */
export function readSettings<Shape extends z.ZodRawShape>(shape: Shape, values: Record<string, string | undefined>) {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined && value !== ""));
  const parsed = z.object(shape).safeParse(given);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => {
    const name = String(path[0]);
    return `${name} is "${given[name] ?? ""}": ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
  });
  throw new StartError(`Bad setting: ${problems.join("; ")}.`);
}
