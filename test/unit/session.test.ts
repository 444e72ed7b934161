import { expect, test } from "vitest";
import { dueAfterHearing, firstDueAt, idleTimes, LIFE_MS } from "../../bot/session.ts";

const IDLE = idleTimes(300);
const STARTED_AT = 1_000_000;
const LAST_WARNING_AT = STARTED_AT + LIFE_MS - IDLE.warningMs;
const session = { startedAt: STARTED_AT, dueAt: STARTED_AT + 240_000, warned: 0 };

test.each([
  [300, 240_000, 60_000],
  [5, 4_000, 1_000],
  [1_800, 1_440_000, 360_000],
])("of %i seconds of silence a fifth remains at the warning", (idleS, firstMs, warningMs) => {
  const idle = idleTimes(idleS);
  expect(idle).toEqual({ idleMs: idleS * 1_000, warningMs });
  expect(firstDueAt(STARTED_AT, idle)).toBe(STARTED_AT + firstMs);
});

test("whoever is heard has the whole idle time again, after a warning too", () => {
  const now = session.dueAt + 30_000;
  const warned = { ...session, dueAt: session.dueAt + IDLE.warningMs, warned: 1 };
  expect(dueAfterHearing(warned, now, IDLE)).toEqual({ dueAt: now + 240_000, warned: 0 });
});

test("nothing makes a session longer than its life", () => {
  expect(dueAfterHearing(session, LAST_WARNING_AT - 1_000, IDLE)).toEqual({ dueAt: LAST_WARNING_AT, warned: 0 });
  const last = { startedAt: STARTED_AT, dueAt: LAST_WARNING_AT + IDLE.warningMs, warned: 1 };
  expect(dueAfterHearing(last, LAST_WARNING_AT + 10, IDLE)).toEqual({ dueAt: last.dueAt, warned: 1 });
});

test("where a session may be silent for all of its life, its guest is warned once, and not later for having been heard", () => {
  const idle = idleTimes(LIFE_MS / 1_000);
  const dueAt = firstDueAt(STARTED_AT, idle);
  expect(dueAt + idle.warningMs).toBe(STARTED_AT + LIFE_MS);
  expect(dueAfterHearing({ startedAt: STARTED_AT, dueAt, warned: 0 }, dueAt - 10, idle)).toEqual({ dueAt, warned: 0 });
});
