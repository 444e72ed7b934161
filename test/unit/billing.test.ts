import { describe, expect, test } from "vitest";
import { amountCents, billDevice, type UsageSpan } from "../../erp-stub/billing.ts";
import { periodOf } from "../../erp-stub/period.ts";

const MINUTE = 60_000;

type Place = { days: [firstDay: string, lastDay: string]; zone?: string; now?: string };

/**
 * Usages in UTC as ISO 8601 writes intervals, `..` for no end and what is left out as before, so from the period's first
 * day on: "10T08:00/12:00 [09:00/10:00 11:00/..], 12T08:00/.." are two, of which the first has two times in.
 */
type Stays = string;

/** What comes of them: local days, minutes, begun hours, and what a report flags. */
type Found = [days: number, minutes: number, hours: number, flags?: { unclosed?: number; open?: number }];

type Case = [what: string, place: Place, stays: Stays, ...found: Found];

const complete = (text: string, before: string) => before.slice(0, -text.length) + text;

function spanOf(text: string, before: string): [from: string, to: string | null] {
  const [from = "", to = ""] = text.split("/");
  const begin = complete(from, before);
  return [begin, to === ".." ? null : complete(to, begin)];
}

const instants = ([from, to]: [string, string | null]) =>
  [Date.parse(`${from}Z`), to === null ? null : Date.parse(`${to}Z`)] as const;

function usagesOf(stays: Stays, firstDay: string): UsageSpan[] {
  return stays.split(", ").map((stay, at) => {
    const [text = "", ...intervals] = stay.replaceAll(/[[\]]/g, "").split(" ");
    const span = spanOf(text, `${firstDay}T00:00`);
    const [checkinAt, checkoutAt] = instants(span);
    const times = intervals.map((interval) => instants(spanOf(interval, span[0])));
    return {
      id: at + 1,
      checkinAt,
      checkoutAt,
      intervals: times.map(([timeinAt, timeoutAt]) => ({ timeinAt, timeoutAt })),
    };
  });
}

function bill(
  { zone = "Europe/London", days, now = "2030-01-01T00:00" }: Place,
  stays: Stays,
  unit: "daily" | "hourly",
) {
  const period = periodOf(days[0], days[1], zone);
  return billDevice(usagesOf(stays, days[0]), { period, unit, now: Date.parse(`${now}Z`) });
}

function checkCase([, place, stays, days, minutes, hours, flags]: Case): void {
  const counted = { days, ms: minutes * MINUTE, unclosed: 0, open: 0, ...flags };
  expect(bill(place, stays, "daily")).toMatchObject({ units: days, ...counted });
  expect(bill(place, stays, "hourly")).toMatchObject({ units: hours, ...counted });
}

const JAN: Place = { days: ["2026-01-01", "2026-01-31"] };
const FEB: Place = { days: ["2026-02-01", "2026-02-28"] };

describe("a device is billed for", () => {
  test.for<Case>([
    ["an hour", JAN, "10T10:00/11:00", 1, 60, 1],
    ["a begun hour", JAN, "10T10:00/11:01", 1, 61, 2],
    ["three taps in an hour, not three hours", JAN, "10T10:00/10:10, 10T10:20/10:30, 10T10:40/10:50", 1, 30, 1],
    [
      "five days or one hour",
      JAN,
      ["10", "11", "12", "13", "14"].map((day) => `${day}T10:00/10:10`).join(", "),
      5,
      50,
      1,
    ],
    ["what two usages have in common once", JAN, "10T10:00/12:00, 10T11:00/13:00", 1, 180, 3],
    [
      "days of a long usage and one within once",
      JAN,
      "10T12:00/13T12:00, 11T10:00/11:00, 13T10:00/14T11:00",
      5,
      5_700,
      95,
    ],
    ["one day until midnight", JAN, "10T23:00/11T00:00", 1, 60, 1],
    ["two days across midnight", JAN, "10T23:00/11T00:01", 2, 61, 2],
    ["January's share", JAN, "31T23:00/02-01T02:00", 1, 60, 1],
    ["February's share", FEB, "01-31T23:00/02-01T02:00", 1, 120, 2],
    ["not what ended just before", FEB, "01-31T23:00/02-01T00:00", 0, 0, 0],
    ["not what began just after", JAN, "02-01T00:00/02:00", 0, 0, 0],
    ["all of February in a longer stay", FEB, "2025-12-01T10:00/2026-04-01T10:00", 28, 40_320, 672],
    ["a day and no hour for no length", JAN, "10T10:00/10:00", 1, 0, 0],
    ["no length as the period begins", FEB, "01T00:00/00:00", 1, 0, 0],
    ["no length as the period ends not", JAN, "02-01T00:00/00:00", 0, 0, 0],
    ["a check-out before its check-in as for no length", JAN, "10T10:00/09:00", 1, 0, 0],
  ])("%s", checkCase);

  test("a second day and hour from the first moment after midnight on", () => {
    const checkinAt = Date.parse("2026-01-10T23:00Z");
    const usage: UsageSpan = { id: 1, checkinAt, checkoutAt: checkinAt + 60 * MINUTE + 1, intervals: [] };
    const terms = { period: periodOf("2026-01-01", "2026-01-31", "Europe/London"), now: checkinAt + 90 * MINUTE };
    expect(billDevice([usage], { ...terms, unit: "daily" }).units).toBe(2);
    expect(billDevice([usage], { ...terms, unit: "hourly" }).units).toBe(2);
  });

  test("nothing without a usage", () => {
    const period = periodOf("2026-01-01", "2026-01-31", "Europe/London");
    const nothing = { units: 0, ms: 0, days: 0, usages: [], unclosed: 0, open: 0 };
    expect(billDevice([], { period, unit: "hourly", now: period.to })).toEqual(nothing);
  });
});

