import type { Clock } from "../plumbing/clock.ts";
import { type FieldErrors, FieldsError } from "./field-errors.ts";
import { errorsOfNames } from "./list-query.ts";
import { localDay, type Period, periodOf } from "./period.ts";
import type { BilledClient, ReportStore } from "./report-store.ts";
import { readId } from "./row-id.ts";

/** What a report is about. */
export type Terms = { client: BilledClient; period: Period };

/** `client` is the one that somebody is bound to; `null` may ask for any. */
export type ReportAsked = { query: URLSearchParams; client: number | null };

/** The parameters of a report. */
export const ASKED = ["client_id", "from", "to"];

/** Reads what a report is asked for. */
export function createTerms({ store, clock }: { store: ReportStore; clock: Clock }) {
  /**
   * `client_id`, `from` and `to`, local days that are both within; without them the present month.
   *
   * @throws {FieldsError}
   */
  return ({ query, client: bound }: ReportAsked): Terms => {
    const errors = errorsOfNames(query, ASKED);
    if (errors.size > 0) throw new FieldsError(Object.fromEntries(errors));
    const id = query.get("client_id") ?? String(bound ?? "");
    const known = readId(id);
    const client = known === undefined ? undefined : store.client(known);
    if (id === "") throw new FieldsError({ client_id: ["The client field is required."] });
    if (!client || (bound !== null && client.id !== bound)) {
      throw new FieldsError({ client_id: ["The selected client is invalid."] });
    }
    const today = localDay(clock.now(), client.timezone);
    return { client, period: readPeriod(query, { today, timeZone: client.timezone }) };
  };
}

function readPeriod(query: URLSearchParams, { today, timeZone }: { today: string; timeZone: string }): Period {
  const month = Temporal.PlainDate.from(today);
  const firstDay = query.get("from") || month.with({ day: 1 }).toString();
  const lastDay = query.get("to") || month.with({ day: month.daysInMonth }).toString();
  const errors: FieldErrors = {};
  for (const [name, day] of [
    ["from", firstDay],
    ["to", lastDay],
  ] as const) {
    if (!isDay(day)) errors[name] = [`The ${name} field must match the format Y-m-d.`];
  }
  if (Object.keys(errors).length > 0) throw new FieldsError(errors);
  if (lastDay < firstDay) throw new FieldsError({ to: ["The to field must be a date after or equal to from."] });
  try {
    return periodOf(firstDay, lastDay, timeZone);
  } catch {
    throw new FieldsError({ to: ["The to field must be at most a year after from."] });
  }
}

function isDay(day: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return false;
  try {
    return Temporal.PlainDate.from(day).toString() === day;
  } catch {
    return false;
  }
}
