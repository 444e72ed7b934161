import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { billDevice, type UsageSpan } from "../../erp-stub/billing.ts";
import { periodOf } from "../../erp-stub/period.ts";
import { modelBill } from "../support/billing-model.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const TIMEOUT = { timeout: 120_000 };

/** A day on which something is odd, and zones whose day is never London's. */
const PLACES: [timeZone: string, day: string][] = [
  ["Europe/London", "2026-03-29"],
  ["Europe/London", "2026-10-25"],
  ["America/New_York", "2026-03-08"],
  ["America/New_York", "2026-11-01"],
  // No midnight, and 23 o'clock twice.
  ["America/Sao_Paulo", "2018-11-04"],
  ["America/Sao_Paulo", "2018-02-17"],
  ["Africa/Cairo", "2024-04-26"],
  ["Africa/Cairo", "2024-10-31"],
  // Midnight twice.
  ["America/Havana", "2026-11-01"],
  // Half an hour, and an offset of 5:45.
  ["Australia/Lord_Howe", "2026-04-05"],
  ["Asia/Kathmandu", "2024-02-29"],
  ["Asia/Hong_Kong", "2026-02-28"],
  ["America/Los_Angeles", "2026-12-31"],
  // The day before one that never was.
  ["Pacific/Apia", "2011-12-29"],
];

const shift = (day: string, days: number) => Temporal.PlainDate.from(day).add({ days }).toString();

/** Minutes around a moment: mostly near it or a local midnight, for that is where mistakes are. */
function minutesNear(timeZone: string, day: string): fc.Arbitrary<number> {
  const edges = periodOf(shift(day, -2), shift(day, 3), timeZone).dayStarts;
  const near = fc
    .tuple(fc.constantFrom(...edges), fc.integer({ min: -3, max: 3 }))
    .map(([edge, minutes]) => edge + minutes * MINUTE);
  const anywhere = fc.integer({ min: 0, max: (5 * DAY) / MINUTE }).map((minutes) => (edges[0] ?? 0) + minutes * MINUTE);
  return fc.oneof(near, anywhere);
}

/** Minutes, hours or days; now and then nothing at all, or less, as when a clock is set back. */
const lasting = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 150 }).map((minutes) => minutes * MINUTE) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 3 * 24 }).map((hours) => hours * HOUR) },
  { weight: 1, arbitrary: fc.constant(0) },
  { weight: 1, arbitrary: fc.constant(-7 * MINUTE) },
);

const interval = fc.record({
  after: lasting,
  lasts: fc.option(lasting, { freq: 4 }),
});

const usageFrom = (checkinAt: fc.Arbitrary<number>) =>
  fc
    .record({
      checkinAt,
      lasts: fc.option(lasting, { freq: 3 }),
      intervals: fc.array(interval, { maxLength: 3 }),
    })
    .map(
      ({ checkinAt, lasts, intervals }): Omit<UsageSpan, "id"> => ({
        checkinAt,
        checkoutAt: lasts === null ? null : checkinAt + lasts,
        intervals: intervals.map((interval) => {
          const timeinAt = checkinAt + interval.after;
          return { timeinAt, timeoutAt: interval.lasts === null ? null : timeinAt + interval.lasts };
        }),
      }),
    );

const history = fc.constantFrom(...PLACES).chain(([timeZone, day]) => {
  const minute = minutesNear(timeZone, day);
  return fc.record({
    timeZone: fc.constant(timeZone),
    firstDay: fc.integer({ min: -1, max: 1 }).map((days) => shift(day, days)),
    length: fc.integer({ min: 0, max: 2 }),
    now: fc.oneof({ weight: 2, arbitrary: minute }, { weight: 1, arbitrary: fc.constant(Date.parse("2027-01-31")) }),
    usages: fc
      .array(usageFrom(minute), { maxLength: 7 })
      .map((usages) => usages.toSorted((one, other) => one.checkinAt - other.checkinAt))
      .map((usages) => usages.map((usage, at): UsageSpan => ({ id: at + 1, ...usage }))),
  });
});

describe("a device's bill", () => {
  test("is what somebody finds who looks at every minute", TIMEOUT, () => {
    fc.assert(
      fc.property(history, ({ timeZone, firstDay, length, now, usages }) => {
        const lastDay = shift(firstDay, length);
        const period = periodOf(firstDay, lastDay, timeZone);
        const found = modelBill(usages, { firstDay, lastDay, timeZone, now });
        const flags = {
          unclosed: found.usages.filter(({ ending }) => ending === "unclosed").length,
          open: found.usages.filter(({ ending }) => ending === "open").length,
        };
        const daily = billDevice(usages, { period, unit: "daily", now });
        expect(daily).toEqual({ ...found, ...flags, units: found.days });
        const hourly = billDevice(usages, { period, unit: "hourly", now });
        expect(hourly).toEqual({ ...found, ...flags, units: Math.ceil(found.ms / HOUR) });
      }),
      { numRuns: 1_000 },
    );
  });

  test("is the same however its days are cut into periods, but for hours begun", TIMEOUT, () => {
    fc.assert(
      fc.property(history, ({ timeZone, firstDay, length, now, usages }) => {
        const bill = (from: string, to: string) =>
          billDevice(usages, { period: periodOf(from, to, timeZone), unit: "daily", now });
        const whole = bill(firstDay, shift(firstDay, length));
        const parts = Array.from({ length: length + 1 }, (_, at) => bill(shift(firstDay, at), shift(firstDay, at)));
        const sum = (of: "ms" | "days") => parts.reduce((total, part) => total + part[of], 0);
        expect({ ms: sum("ms"), days: sum("days") }).toEqual({ ms: whole.ms, days: whole.days });
      }),
      { numRuns: 500 },
    );
  });
});
