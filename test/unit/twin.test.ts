import { describe, expect, test } from "vitest";
import {
  afterCommand,
  afterEvent,
  afterReply,
  afterRestart,
  afterState,
  afterStatus,
  NOTHING_KNOWN,
  type Twin,
  viewOf,
} from "../../device-db/twin.ts";
import type { Command } from "../../device-sim/contract.ts";

const NOW = Date.parse("2026-03-01T12:00:00.000Z");
const at = (ms: number) => new Date(NOW + ms).toISOString();
const command: Command = { id: "c", action: "checkin", scent: "wood", issuedAt: at(-10), ttlS: 120 };
const byGuest = { source: "guest", now: NOW } as const;
const asked = (fields: Partial<Command> = {}, before: Twin = NOTHING_KNOWN) =>
  afterCommand(before, { ...command, ...fields }, byGuest);

describe("when a device was last seen", () => {
  const seen = (twin: Twin) => viewOf(twin, NOW).lastSeen;

  test("is when it said something, whatever it said", () => {
    const event = { id: "e", seq: 1, status: "checkin", scent: "wood", at: at(-60_000) } as const;
    expect(seen(afterEvent(NOTHING_KNOWN, event, NOW))).toBe(at(0));
    expect(seen(afterReply(NOTHING_KNOWN, { commandId: "x", outcome: "accepted" }, NOW))).toBe(at(0));
  });

  test("is when it made a retained word, which a broker may hand on long after", () => {
    expect(seen(afterStatus(NOTHING_KNOWN, { state: "online", firmware: "1", at: at(-5_000) }, NOW))).toBe(at(-5_000));
    const state = { diffusing: null, at: at(-7_000) };
    expect(seen(afterState(NOTHING_KNOWN, state, NOW) ?? NOTHING_KNOWN)).toBe(at(-7_000));
  });

  test("does not go back, and does not follow a clock that is ahead", () => {
    const heard = { ...NOTHING_KNOWN, lastSeenAt: NOW - 1_000 };
    expect(seen(afterStatus(heard, { state: "lost", firmware: "1", at: at(-60_000) }, NOW))).toBe(at(-1_000));
    expect(seen(afterStatus(heard, { state: "online", firmware: "1", at: at(60_000) }, NOW))).toBe(at(0));
  });

  test("is not known of one that said nothing, whatever it was asked for", () => {
    expect(seen(asked())).toBeNull();
  });
});

describe("what is desired", () => {
  test.for<[what: string, command: Partial<Command>, before: string | null, diffusing: string | null]>([
    ["a check-in", { action: "checkin", scent: "air" }, "wood", "air"],
    ["a check-out", { action: "checkout" }, "wood", null],
    ["a schedule, which is for later", { action: "schedule", scent: "air" }, "wood", "wood"],
    ["what nobody knows", { action: "explode" }, "wood", "wood"],
  ])("follows from %s", ([, fields, before, diffusing]) => {
    const twin = asked(fields, asked({ id: "before", scent: before ?? "" }));
    expect(viewOf(twin, NOW).desired).toEqual({
      diffusing,
      at: at(-10),
      command: { id: "c", source: "guest", state: "pending", reason: null },
    });
  });

  test.for<[outcome: "accepted" | "duplicate" | "rejected" | "expired", state: string, reason: string | undefined]>([
    ["accepted", "accepted", undefined],
    ["duplicate", "accepted", undefined],
    ["rejected", "rejected", "no capsule"],
    ["expired", "expired", undefined],
  ])("stands beside what became of it: %s", ([outcome, state, reason]) => {
    const twin = afterReply(asked(), { commandId: "c", outcome, reason }, NOW);
    expect(viewOf(twin, NOW).desired).toMatchObject({ diffusing: "wood", command: { state, reason: reason ?? null } });
  });

  test("is not changed by a reply to another command", () => {
    const twin = afterReply(asked(), { commandId: "other", outcome: "rejected" }, NOW);
    expect(twin.desired).toEqual(asked().desired);
    expect(afterReply(NOTHING_KNOWN, { commandId: "other", outcome: "rejected" }, NOW).desired).toBeNull();
  });

  test("is over when nobody answered in time; a later answer is still the truth", () => {
    const state = (twin: Twin, ms: number) => viewOf(twin, NOW + ms).desired?.command;
    expect(state(asked(), 119_999)).toMatchObject({ state: "pending" });
    expect(state(asked(), 120_000)).toMatchObject({ state: "expired", reason: "the pod did not answer in time" });
    const late = afterReply(asked(), { commandId: "c", outcome: "accepted" }, NOW + 130_000);
    expect(state(late, 130_000)).toMatchObject({ state: "accepted", reason: null });
  });
});

describe("what is reported", () => {
  test("is shown as it came, with what nobody knows", () => {
    const state = { diffusing: "fire", at: at(0), capsules: { fire: 12.5 }, low: ["fire"], humidity: { percent: 41 } };
    expect(viewOf(afterState(NOTHING_KNOWN, state as never, NOW) ?? NOTHING_KNOWN, NOW).reported).toEqual(state);
  });

  test("is kept as it was when a state is too long to be one", () => {
    const long = { diffusing: null, at: at(0), note: "x".repeat(4_096) };
    expect(afterState(NOTHING_KNOWN, long, NOW)).toBeUndefined();
  });

  test("is not what it is asked for", () => {
    expect(viewOf(asked(), NOW).reported).toBeNull();
  });
});

test("after a restart nobody knows whether a device that was online still is; the others would have come", () => {
  const statuses = (["online", "offline", "lost", "unknown"] as const).map(
    (status) => afterRestart({ ...NOTHING_KNOWN, status }).status,
  );
  expect(statuses).toEqual(["unknown", "offline", "lost", "unknown"]);
});
