import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Command, commandSchema, eventSchema, replySchema, SCENTS } from "../../device-sim/contract.ts";
import { decide, type Pod, type Verdict } from "../../device-sim/pod.ts";

const FRESH: Pod = { seq: 0, diffusing: null };

function command(fields: Partial<Command> = {}): Command {
  return { id: "c1", action: "checkin", scent: "wood", issuedAt: "2026-03-01T12:00:00.000Z", ttlS: 120, ...fields };
}

describe("a check-in", () => {
  test.for(SCENTS)("with %s is carried out", (scent) => {
    expect(decide({ seq: 41, diffusing: null }, command({ scent }), undefined)).toEqual({
      outcome: "accepted",
      effect: { pod: { seq: 42, diffusing: scent }, event: { seq: 42, status: "checkin", scent } },
    });
  });

  test("during another one opens a second usage", () => {
    const { effect } = decide({ seq: 1, diffusing: "fire" }, command(), undefined);
    expect(effect).toEqual({
      pod: { seq: 2, diffusing: "wood" },
      event: { seq: 2, status: "checkin", scent: "wood" },
    });
  });

  test.for([undefined, "rose", "Wood", "", "__proto__"])("with the scent %j is rejected", (scent) => {
    const { scent: _, ...bare } = command();
    expect(decide(FRESH, scent === undefined ? bare : { ...bare, scent }, undefined)).toEqual({
      outcome: "rejected",
      reason: `unknown scent "${scent ?? ""}"`,
    });
  });
});

describe("a check-out", () => {
  test("ends the diffusion and names its scent", () => {
    expect(decide({ seq: 7, diffusing: "air" }, command({ action: "checkout" }), undefined)).toEqual({
      outcome: "accepted",
      effect: { pod: { seq: 8, diffusing: null }, event: { seq: 8, status: "checkout", scent: "air" } },
    });
  });

  test("without a check-in is rejected", () => {
    expect(decide(FRESH, command({ action: "checkout" }), undefined)).toEqual({
      outcome: "rejected",
      reason: "nothing is diffusing",
    });
  });
});

test("an action that is not known is rejected by name", () => {
  expect(decide(FRESH, command({ action: "explode" }), undefined)).toEqual({
    outcome: "rejected",
    reason: 'unknown action "explode"',
  });
});

test.for([0, -1, -0.001])("a command with %d seconds left is expired", (ttlS) => {
  expect(decide(FRESH, command({ ttlS }), undefined)).toEqual({ outcome: "expired" });
});

test("a command with a moment left is carried out", () => {
  expect(decide(FRESH, command({ ttlS: 0.001 }), undefined).outcome).toBe("accepted");
});

describe("a command that was answered before", () => {
  test("and carried out is a duplicate, even when its time is up", () => {
    expect(decide(FRESH, command(), { outcome: "accepted" })).toEqual({ outcome: "duplicate" });
    expect(decide(FRESH, command({ ttlS: 0 }), { outcome: "accepted" })).toEqual({ outcome: "duplicate" });
  });

  test("and rejected is rejected for the same reason", () => {
    const rejected = { outcome: "rejected", reason: "nothing is diffusing" } as const;
    expect(decide({ seq: 3, diffusing: "wood" }, command({ action: "checkout" }), rejected)).toEqual(rejected);
  });
});

/** Commands in any order, with repeats, as a pod gets them; its memory of answers is a map here. */
const history = fc.array(
  fc.record({
    id: fc.constantFrom("a", "b", "c", "d", "e", "f", "g"),
    action: fc.constantFrom("checkin", "checkout", "schedule", "explode"),
    scent: fc.option(fc.constantFrom(...SCENTS, "rose"), { nil: undefined }),
    ttlS: fc.constantFrom(120, 1, 0, -5),
  }),
  { maxLength: 60 },
);

test("over any history seq has no gap, each id acts once at most, and what is said fits the contract", () => {
  fc.assert(
    fc.property(history, (commands) => {
      let pod = FRESH;
      const answers = new Map<string, Pick<Verdict, "outcome" | "reason">>();
      const acted: string[] = [];
      const seqs: number[] = [];
      for (const { scent, ...fields } of commands) {
        const given = commandSchema.parse(command({ ...fields, ...(scent ? { scent } : {}) }));
        const { effect, ...answer } = decide(pod, given, answers.get(given.id));
        replySchema.strict().parse({ commandId: given.id, ...answer, at: given.issuedAt });
        expect(effect !== undefined).toBe(answer.outcome === "accepted");
        if (answer.outcome !== "expired" && !answers.has(given.id)) answers.set(given.id, answer);
        if (!effect) continue;
        eventSchema.parse({ id: `event-of-${given.id}`, ...effect.event, at: given.issuedAt });
        pod = effect.pod;
        acted.push(given.id);
        seqs.push(effect.event.seq);
      }
      expect(new Set(acted).size).toBe(acted.length);
      expect(seqs).toEqual(seqs.map((_, at) => at + 1));
      expect(pod.seq).toBe(seqs.length);
    }),
    { numRuns: 500 },
  );
});