describe("as clocks are changed a device is billed for", () => {
  const london: Place = { days: ["2026-01-01", "2026-12-31"] };
  const newYork: Place = { ...london, zone: "America/New_York" };
  const saoPaulo: Place = { days: ["2018-11-01", "2018-11-30"], zone: "America/Sao_Paulo" };
  const cairo: Place = { days: ["2024-04-26", "2024-04-26"], zone: "Africa/Cairo" };
  const samoa: Place = { days: ["2011-12-29", "2011-12-31"], zone: "Pacific/Apia" };
  test.for<Case>([
    ["23 hours of a day in London", london, "03-29T00:00/23:00", 1, 1_380, 23],
    ["a minute of the next one", london, "03-29T00:00/23:01", 2, 1_381, 24],
    ["25 hours of a day in London", london, "10-24T23:00/10-26T00:00", 1, 1_500, 25],
    ["23 hours of a day in New York", newYork, "03-08T05:00/03-09T04:00", 1, 1_380, 23],
    ["25 hours of a day in New York", newYork, "11-01T04:00/11-02T05:00", 1, 1_500, 25],
    ["both days around a midnight that was skipped", saoPaulo, "04T02:30/03:30", 2, 60, 1],
    ["one day until then", saoPaulo, "04T02:30/03:00", 1, 30, 1],
    ["23 hours of that day", saoPaulo, "04T03:00/05T02:00", 1, 1_380, 23],
    ["nothing before a period that begins so", cairo, "25T21:00/22:00", 0, 0, 0],
    ["a minute in it", cairo, "25T21:00/22:01", 1, 1, 1],
    ["no day that was skipped", samoa, "30T09:00/11:00", 2, 120, 2],
  ])("%s", checkCase);
});

describe("the same usages touch", () => {
  const may: Place = { days: ["2026-05-01", "2026-05-31"] };
  const stays = "10T15:30/16:30, 12T01:00/02:00";
  test.for<Case>([
    ["the 10th, 11th and 12th in Hong Kong", { ...may, zone: "Asia/Hong_Kong" }, stays, 3, 120, 2],
    ["the 10th and 11th in Los Angeles", { ...may, zone: "America/Los_Angeles" }, stays, 2, 120, 2],
    ["June in Hong Kong", { ...may, zone: "Asia/Hong_Kong" }, "31T16:30/17:30", 0, 0, 0],
    ["May in Los Angeles", { ...may, zone: "America/Los_Angeles" }, "31T16:30/17:30", 1, 60, 1],
  ])("%s", checkCase);
});

