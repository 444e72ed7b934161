import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type DayWindow, nextWindow } from "../../device-sim/window.ts";

const MINUTE = 60_000;
const HONG_KONG = "Asia/Hong_Kong";
const LONDON = "Europe/London";

const found = (startTime: string, endTime: string, { timeZone, now }: { timeZone: string; now: string }) => {
  const window = { startTime: `${startTime}:00`, endTime: `${endTime}:00`, timeZone };
  const { startsAt, endsAt } = nextWindow(window, Date.parse(now));
  return [startsAt, endsAt].map((at) => new Date(at).toISOString().replace(":00.000Z", "Z"));
};

type Case = [what: string, start: string, end: string, now: string, startsAt: string, endsAt: string];

describe("a window in Hong Kong, which never changes its clocks,", () => {
  test.for<Case>([
    ["later today", "21:00", "23:00", "2026-03-01T12:00:00Z", "2026-03-01T13:00Z", "2026-03-01T15:00Z"],
    [
      "that was today is tomorrow's",
      "08:00",
      "12:00",
      "2026-03-01T12:00:00Z",
      "2026-03-02T00:00Z",
      "2026-03-02T04:00Z",
    ],
    ["across midnight", "22:00", "06:00", "2026-03-01T12:00:00Z", "2026-03-01T14:00Z", "2026-03-01T22:00Z"],
    ["that is open", "19:00", "22:00", "2026-03-01T12:00:00Z", "2026-03-01T12:00Z", "2026-03-01T14:00Z"],
    ["open since before midnight", "22:00", "06:00", "2026-03-01T17:00:00Z", "2026-03-01T17:00Z", "2026-03-01T22:00Z"],
    ["that opens this moment", "20:00", "21:00", "2026-03-01T12:00:00Z", "2026-03-01T12:00Z", "2026-03-01T13:00Z"],
    ["that ends this moment", "19:00", "20:00", "2026-03-01T12:00:00Z", "2026-03-02T11:00Z", "2026-03-02T12:00Z"],
    ["to midnight", "23:00", "00:00", "2026-03-01T12:00:00Z", "2026-03-01T15:00Z", "2026-03-01T16:00Z"],
  ])("%s", ([, start, end, now, startsAt, endsAt]) => {
    expect(found(start, end, { timeZone: HONG_KONG, now })).toEqual([startsAt, endsAt]);
  });
});

/** At one o'clock in the morning of 29 March 2026 it is two o'clock. */
describe("a window in London on the day on which an hour is missing", () => {
  const now = "2026-03-28T12:00:00Z";
  test.for<Case>([
    ["around the gap is an hour shorter", "22:00", "06:00", now, "2026-03-28T22:00Z", "2026-03-29T05:00Z"],
    [
      "that begins in it opens when the clock skips that",
      "01:30",
      "03:00",
      now,
      "2026-03-29T01:00Z",
      "2026-03-29T02:00Z",
    ],
    [
      "that ends in it closes when the clock skips that",
      "00:30",
      "01:30",
      now,
      "2026-03-29T00:30Z",
      "2026-03-29T01:00Z",
    ],
    ["within it is left out that day", "01:15", "01:45", now, "2026-03-30T00:15Z", "2026-03-30T00:45Z"],
    ["to the end of it is left out too", "01:30", "02:00", now, "2026-03-30T00:30Z", "2026-03-30T01:00Z"],
    ["after it goes by summer time", "08:00", "12:00", now, "2026-03-29T07:00Z", "2026-03-29T11:00Z"],
  ])("%s", ([, start, end, at, startsAt, endsAt]) => {
    expect(found(start, end, { timeZone: LONDON, now: at })).toEqual([startsAt, endsAt]);
  });
});

/** At two o'clock in the morning of 25 October 2026 it is one o'clock again. */
describe("a window in London on the day on which an hour comes twice", () => {
  const now = "2026-10-24T12:00:00Z";
  test.for<Case>([
    ["around the hour is longer by it", "22:00", "06:00", now, "2026-10-24T21:00Z", "2026-10-25T06:00Z"],
    ["within it is the first one", "01:15", "01:45", now, "2026-10-25T00:15Z", "2026-10-25T00:45Z"],
    ["that ends in it ends the first time", "00:30", "01:30", now, "2026-10-24T23:30Z", "2026-10-25T00:30Z"],
    ["that begins in it begins the first time", "01:30", "02:30", now, "2026-10-25T00:30Z", "2026-10-25T02:30Z"],
    [
      "that is open the second time",
      "01:15",
      "01:45",
      "2026-10-25T01:20:00Z",
      "2026-10-25T01:20Z",
      "2026-10-25T01:45Z",
    ],
    ["to an hour that comes again", "01:50", "01:20", "2026-10-25T00:30:00Z", "2026-10-25T00:50Z", "2026-10-26T01:20Z"],
    ["after it goes by winter time", "08:00", "12:00", now, "2026-10-25T08:00Z", "2026-10-25T12:00Z"],
  ])("%s", ([, start, end, at, startsAt, endsAt]) => {
    expect(found(start, end, { timeZone: LONDON, now: at })).toEqual([startsAt, endsAt]);
  });
});

/** What a clock on a wall shows, by the platform's other calendar: a text that sorts as time does. */
function wallClock(timeZone: string) {
  const options = {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  } as const;
  const format = new Intl.DateTimeFormat("sv-SE", { ...options, hourCycle: "h23" });
  return (at: number) => format.format(at);
}

/** Looks at the clock every minute. */
function lookEveryMinute({ startTime, endTime, timeZone }: DayWindow, now: number) {
  const shown = wallClock(timeZone);
  const [start, end] = [startTime.slice(0, 5), endTime.slice(0, 5)];
  const isInside = (at: number) => {
    const time = shown(at).slice(-5);
    return start < end ? time >= start && time < end : time >= start || time < end;
  };
  let startsAt = now;
  while (!isInside(startsAt)) startsAt += MINUTE;
  const [day = "", time = ""] = shown(startsAt).split(" ");
  const lastDay = end > time ? day : new Date(Date.parse(day) + 24 * 60 * MINUTE).toISOString().slice(0, 10);
  let endsAt = startsAt + MINUTE;
  while (shown(endsAt) < `${lastDay} ${end}`) endsAt += MINUTE;
  return { startsAt, endsAt };
}

const time = fc.integer({ min: 0, max: 24 * 12 - 1 }).map((fives) => {
  const pad = (n: number) => String(n).padStart(2, "0");
  return `${pad(Math.floor(fives / 12))}:${pad((fives % 12) * 5)}:00`;
});
const DAYS = ["2026-03-28T00:00:00Z", "2026-10-24T00:00:00Z", "2026-06-30T00:00:00Z"].map((day) => Date.parse(day));

test.for([LONDON, HONG_KONG, "America/St_Johns", "Australia/Lord_Howe", "Pacific/Apia"])(
  "is what looking at the clock every minute finds, in %s",
  (timeZone) => {
    const moment = fc.tuple(fc.constantFrom(...DAYS), fc.integer({ min: 0, max: 48 * 60 }));
    fc.assert(
      fc.property(time, time, moment, (startTime, endTime, [day, minute]) => {
        fc.pre(startTime !== endTime);
        const now = day + minute * MINUTE;
        const window = { startTime, endTime, timeZone };
        expect(nextWindow(window, now)).toEqual(lookEveryMinute(window, now));
      }),
      { numRuns: 60 },
    );
  },
);
