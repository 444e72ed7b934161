import { expect, test } from "vitest";
import { dueAfterHearing, firstDueAt, IDLE_MS, LIFE_MS, WARNING_MS } from "../../bot/session.ts";

const STARTED_AT = 1_000_000;
const LAST_WARNING_AT = STARTED_AT + LIFE_MS - WARNING_MS;
const session = { startedAt: STARTED_AT, dueAt: STARTED_AT + IDLE_MS - WARNING_MS, warned: 0 };

test("the warning comes a minute before the end of the idle time", () => {
  expect(firstDueAt(STARTED_AT)).toBe(STARTED_AT + 240_000);
});

test("whoever is heard has the whole idle time again, after a warning too", () => {
  const now = session.dueAt + 30_000;
  const warned = { ...session, dueAt: session.dueAt + WARNING_MS, warned: 1 };
  expect(dueAfterHearing(warned, now)).toEqual({ dueAt: now + 240_000, warned: 0 });
});

test("nothing makes a session longer than its life", () => {
  expect(dueAfterHearing(session, LAST_WARNING_AT - 1_000)).toEqual({ dueAt: LAST_WARNING_AT, warned: 0 });
  const last = { startedAt: STARTED_AT, dueAt: LAST_WARNING_AT + WARNING_MS, warned: 1 };
  expect(dueAfterHearing(last, LAST_WARNING_AT + 10)).toEqual({ dueAt: last.dueAt, warned: 1 });
});