describe("without a check-out a device is billed", () => {
  const noon: Place = { ...JAN, now: "2026-01-10T12:00" };
  const [unclosed, open] = [{ unclosed: 1 }, { open: 1 }];
  test.for<Case>([
    ["until its next check-in", JAN, "10T10:00/.., 11T12:30/13:00", 2, 1_620, 27, unclosed],
    ["an hour for three taps", JAN, "10T10:00/.., 10T10:20/.., 10T10:40/10:50", 1, 50, 1, { unclosed: 2 }],
    ["for the second of two check-ins at once", JAN, "10T10:00/.., 10T10:00/10:30", 1, 30, 1, unclosed],
    ["until the period ends before the next check-in", JAN, "31T22:00/.., 02-03T10:00/11:00", 1, 120, 2, unclosed],
    ["from before the period", FEB, "01-31T22:00/.., 03T00:00/00:30", 3, 2_910, 49, unclosed],
    ["until now", noon, "10T09:45/..", 1, 135, 3, open],
    ["until a period ends that is over", { ...JAN, now: "2026-03-01T00:00" }, "30T20:00/..", 2, 1_680, 28, open],
    ["for the day if it begins now", noon, "10T12:00/..", 1, 0, 0, open],
    ["for nothing if it is to begin", noon, "10T12:01/..", 0, 0, 0],
    ["for nothing of a period to come", { ...FEB, now: "2026-01-20T00:00" }, "01-10T10:00/..", 0, 0, 0],
    ["until now if a check-in is to come", noon, "10T09:45/.., 12T10:00/11:00", 1, 135, 3, open],
    ["until now also if the check-out is to come", noon, "09T12:00/11T10:00", 2, 1_440, 24],
  ])("%s", checkCase);
});

describe("of a usage with times in a device is billed for", () => {
  const noon: Place = { ...JAN, now: "2026-01-10T12:00" };
  test.for<Case>([
    ["those by the hour", JAN, "10T08:00/20:00 [09:00/10:30 15:00/15:20]", 1, 110, 2],
    ["its days as without them", JAN, "10T08:00/12T08:00 [11T10:00/10:30]", 3, 30, 1],
    ["one left open until the check-out", JAN, "10T08:00/12:00 [11:15/..]", 1, 45, 1],
    ["one left open until now", noon, "10T08:00/.. [10:45/..]", 1, 75, 2, { open: 1 }],
    [
      "one left open until the next check-in",
      JAN,
      "10T08:00/.. [08:30/..], 10T12:00/12:00",
      1,
      210,
      4,
      { unclosed: 1 },
    ],
    ["what lies between check-in and check-out", JAN, "10T08:00/12:00 [07:30/08:10 11:40/13:00]", 1, 30, 1],
    ["what lies within the period", FEB, "01-31T20:00/02-01T10:00 [23:00/02-01T00:20 02-01T09:50/..]", 1, 30, 1],
    ["what they have in common once", JAN, "10T08:00/12:00 [09:00/.. 08:30/10:00]", 1, 210, 4],
    [
      "what others have in common with it once",
      JAN,
      "10T08:00/12:00 [11:00/12:00 08:00/09:00], 10T08:30/11:30",
      1,
      240,
      4,
    ],
    ["no hour if none lies within", JAN, "10T08:00/12:00 [12:00/..]", 1, 0, 0],
    ["no hour if one ends before it begins", JAN, "10T08:00/12:00 [10:00/09:00]", 1, 0, 0],
  ])("%s", checkCase);
});

test("a bill lists the usages that touch the period, each with its own part of it", () => {
  const january = "01-20T10:00/11:00, 01-31T23:00/02-01T01:00";
  const stays = `${january}, 01T00:30/.., 02T00:00/04:00 [01:00/02:00], 28T12:00/.., 03-01T00:00/..`;
  const part = (from: string, to: string) => ({ from: Date.parse(`2026-${from}Z`), to: Date.parse(`2026-${to}Z`) });
  expect(bill(FEB, stays, "daily").usages).toEqual([
    { id: 2, ...part("02-01T00:00", "02-01T01:00"), ending: "closed", ms: 60 * MINUTE },
    { id: 3, ...part("02-01T00:30", "02-02T00:00"), ending: "unclosed", ms: 1_410 * MINUTE },
    { id: 4, ...part("02-02T00:00", "02-02T04:00"), ending: "closed", ms: 60 * MINUTE },
    { id: 5, ...part("02-28T12:00", "03-01T00:00"), ending: "unclosed", ms: 720 * MINUTE },
  ]);
});

describe("an amount", () => {
  test("is units times rate", () => {
    expect([amountCents(0, 1_250), amountCents(31, 1_250), amountCents(3, 0)]).toEqual([0, 38_750, 0]);
    expect(amountCents(1, Number.MAX_SAFE_INTEGER)).toBe(Number.MAX_SAFE_INTEGER);
  });

  test.for<[units: number, rate: number]>([
    [0.5, 2],
    [2, 0.5],
    [-1, 100],
    [1, -100],
    [Number.NaN, 1],
    [1, Number.POSITIVE_INFINITY],
    [2, Number.MAX_SAFE_INTEGER],
    [94_906_267, 94_906_267],
  ])("of %d at %d is none", ([units, rate]) => {
    expect(() => amountCents(units, rate)).toThrow(RangeError);
  });
});
