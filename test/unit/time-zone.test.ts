import { expect, test } from "vitest";
import { isTimeZone } from "../../plumbing/time-zone.ts";

test.for<[name: string, isKnown: boolean]>([
  ["Europe/London", true],
  ["Asia/Hong_Kong", true],
  ["UTC", true],
  ["+08:00", true],
  ["Mars/Olympus", false],
  ["London", false],
  ["", false],
  // Intl alone would take these, and no time could be reckoned in them.
  ["IST", false],
  ["SystemV/EST5", false],
  // Temporal alone would take it, and a page that shows its time would not.
  ["2026-01-01T00:00+09:00[Asia/Tokyo]", false],
])("that %j is a time zone is %s", ([name, isKnown]) => {
  expect(isTimeZone(name)).toBe(isKnown);
});
