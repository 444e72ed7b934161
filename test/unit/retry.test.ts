import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Proof } from "../../device-db/outcome.ts";
import { createPace } from "../../device-db/pace.ts";
import {
  afterCall,
  afterLookup,
  afterQuiesce,
  backoffMs,
  type Circumstances,
  type Finding,
  LONGEST_BACKOFF_MS,
  retryAfterMs,
} from "../../device-db/retry.ts";

const HOUR_MS = 3_600_000;
const FIRST: Circumstances = { attempts: 1, absences: 0, ageMs: 10, quiesceMs: 2_000, random: 0.5 };
const OLD: Circumstances = { ...FIRST, attempts: 40, ageMs: 72 * HOUR_MS + 1 };
const WHEN = {
  "at first": FIRST,
  "after four attempts": { ...FIRST, attempts: 4 },
  "after three days": OLD,
  "after an absence": { ...FIRST, absences: 1 },
  "after an absence and three days": { ...OLD, absences: 1 },
};
type When = keyof typeof WHEN;

describe("the back-off", () => {
  test.for([
    [1, 1_000],
    [2, 2_000],
    [3, 4_000],
    [9, 256_000],
    [10, 300_000],
    [10_000, 300_000],
  ] as const)("has after attempt %i a ceiling of %i ms", ([attempts, ceiling]) => {
    expect(backoffMs(attempts, 0)).toBe(0);
    expect(backoffMs(attempts, 0.5)).toBe(ceiling / 2);
    expect(backoffMs(attempts, 0.999_999)).toBe(ceiling);
  });

  test("never leaves its bounds", () => {
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(), random, (attempts, chance) => {
        const waitMs = backoffMs(attempts, chance);
        expect(Number.isInteger(waitMs) && waitMs >= 0 && waitMs <= LONGEST_BACKOFF_MS).toBe(true);
      }),
    );
  });
});

describe("after a call", () => {
  test.for<[proof: Proof, when: When, state: string, waitMs: number]>([
    ["delivered", "at first", "delivered", 0],
    ["delivered", "after three days", "delivered", 0],
    ["not-sent", "at first", "pending", 500],
    ["not-sent", "after four attempts", "pending", 4_000],
    ["not-sent", "after three days", "dead", 0],
    ["rejected", "at first", "dead", 0],
    ["ambiguous", "at first", "uncertain", 2_000],
    ["ambiguous", "after three days", "uncertain", 2_000],
  ])("that proved %s, %s, comes %s for %i ms", ([proof, when, state, waitMs]) => {
    expect(afterCall(proof, WHEN[when])).toEqual({ state, waitMs });
  });

  test("after three days it is held when nobody knows of an earlier attempt", () => {
    for (const proof of ["not-sent", "throttled"] as const)
      expect(afterCall(proof, { ...OLD, isDoubtful: true }).state).toBe("held");
  });

  test.for<[proof: Proof, state: string, waitMs: number]>([
    ["refused", "pending", 0],
    ["walled", "uncertain", 2_000],
  ])("that proved %s, it is %s again and its lane stands still", ([proof, state, waitMs]) => {
    for (const when of [FIRST, OLD]) expect(afterCall(proof, when)).toEqual({ state, waitMs, pausesLane: true });
  });

  test.for<[proof: Proof, askedMs: number | undefined, waitMs: number]>([
    ["throttled", 7_000, 7_000],
    ["throttled", undefined, 1_000],
    ["ambiguous", 7_000, 7_000],
    ["ambiguous", 1, 2_000],
  ])("that proved %s, with %s ms asked for, it waits %i ms", ([proof, retryAfterMs, waitMs]) => {
    expect(afterCall(proof, { ...FIRST, retryAfterMs })).toMatchObject({ waitMs });
  });

  test("nothing that may have been executed is sent again without being settled first", () => {
    const anything = fc.record({
      attempts: fc.nat(),
      absences: fc.nat(3),
      ageMs: fc.integer(),
      quiesceMs: fc.nat(),
      random: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    });
    const proof = fc.constantFrom<Proof[]>("delivered", "rejected", "ambiguous", "walled");
    fc.assert(
      fc.property(proof, anything, (proved, circumstances) => {
        expect(afterCall(proved, circumstances).state).not.toBe("pending");
      }),
    );
  });
});

describe("the time that an ERP asks for", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");

  test.for<[header: string | undefined, waitMs: number | undefined]>([
    [undefined, undefined],
    ["120", 120_000],
    ["0", undefined],
    ["-1", undefined],
    ["in 5", undefined],
    ["Sun, 01 Mar 2026 12:00:30 GMT", 30_000],
    ["Sun, 01 Mar 2026 11:00:00 GMT", undefined],
    ["315360000", LONGEST_BACKOFF_MS],
    ["Fri, 01 Mar 2036 12:00:00 GMT", LONGEST_BACKOFF_MS],
    ["soon", undefined],
    ["", undefined],
  ])("%s is %s ms", ([header, waitMs]) => {
    expect(retryAfterMs(header, now)).toBe(waitMs);
  });
});

describe("after the quiesce time, when the ERP knows keys", () => {
  test("the call is sent again, later with each attempt", () => {
    expect(afterQuiesce(FIRST)).toEqual({ state: "pending", waitMs: 500 });
    expect(afterQuiesce({ ...FIRST, attempts: 20 })).toEqual({ state: "pending", waitMs: 150_000 });
  });

  test("after three days a person has to look at it", () => {
    expect(afterQuiesce(OLD)).toEqual({ state: "held", waitMs: 0 });
  });
});

describe("after a look-up", () => {
  test.for<[finding: Finding, when: When, state: string, waitMs: number, absences: number]>([
    ["present", "at first", "delivered", 0, 0],
    ["present", "after three days", "delivered", 0, 0],
    ["unclear", "at first", "uncertain", 2_000, 0],
    ["unclear", "after an absence", "uncertain", 2_000, 1],
    ["unclear", "after three days", "held", 0, 0],
    ["absent", "at first", "uncertain", 2_000, 1],
    ["absent", "after an absence", "pending", 500, 0],
    ["absent", "after an absence and three days", "dead", 0, 0],
  ])("that found it %s, %s, comes %s for %i ms", ([finding, when, state, waitMs, absences]) => {
    expect(afterLookup(finding, WHEN[when])).toEqual({ state, waitMs, absences });
  });
});

describe("the pace", () => {
  test("without a rate only the calls under way count", () => {
    const pace = createPace({ concurrency: 4, rate: undefined });
    expect([pace.allowed(0, 0), pace.allowed(0, 3), pace.allowed(0, 4), pace.waitMs(0)]).toEqual([4, 1, 0, 0]);
  });

  test("twenty calls a second are fifty milliseconds apart", () => {
    const pace = createPace({ concurrency: 4, rate: 20 });
    expect(pace.allowed(1_000, 0)).toBe(1);
    pace.started(1_000);
    expect([pace.allowed(1_000, 1), pace.waitMs(1_000)]).toEqual([0, 50]);
    expect([pace.allowed(1_049, 0), pace.waitMs(1_049)]).toEqual([0, 1]);
    expect([pace.allowed(1_050, 0), pace.waitMs(1_050)]).toEqual([1, 0]);
    expect(pace.allowed(1_050, 4)).toBe(0);
  });

  test("a clock that is set back does not stop it", () => {
    const pace = createPace({ concurrency: 4, rate: 20 });
    pace.started(86_400_000);
    expect([pace.waitMs(1_000), pace.allowed(1_000, 0)]).toEqual([0, 1]);
  });
});
