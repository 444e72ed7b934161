import { expect, test } from "vitest";
import type { FleetFigures } from "../../device-sim/fleet.ts";
import { progressLine } from "../../scripts/fleet-report.ts";

const LATENCY = { count: 9, p50Ms: 6.51, p95Ms: 71.2, p99Ms: 2_065 };
const FIGURES: FleetFigures = {
  pods: 10_000,
  connected: 9_999,
  trouble: undefined,
  messages: 1,
  events: 1,
  checkIns: 1,
  acknowledged: { count: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 },
  waiting: 0,
  commands: { asked: 12, accepted: 5, rejected: 4, expired: 2, unanswered: 1, open: 0, reasons: {}, latency: LATENCY },
};
const line = (columns: number, more: Partial<FleetFigures> = {}) =>
  progressLine({ ...FIGURES, ...more }, { perSecond: 2_993, elapsedS: 23, columns });

test("the line tells all that there is to watch", () => {
  expect(line(Number.POSITIVE_INFINITY)).toBe(
    "23 s · 9,999 of 10,000 connected · 2,993 msg/s · p50/p95/p99 ms: reply 6.5/71/2,065, ack – · 7 not carried out",
  );
});

test("a narrow terminal gets the same in fewer words, and never more than it has room for", () => {
  expect(line(80)).toBe("23 s 9,999/10,000 up 2,993/s reply 6.5/71/2,065 ack – ms 7 failed");
  expect(line(80, { acknowledged: LATENCY })).toBe(
    "23 s 9,999/10,000 up 2,993/s reply 6.5/71/2,065 ack 6.5/71/2,065 ms 7 failed",
  );
  expect(line(40)).toHaveLength(40);
});

test("why a pod is away stands there", () => {
  expect(line(200, { trouble: "Connection refused: Not authorized" })).toContain(
    "9,999 of 10,000 connected (Connection refused: Not authorized) · ",
  );
});
