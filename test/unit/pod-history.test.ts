import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CAPSULE_ML } from "../../device-sim/capsules.ts";
import { type Command, commandSchema, replySchema, SCENTS, type Scent } from "../../device-sim/contract.ts";
import {
  actAt,
  advance,
  BUTTONS,
  decide,
  fill,
  newPod,
  type Pod,
  type PodEvent,
  press,
  type Verdict,
} from "../../device-sim/pod.ts";

const HOUR = 3_600_000;
const BEGIN = Date.parse("2026-03-28T06:00:00.000Z");

/** Something that happens to a pod: its time passes before each of these. */
type Deed =
  | { kind: "command"; command: Command }
  | { kind: "press"; button: (typeof BUTTONS)[number] }
  | { kind: "fill"; scent: Scent; ml: number | null }
  | { kind: "restart" };

type Moment = { afterMs: number; deed: Deed };

const time = fc.integer({ min: 0, max: 95 }).map((quarters) => {
  const pad = (n: number) => String(n).padStart(2, "0");
  return `${pad(Math.floor(quarters / 4))}:${pad((quarters % 4) * 15)}:00`;
});
const anyScent = fc.constantFrom(...SCENTS);
const command = fc.record({
  id: fc.integer({ min: 1, max: 26 }).map((n) => `c${String(n)}`),
  action: fc.constantFrom("checkin", "checkin", "checkout", "schedule", "schedule", "explode"),
  scent: fc.option(fc.constantFrom(...SCENTS, "rose"), { nil: undefined }),
  startTime: fc.option(time, { nil: undefined, freq: 9 }),
  endTime: fc.option(time, { nil: undefined, freq: 9 }),
  timeZone: fc.constantFrom("Europe/London", "Asia/Hong_Kong", "Mars/Olympus"),
  ttlS: fc.constantFrom(120, 120, 1, 0, -5),
});
const deed: fc.Arbitrary<Deed> = fc.oneof(
  {
    weight: 6,
    arbitrary: command.map((fields) => ({
      kind: "command" as const,
      command: commandSchema.parse({ issuedAt: "2026-03-28T06:00:00.000Z", ...fields }),
    })),
  },
  { weight: 2, arbitrary: fc.constantFrom(...BUTTONS).map((button) => ({ kind: "press" as const, button })) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyScent, fc.constantFrom(null, 0, 0.5, CAPSULE_ML))
      .map(([scent, ml]) => ({ kind: "fill" as const, scent, ml })),
  },
  { weight: 1, arbitrary: fc.constant({ kind: "restart" as const }) },
);
/** Mostly minutes, sometimes days; a clock is also set back now and then. */
const afterMs = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 0, max: 30 * 60_000 }) },
  { weight: 3, arbitrary: fc.integer({ min: HOUR, max: 30 * HOUR }) },
  { weight: 1, arbitrary: fc.integer({ min: -HOUR, max: 0 }) },
);
const history = fc.array(fc.record({ afterMs, deed }), { maxLength: 60, size: "max" });

/** What came of one command. */
type Record = { command: Command; verdict: Verdict; events: PodEvent[]; wasGivenUp: boolean };

/** Lives through a history as the runtime does, and keeps what there is to say of it. */
function live(moments: readonly Moment[], look: (pod: Pod) => void = () => undefined) {
  let pod = newPod(BEGIN);
  let now = BEGIN;
  const answers = new Map<string, Pick<Verdict, "outcome" | "reason">>();
  const events: PodEvent[] = [];
  const records = new Map<string, Record>();

  function happened(step: Verdict["effect"]): void {
    if (!step) return;
    pod = step.pod;
    for (const event of step.events) {
      events.push(event);
      records.get(event.cause.commandId ?? "")?.events.push(event);
    }
  }

  function obey(given: Command): void {
    const verdict = actAt(pod, now, (today) => decide(today, given, answers.get(given.id)));
    if (verdict.outcome === "accepted" || verdict.outcome === "rejected")
      answers.set(given.id, { outcome: verdict.outcome, ...(verdict.reason ? { reason: verdict.reason } : {}) });
    const record: Record = { command: given, verdict, events: [], wasGivenUp: false };
    const isNew = verdict.outcome === "accepted";
    if (isNew) records.set(given.id, record);
    const waiting = isNew && given.action !== "checkin" ? waitingSchedule() : undefined;
    happened(verdict.effect);
    if (waiting && waiting.command.id !== given.id && waiting.events.length === 0) waiting.wasGivenUp = true;
  }

  function waitingSchedule(): Record | undefined {
    return records.get(pod.schedule?.cause.commandId ?? "");
  }

  function stop(): void {
    const waiting = waitingSchedule();
    happened(actAt(pod, now, (today) => press(today, "stop")).effect);
    if (waiting && waiting.events.length === 0 && pod.schedule === null) waiting.wasGivenUp = true;
  }

  for (const { afterMs: passed, deed: what } of moments) {
    now += passed;
    happened(advance(pod, now));
    if (what.kind === "command") obey(what.command);
    if (what.kind === "press" && what.button === "stop") stop();
    if (what.kind === "press" && what.button === "next")
      happened(actAt(pod, now, (today) => press(today, "next")).effect);
    if (what.kind === "fill") pod = fill(pod, what.scent, what.ml);
    // What is not on disk is gone.
    if (what.kind === "restart") pod = JSON.parse(JSON.stringify(pod)) as Pod;
    look(pod);
  }
  // Whatever waits comes to its end.
  for (let hours = 0; hours < 60; hours++) {
    now += HOUR;
    happened(advance(pod, now));
  }
  return { pod, events, records: [...records.values()] };
}

