/** Between what a person types into a form and what the schemas and tables have. */
import type { FieldErrors } from "./field-errors.ts";
import type { Row, Value } from "./resource-store.ts";
import type { Field } from "./resources.ts";

const AMOUNT = /^(\d{1,10})(?:[.,](\d{1,2}))?$/;
const LOCAL = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2})?$/;

/**
 * The clock that a form's moments are read by, the time that an empty one means where it means now, and the row that the
 * form was filled with.
 */
type Clockwork = { zone: string; now: string; row?: Row | undefined };

/** The body that a form means. What cannot be read at all is an error here; what may not be is the schema's matter. */
export function bodyOf(fields: readonly Field[], form: URLSearchParams, clock: Clockwork) {
  const body: Record<string, Value | undefined> = {};
  const errors: FieldErrors = {};
  for (const field of fields) {
    const typed = (form.get(field.name) ?? "").trim();
    if (typed === "") body[field.name] = emptyOf(field, clock);
    else {
      const value = READ[field.kind](typed, { ...clock, stored: clock.row?.[field.name] ?? null });
      if (value === undefined) errors[field.name] = [WRONG[field.kind] ?? "This cannot be read."];
      else body[field.name] = value;
    }
  }
  return { body, errors };
}

function emptyOf({ kind, isOptional }: Field, { now }: Clockwork): Value | undefined {
  if (isOptional) return null;
  return kind === "moment" ? now : undefined;
}

const asTyped = (typed: string): Value => typed;

const READ: Record<Field["kind"], (typed: string, clock: Clockwork & { stored: Value }) => Value | undefined> = {
  text: asTyped,
  long: asTyped,
  email: asTyped,
  timezone: asTyped,
  choice: asTyped,
  day: asTyped,
  time: (typed) => (/^\d{2}:\d{2}$/.test(typed) ? `${typed}:00` : typed),
  reference: (typed) => (/^\d{1,15}$/.test(typed) ? Number(typed) : undefined),
  money: readAmount,
  moment: (typed, { zone, stored }) => (LOCAL.test(typed) ? readMoment(typed, zone, stored) : undefined),
};

const WRONG: Partial<Record<Field["kind"], string>> = {
  reference: "Choose one of the list.",
  money: "Enter an amount such as 25.00.",
  moment: "Enter a day and a time.",
};

function readAmount(typed: string): number | undefined {
  const [, whole, rest = ""] = AMOUNT.exec(typed) ?? [];
  return whole === undefined ? undefined : Number(whole) * 100 + Number(rest.padEnd(2, "0"));
}

/** A form has no milliseconds, and no word for the second one of an hour that comes twice: what was not touched stays. */
function readMoment(typed: string, zone: string, stored: Value): string | undefined {
  try {
    const local = Temporal.PlainDateTime.from(typed);
    if (typeof stored === "string" && localTime(stored, zone) === local.toString({ smallestUnit: "second" }))
      return stored;
    return new Date(local.toZonedDateTime(zone).epochMilliseconds).toISOString();
  } catch {
    return undefined;
  }
}

/** What stands in the form for a stored row. */
export function typedOf(fields: readonly Field[], row: Row, zone: string): URLSearchParams {
  const pairs = fields.map(({ name, kind }): [string, string] => {
    const value = row[name] ?? "";
    if (value === "") return [name, ""];
    if (kind === "money") return [name, amount(Number(value))];
    return [name, kind === "moment" ? localTime(String(value), zone) : String(value)];
  });
  return new URLSearchParams(pairs);
}

/** `2500` is `25.00`. */
export function amount(cents: number): string {
  const whole = String(Math.trunc(Math.abs(cents) / 100));
  return `${cents < 0 ? "-" : ""}${whole}.${String(Math.abs(cents) % 100).padStart(2, "0")}`;
}

/** The clock there, as a form has it. */
export function localTime(iso: string, zone: string): string {
  const local = Temporal.Instant.from(iso).toZonedDateTimeISO(zone).toPlainDateTime();
  return local.toString({ smallestUnit: "second" });
}
