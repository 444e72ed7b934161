/** The three reports: what a client used, owes and paid in a period of its local days. */
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import { amountCents, type BilledUsage, billDevice, type DeviceBill } from "./billing.ts";
import { dayIndex, type Period } from "./period.ts";
import type { ReportStore } from "./report-store.ts";
import { createTerms, type ReportAsked, type Terms } from "./report-terms.ts";

export const REPORT_NAMES = ["device-usage", "payments", "billables"] as const;
export type ReportName = (typeof REPORT_NAMES)[number];

type BilledDevice = DeviceBill & { serial: string };
export type UsageLine = BilledUsage & { serial: string };

export type Reports = ReturnType<typeof createReports>;

export function createReports({ store, clock }: { store: ReportStore; clock: Clock }) {
  const termsOf = createTerms({ store, clock });

  function devicesOf({ client, period }: Terms): BilledDevice[] {
    const [from, to] = [isoTime(period.from), isoTime(period.to)];
    const terms = { period, unit: client.charge_unit, now: clock.now() };
    return store
      .usagesTouching({ client: client.id, from, to })
      .map(({ serial, usages }) => ({ serial, ...billDevice(usages, terms) }));
  }

  return {
    /** Each usage that touches the period, newest first. */
    deviceUsage(asked: ReportAsked) {
      const terms = termsOf(asked);
      const lines = devicesOf(terms).flatMap(({ serial, usages }) => usages.map((usage) => ({ ...usage, serial })));
      lines.sort((one, other) => other.from - one.from || other.id - one.id);
      const ms = lines.reduce((sum, line) => sum + line.ms, 0);
      return { ...terms, lines, ms, facts: ({ id }: UsageLine) => store.facts(id), days: perDay(terms.period, lines) };
    },

    payments(asked: ReportAsked) {
      const terms = termsOf(asked);
      const { firstDay, lastDay } = terms.period;
      const lines = store.payments({ client: terms.client.id, firstDay, lastDay });
      return { ...terms, lines, amount_cents: sum(lines.map((line) => line.amount_cents)) };
    },

    /** A line for each device that was in use. */
    billables(asked: ReportAsked) {
      const terms = termsOf(asked);
      const lines = devicesOf(terms)
        .filter(({ usages }) => usages.length > 0)
        .map(({ serial, units, ms, days, unclosed, open, usages }) => ({
          serial,
          usages: usages.length,
          ms,
          days,
          units,
          unclosed,
          open,
          amount_cents: amountCents(units, terms.client.charge_rate_cents),
        }));
      const units = sum(lines.map((line) => line.units));
      return { ...terms, lines, units, amount_cents: sum(lines.map((line) => line.amount_cents)) };
    },
  };
}

/** How many usages there were and how long they were in use, by the day on which they began; those from before, on the first. */
function perDay(period: Period, lines: readonly UsageLine[]) {
  const first = Temporal.PlainDate.from(period.firstDay);
  const days = period.dayStarts.map((_, at) => ({ day: first.add({ days: at }).toString(), usages: 0, ms: 0 }));
  for (const line of lines) {
    const day = days[dayIndex(period, line.from)];
    if (day) {
      day.usages += 1;
      day.ms += line.ms;
    }
  }
  return days;
}

function sum(numbers: readonly number[]): number {
  const total = numbers.reduce((all, one) => all + one, 0);
  if (Number.isSafeInteger(total)) return total;
  throw new HttpError(422, "These amounts are too large to be added up.");
}
