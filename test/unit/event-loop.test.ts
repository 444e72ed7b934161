import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { eventLoopFigures, watchEventLoop } from "../../plumbing/event-loop.ts";

test("a turn that keeps others waiting shows as lag, to all who ask within five seconds", async () => {
  watchEventLoop();
  await delay(100);
  const busyBefore = eventLoopFigures().activeSeconds;
  await delay(5_100);
  const until = performance.now() + 400;
  while (performance.now() < until) void 0;
  await delay(50);
  const { p50, p99, max, activeSeconds } = eventLoopFigures();
  expect(max).toBeGreaterThan(0.3);
  expect(p99).toBeLessThanOrEqual(max);
  expect(p50).toBeLessThan(0.2);
  expect(activeSeconds - busyBefore).toBeGreaterThan(0.35);
  expect(eventLoopFigures()).toMatchObject({ p50, p99, max });
});
