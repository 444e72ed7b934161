import { afterEach, expect, test } from "vitest";
import { armFailpoint, failpoint } from "../../plumbing/failpoint.ts";

afterEach(() => armFailpoint("nowhere", () => undefined));

test.for<[spec: string, visits: [name: string, subject?: string][], actsAt: number[]]>([
  ["door", [["door"], ["door"]], [1]],
  ["door@2", [["door"], ["window"], ["door"], ["door"]], [3]],
  ["door@1", [["window"]], []],
  [
    "door:/red@2",
    [
      ["door", "a/red"],
      ["door", "a/blue"],
      ["door", "b/red"],
    ],
    [3],
  ],
  ["door", [["door", "a/red"]], [1]],
])("%s", ([spec, visits, actsAt]) => {
  const acted: number[] = [];
  let visit = 0;
  armFailpoint(spec, () => acted.push(visit));
  for (const [name, subject] of visits) {
    visit += 1;
    failpoint(name, subject);
  }
  expect(acted).toEqual(actsAt);
});
