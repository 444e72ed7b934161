import { expect, test } from "vitest";
import { timeAgo } from "../../scripts/devices.ts";

test.for<[seconds: number, words: string]>([
  [-5, "just now"],
  [0.9, "just now"],
  [1, "1 second ago"],
  [59, "59 seconds ago"],
  [60, "1 minute ago"],
  [3_599, "59 minutes ago"],
  [3_600, "1 hour ago"],
  [86_399, "23 hours ago"],
  [86_400, "1 day ago"],
  [864_000, "10 days ago"],
])("%d seconds are %s", ([seconds, words]) => {
  const now = Date.parse("2026-03-01T12:00:00.000Z");
  expect(timeAgo(now - seconds * 1_000, now)).toBe(words);
});
