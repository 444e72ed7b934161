/** What a device's usages come to within a period: no I/O and no time of its own. */
import { dayIndex, type Period } from "./period.ts";

const HOUR_MS = 3_600_000;

type Span = { from: number; to: number };

/** A usage as it was reported; all times are epoch ms. */
export type UsageSpan = {
  id: number;
  checkinAt: number;
  checkoutAt: number | null;
  intervals: readonly { timeinAt: number; timeoutAt: number | null }[];
  /** When the device was taken out of the room, or used again beyond what is billed: the usage went on no longer. */
  takenAt?: number | undefined;
};

/** `closed` by its check-out, `unclosed` because the device checked in again or was taken away without one, `open` because it goes on. */
export type Ending = "closed" | "unclosed" | "open";

/** The part of a usage within the period; `ms` of it count by the hour. */
export type BilledUsage = { id: number; from: number; to: number; ending: Ending; ms: number };

export type DeviceBill = {
  /** Days or begun hours, as the client is charged. */
  units: number;
  /** Time in use; what several usages have in common counts once, so it may be less than theirs together. */
  ms: number;
  /** Local days that a usage touched. */
  days: number;
  /** Those that touch the period. */
  usages: BilledUsage[];
  unclosed: number;
  open: number;
};

type BillingTerms = { period: Period; unit: "daily" | "hourly"; now: number };

/**
 * Bills one device. A usage without check-out ends at the next check-in, or goes on until `now`; nothing counts after
 * `now` or outside of the period. A usage of no length touches the day of its check-in and has no hours.
 *
 * @param usages of one device in order of check-in, then id: those that touch the period, and for each without
 *   check-out the one after it, even if that begins after the period
 */
export function billDevice(usages: readonly UsageSpan[], terms: BillingTerms): DeviceBill {
  const begun = usages.filter(({ checkinAt }) => checkinAt <= terms.now);
  const billed: BilledUsage[] = [];
  const uses: Span[] = [];
  begun.forEach((usage, at) => {
    const { ending, end } = endOf(usage, begun[at + 1], terms.now);
    const stay = stayOf(usage, end, terms);
    if (!stay) return;
    const own = usesOf(usage, stay);
    billed.push({ id: usage.id, from: stay.from, to: stay.to, ending, ms: covered(own) });
    for (const use of own) uses.push(use);
  });
  const ms = covered(uses);
  const days = daysTouched(billed, terms.period);
  const ended = (how: Ending) => billed.filter(({ ending }) => ending === how).length;
  const units = terms.unit === "daily" ? days : Math.ceil(ms / HOUR_MS);
  return { units, ms, days, usages: billed, unclosed: ended("unclosed"), open: ended("open") };
}

/**
 * What a number of days or hours costs, in cents.
 *
 * @throws RangeError for what is no whole number from 0 on, and for an amount that would not be exact
 */
export function amountCents(units: number, rateCents: number): number {
  const amount = units * rateCents;
  const isExact = [units, rateCents, amount].every((number) => Number.isSafeInteger(number) && number >= 0);
  if (!isExact) throw new RangeError(`${units} units at ${rateCents} cents are no exact amount`);
  return amount;
}

function endOf(usage: UsageSpan, next: UsageSpan | undefined, now: number): { ending: Ending; end: number } {
  if (usage.checkoutAt !== null) return { ending: "closed", end: usage.checkoutAt };
  const end = Math.min(next?.checkinAt ?? Number.POSITIVE_INFINITY, usage.takenAt ?? Number.POSITIVE_INFINITY);
  return end > now ? { ending: "open", end: now } : { ending: "unclosed", end };
}

/** The part of a usage that counts; it has no length only if the usage has none. */
function stayOf({ checkinAt }: UsageSpan, end: number, { period, now }: BillingTerms): Span | undefined {
  const from = Math.max(checkinAt, period.from);
  const to = Math.min(end, now, period.to);
  const isBefore = checkinAt < period.from && to <= period.from;
  return isBefore || from >= period.to ? undefined : { from, to: Math.max(from, to) };
}

/** When a device was in use: in the intervals of its stay, and all the time if it has none. */
function usesOf({ intervals }: UsageSpan, stay: Span): Span[] {
  if (intervals.length === 0) return [stay];
  const uses: Span[] = [];
  for (const { timeinAt, timeoutAt } of intervals) {
    const from = Math.max(timeinAt, stay.from);
    const to = Math.min(timeoutAt ?? stay.to, stay.to);
    if (from < to) uses.push({ from, to });
  }
  return uses;
}

/** How long at least one of the spans lasted. */
function covered(spans: readonly Span[]): number {
  let ms = 0;
  let end = Number.NEGATIVE_INFINITY;
  for (const { from, to } of inOrder(spans)) {
    if (to <= end) continue;
    ms += to - Math.max(from, end);
    end = to;
  }
  return ms;
}

/** They nearly always are, and sorting tens of thousands would take longer than all the rest. */
function inOrder(spans: readonly Span[]): readonly Span[] {
  let before = Number.NEGATIVE_INFINITY;
  for (const { from } of spans) {
    if (from < before) return spans.toSorted((one, other) => one.from - other.from);
    before = from;
  }
  return spans;
}

/** How many days the stays touched, which are in order of their beginnings. */
function daysTouched(stays: readonly Span[], period: Period): number {
  let days = 0;
  let uncounted = 0;
  for (const { from, to } of stays) {
    const after = dayIndex(period, Math.max(from, to - 1)) + 1;
    for (let day = Math.max(uncounted, dayIndex(period, from)); day < after; day += 1) {
      if (hasTime(period, day)) days += 1;
    }
    uncounted = Math.max(uncounted, after);
  }
  return days;
}

/** Not so for a day that a zone skipped, as Samoa did when it crossed the date line. */
function hasTime({ dayStarts, to }: Period, day: number): boolean {
  return (dayStarts[day] ?? to) < (dayStarts[day + 1] ?? to);
}