const holds = (property: (moments: readonly Moment[]) => void) =>
  fc.assert(fc.property(history, property), { numRuns: 600 });

describe("over any history", () => {
  test("no capsule ever has less than nothing or more than was put into it, and one scent at most is in the air", () => {
    holds((moments) => {
      live(moments, (pod) => {
        for (const scent of SCENTS) {
          const ml = pod.capsules[scent];
          expect(ml === null || (ml >= 0 && ml <= CAPSULE_ML)).toBe(true);
        }
        expect(pod.diffusing === null || (pod.capsules[pod.diffusing] ?? 0) > 0).toBe(true);
        // A stay is what gives a scent a reason to be in the air.
        expect(pod.diffusing === null || pod.stay !== null).toBe(true);
      });
    });
  });

  test("sequence numbers begin with 1 and have no gap, over restarts too", () => {
    holds((moments) => {
      const { pod, events } = live(moments);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, at) => at + 1));
      expect(pod.seq).toBe(events.length);
    });
  });

  test("an accepted check-in or check-out has exactly one event, and a schedule two, or none if it was given up before", () => {
    holds((moments) => {
      for (const { command: given, events, wasGivenUp } of live(moments).records) {
        const statuses = events.map(({ status }) => status);
        if (given.action === "checkin") expect(statuses).toEqual(["checkin"]);
        if (given.action === "checkout") expect(statuses).toEqual(["checkout"]);
        if (given.action === "schedule") expect(statuses).toEqual(wasGivenUp ? [] : ["timein", "timeout"]);
      }
    });
  });

  test("what is not accepted has no event, an id acts once at most, and what is said fits the contract", () => {
    holds((moments) => {
      const { events, records } = live(moments);
      const accepted = new Set(records.map(({ command: { id } }) => id));
      for (const { cause } of events) if (cause.commandId) expect(accepted.has(cause.commandId)).toBe(true);
      const checkIns = events.filter(({ status, cause }) => status === "checkin" && cause.commandId);
      expect(new Set(checkIns.map(({ cause }) => cause.commandId)).size).toBe(checkIns.length);
      for (const { command: given, verdict } of records) {
        const { effect: _, ...answer } = verdict;
        replySchema.strict().parse({ commandId: given.id, ...answer, at: given.issuedAt });
      }
    });
  });

  test("time-in and time-out take turns, and lie within a stay", () => {
    holds((moments) => {
      let isOpen = false;
      let isIn = false;
      for (const { status } of live(moments).events) {
        if (status === "timein") expect([isOpen, isIn]).toEqual([false, true]);
        if (status === "timeout") expect([isOpen, isIn]).toEqual([true, true]);
        if (status === "checkin" || status === "checkout") expect(isOpen).toBe(false);
        isOpen = status === "timein" || (isOpen && status !== "timeout");
        isIn = status !== "checkout" && (isIn || status === "checkin");
      }
    });
  });
});

test("the histories are no idle ones: each status, rejection, given-up schedule and empty capsule comes up", () => {
  const seen = new Set<string>();
  for (const moments of fc.sample(history, { numRuns: 600, seed: 1 })) {
    const { events, records } = live(moments, (pod) => {
      if (SCENTS.some((scent) => pod.capsules[scent] === 0)) seen.add("empty");
      if (pod.stay && !pod.diffusing) seen.add("silent stay");
    });
    for (const { status } of events) seen.add(status);
    for (const { wasGivenUp } of records) if (wasGivenUp) seen.add("given up");
  }
  expect(seen).toEqual(new Set(["checkin", "checkout", "timein", "timeout", "given up", "empty", "silent stay"]));
});
