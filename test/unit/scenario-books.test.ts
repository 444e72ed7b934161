import { expect, test } from "vitest";
import { booksOf } from "../../scripts/scenarios/books.ts";
import type { Outcome } from "../../scripts/scenarios/outcome.ts";
import { outcomeOf } from "../support/evidence-outcomes.ts";

/** A run that saw these usages in its ERP. */
const run = (ids: number[], ok = true): Outcome => {
  const outcome = outcomeOf({ n: 1, scent: "wood" });
  return { ...outcome, ok, usages: outcome.usages.flatMap((usage) => ids.map((id) => ({ ...usage, id }))) };
};
const held = (...refs: string[]) => refs.map((ref) => ({ ref }));

test.each([
  [
    "all of them are proved",
    { held: held("a", "b"), common: [run([1]), run([2])], own: [] },
    true,
    "The ERP holds 2 usages for 2 proved, none twice.",
  ],
  [
    "some belong to a run that failed",
    { held: held("a", "b"), common: [run([1]), run([2], false)], own: [] },
    true,
    "The ERP holds 2 usages: 1 proved, 1 of runs that failed, none twice.",
  ],
  [
    "some are in ERPs of their own",
    { held: held("a"), common: [run([1])], own: [run([1])] },
    true,
    "The ERP of the common kit holds 1 usage for 1 proved, none twice. 1 more is in the ERPs of kits of their own.",
  ],
  [
    "there is one that nobody saw",
    { held: held("a", "b"), common: [run([1])], own: [] },
    false,
    "The ERP holds 2 usages for 1 proved, none twice.",
  ],
  [
    "one is missing",
    { held: held("a"), common: [run([1]), run([2])], own: [] },
    false,
    "The ERP holds 1 usage for 2 proved, none twice.",
  ],
  [
    "one is there twice",
    { held: held("a", "a"), common: [run([1]), run([2])], own: [] },
    false,
    "The ERP holds 2 usages for 2 proved, 1 of them twice.",
  ],
  [
    "two runs saw the same",
    { held: held("a", "b"), common: [run([1]), run([1])], own: [] },
    false,
    "The ERP holds 2 usages for 2 proved, none twice.",
  ],
])("what the ERP holds when %s", (...[, books, ok, remark]) => {
  expect(booksOf(books)).toEqual({ ok, remarks: [remark] });
});
