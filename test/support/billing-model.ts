import type { BilledUsage, Ending, UsageSpan } from "../../erp-stub/billing.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Local days, the last one is within. */
export type ModelTerms = { firstDay: string; lastDay: string; timeZone: string; now: number };

/**
 * What a device's usages come to, found by looking at every minute that there was. It is slow, and it knows no rule of
 * any time zone, only what day it is there. All times lie on whole minutes.
 */
export function modelBill(usages: readonly UsageSpan[], { firstDay, lastDay, timeZone, now }: ModelTerms) {
  const minutes = minutesAround(firstDay, lastDay).filter((minute) => {
    const day = dayAt(minute, timeZone);
    return firstDay <= day && day <= lastDay;
  });
  const known = usages.filter(({ checkinAt }) => checkinAt <= now);
  const seen = known.map((usage, at) => {
    const end = usage.checkoutAt ?? known[at + 1]?.checkinAt ?? now;
    const lasts = (minute: number) => usage.checkinAt <= minute && minute < end && minute < now;
    return {
      id: usage.id,
      ending: endingOf(usage, known[at + 1]),
      // However short it was, it was there when it began.
      touched: minutes.filter((minute) => minute === usage.checkinAt || lasts(minute)),
      lasted: minutes.filter(lasts),
      used: minutes.filter((minute) => lasts(minute) && isUsed(usage, minute)),
    };
  });
  const within = seen.filter(({ touched }) => touched.length > 0);
  return {
    ms: new Set(within.flatMap(({ used }) => used)).size * MINUTE,
    days: new Set(within.flatMap(({ touched }) => touched).map((minute) => dayAt(minute, timeZone))).size,
    usages: within.map(({ id, ending, touched: [from = 0], lasted, used }): BilledUsage => {
      const last = lasted.at(-1);
      return { id, ending, from, to: last === undefined ? from : last + MINUTE, ms: used.length * MINUTE };
    }),
  };
}

function endingOf({ checkoutAt }: UsageSpan, next: UsageSpan | undefined): Ending {
  if (checkoutAt !== null) return "closed";
  return next ? "unclosed" : "open";
}

function isUsed({ intervals }: UsageSpan, minute: number): boolean {
  if (intervals.length === 0) return true;
  return intervals.some(({ timeinAt, timeoutAt }) => timeinAt <= minute && (timeoutAt === null || minute < timeoutAt));
}

/** More than the days have, wherever on earth they are. */
function minutesAround(firstDay: string, lastDay: string): number[] {
  const from = Date.parse(firstDay) - DAY;
  const to = Date.parse(lastDay) + 2 * DAY;
  return Array.from({ length: (to - from) / MINUTE }, (_, at) => from + at * MINUTE);
}

const days = new Map<string, Map<number, string>>();

function dayAt(minute: number, timeZone: string): string {
  const ofZone = days.get(timeZone) ?? new Map<number, string>();
  days.set(timeZone, ofZone);
  const day =
    ofZone.get(minute) ??
    Temporal.Instant.fromEpochMilliseconds(minute).toZonedDateTimeISO(timeZone).toPlainDate().toString();
  ofZone.set(minute, day);
  return day;
}
