import { z } from "zod";
import { StartError } from "./start-error.ts";

/** A TCP port; 0 lets the system choose a free one. */
export function portSetting(fallback: number) {
  return wholeNumberSetting({ min: 0, max: 65_535 })
    .default(fallback)
    .describe("Its port on 127.0.0.1; 0 takes any free one.");
}

export function wholeNumberSetting({ min, max }: { min: number; max: number }) {
  const rule = `must be a whole number from ${String(min)} to ${String(max)}`;
  return z.coerce.number(rule).int(rule).min(min, rule).max(max, rule);
}

/** A folder, as a path from where the command runs. */
export function folderSetting(fallback: string) {
  return z.string().min(1).default(fallback);
}

/** An origin such as `https://erp.example`: no path, no credentials. */
export const originSetting = z
  .string()
  .refine(isOrigin, "must be an origin such as https://erp.example")
  .transform((value) => new URL(value).origin);

function isOrigin(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, origin } = new URL(value);
  return /^https?:$/.test(protocol) && origin === value.replace(/\/$/, "");
}

/** Values of these stay out of every message; credentials may be where none belong. */
const SECRET_NAME = /KEY|PASSWORD|^MQTT_URL$/i;

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
    const value = SECRET_NAME.test(name) ? "" : ` "${(given[name] ?? "").replace(/\/\/.*@/, "//…@")}"`;
    return `${name}${value} ${message}`;
  });
  throw new StartError(`Bad setting: ${problems.join("; ")}.`);
}
