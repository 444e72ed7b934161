import fc from "fast-check";
import { expect, test } from "vitest";
import { PARTS } from "../../erp-stub/master-data.ts";
import type { MasterData } from "../../erp-stub/master-data-contract.ts";
import { anyMasterData } from "../support/any-master-data.ts";
import { openErp } from "../support/erp-system.ts";
import { csvOf, exported, postCsv, postJson, taken } from "../support/master-data-calls.ts";

/** With the rows of each part in another order, which says nothing. */
const shuffled = (data: MasterData): MasterData =>
  Object.fromEntries(Object.entries(data).map(([part, rows]) => [part, rows.toReversed()])) as MasterData;
const sortedParts = (data: MasterData) =>
  Object.entries(data).map(([part, rows]) => [
    part,
    rows
      .map((row) =>
        JSON.stringify(
          Object.keys(row)
            .toSorted()
            .map((column) => row[column]),
        ),
      )
      .toSorted(),
  ]);
const sizeOf = (data: MasterData) => Object.values(data).flat().length;

test("what one ERP exports another imports, as a document and as tables, and exports the same", {
  timeout: 120_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(anyMasterData, async (data) => {
      await using first = await openErp({ seed: "empty" });
      await using second = await openErp({ seed: "empty" });
      await using third = await openErp({ seed: "empty" });
      expect(await taken(await postJson(first, data))).toEqual({ added: sizeOf(data), changed: 0, unchanged: 0 });
      const given = await exported(first);
      expect(sortedParts(given)).toEqual(sortedParts(data));
      await taken(await postJson(second, shuffled(given)));
      expect(await exported(second)).toEqual(given);
      for (const { resource } of PARTS) await taken(await postCsv(third, resource, await csvOf(second, resource)));
      expect(await exported(third)).toEqual(given);
      expect(await taken(await postJson(third, given))).toEqual({ added: 0, changed: 0, unchanged: sizeOf(data) });
    }),
    { numRuns: 25, interruptAfterTimeLimit: 60_000 },
  );
});
