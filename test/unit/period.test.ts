import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dayIndex, localDay, periodOf } from "../../erp-stub/period.ts";

const HOUR = 3_600_000;
const ZONES = [
  "Europe/London",
  "America/New_York",
  "America/Sao_Paulo",
  "America/Havana",
  "America/Asuncion",
  "Africa/Cairo",
  "Asia/Beirut",
  "Asia/Kathmandu",
  "Australia/Lord_Howe",
  "Pacific/Chatham",
  "Pacific/Apia",
];
const utc = (at: string) => Date.parse(`${at}Z`);

type Case = [what: string, zone: string, firstDay: string, lastDay: string, begins: string[], ends: string];

describe("a period", () => {
  test.for<Case>([
    ["a day in summer", "Europe/London", "2026-07-01", "2026-07-01", ["2026-06-30T23:00"], "2026-07-01T23:00"],
    [
      "the day that lacks an hour in London",
      "Europe/London",
      "2026-03-29",
      "2026-03-30",
      ["2026-03-29T00:00", "2026-03-29T23:00"],
      "2026-03-30T23:00",
    ],
    [
      "the day with an hour twice in New York",
      "America/New_York",
      "2026-11-01",
      "2026-11-02",
      ["2026-11-01T04:00", "2026-11-02T05:00"],
      "2026-11-03T05:00",
    ],
    [
      "a day without midnight in São Paulo",
      "America/Sao_Paulo",
      "2018-11-03",
      "2018-11-05",
      ["2018-11-03T03:00", "2018-11-04T03:00", "2018-11-05T02:00"],
      "2018-11-06T02:00",
    ],
    [
      "a day without midnight at its end",
      "Africa/Cairo",
      "2024-04-25",
      "2024-04-25",
      ["2024-04-24T22:00"],
      "2024-04-25T22:00",
    ],
    [
      "a day with midnight twice in Havana",
      "America/Havana",
      "2026-11-01",
      "2026-11-01",
      ["2026-11-01T04:00"],
      "2026-11-02T05:00",
    ],
    [
      "the day that Samoa left out",
      "Pacific/Apia",
      "2011-12-29",
      "2011-12-31",
      ["2011-12-29T10:00", "2011-12-30T10:00", "2011-12-30T10:00"],
      "2011-12-31T10:00",
    ],
    [
      "the end of a leap year's February",
      "Asia/Kathmandu",
      "2028-02-28",
      "2028-03-01",
      ["2028-02-27T18:15", "2028-02-28T18:15", "2028-02-29T18:15"],
      "2028-03-01T18:15",
    ],
  ])("has the first moments of its days: %s", ([, timeZone, firstDay, lastDay, begins, ends]) => {
    const dayStarts = begins.map(utc);
    const [from] = dayStarts;
    expect(periodOf(firstDay, lastDay, timeZone)).toEqual({
      timeZone,
      firstDay,
      lastDay,
      from,
      to: utc(ends),
      dayStarts,
    });
  });

  test("has the hours of a year, however the clocks are changed", () => {
    const { dayStarts, from, to } = periodOf("2026-01-01", "2026-12-31", "Europe/London");
    const hours = dayStarts.map((begin, day) => ((dayStarts[day + 1] ?? to) - begin) / HOUR);
    expect(hours.length).toBe(365);
    expect(hours.filter((length) => length !== 24)).toEqual([23, 25]);
    expect((to - from) / HOUR).toBe(365 * 24);
  });

  test("is a leap year at most", () => {
    expect(periodOf("2028-01-01", "2028-12-31", "Asia/Hong_Kong").dayStarts.length).toBe(366);
    expect(() => periodOf("2028-01-01", "2029-01-01", "Asia/Hong_Kong")).toThrow("1 to 366 days, not 367");
  });

  test.for([
    ["that ends before it begins", "2026-03-02", "2026-03-01", "Europe/London"],
    ["from a day that no calendar has", "2026-02-30", "2026-03-01", "Europe/London"],
    ["in no time zone", "2026-03-01", "2026-03-02", "Mars/Olympus"],
  ] as const)("%s is none", ([, firstDay, lastDay, timeZone]) => {
    expect(() => periodOf(firstDay, lastDay, timeZone)).toThrow(RangeError);
  });
});

describe("the day of a moment", () => {
  test("is another one elsewhere", () => {
    const at = utc("2026-03-01T12:00");
    const zones = ["Europe/London", "Pacific/Kiritimati", "Pacific/Pago_Pago"];
    expect(zones.map((zone) => localDay(at, zone))).toEqual(["2026-03-01", "2026-03-02", "2026-03-01"]);
    expect(localDay(at - HOUR, "Pacific/Pago_Pago")).toBe("2026-03-01");
    expect(localDay(at - HOUR - 1, "Pacific/Pago_Pago")).toBe("2026-02-28");
  });

  test.for<[at: string, day: number]>([
    ["2026-02-28T15:59:59.999", -1],
    ["2026-02-28T16:00:00.000", 0],
    ["2026-03-01T15:59:59.999", 0],
    ["2026-03-01T16:00:00.000", 1],
    ["2026-03-03T15:59:59.999", 2],
    ["2026-03-03T16:00:00.000", 3],
    ["2027-01-01T00:00:00.000", 3],
  ])("%s is number %i of three in Hong Kong", ([at, day]) => {
    expect(dayIndex(periodOf("2026-03-01", "2026-03-03", "Asia/Hong_Kong"), utc(at))).toBe(day);
  });

  test("is the one that comes, where a day was left out", () => {
    const period = periodOf("2011-12-29", "2011-12-31", "Pacific/Apia");
    expect(["2011-12-30T09:59", "2011-12-30T10:00"].map((at) => dayIndex(period, utc(at)))).toEqual([0, 2]);
  });

  const moment = fc.record({
    place: fc.constantFrom(...ZONES),
    begin: fc
      .date({ min: new Date("2011-01-01"), max: new Date("2030-01-01"), noInvalidDate: true })
      .map((date) => Temporal.PlainDate.from(date.toISOString().slice(0, 10))),
    days: fc.integer({ min: 1, max: 366 }),
    after: fc.nat(400 * 24 * HOUR),
  });

  test("is found in a period as Temporal finds it", () => {
    fc.assert(
      fc.property(moment, ({ place, begin, days, after }) => {
        const period = periodOf(begin.toString(), begin.add({ days: days - 1 }).toString(), place);
        const at = period.from + after;
        const index = dayIndex(period, at);
        if (at >= period.to) expect(index).toBe(days);
        else expect(begin.add({ days: index }).toString()).toBe(localDay(at, place));
      }),
      { numRuns: 1_000 },
    );
  });
});
