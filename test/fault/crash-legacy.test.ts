import { expect, test } from "vitest";
import { crashReport } from "../support/crash-report.ts";
import { crashEverywhere } from "../support/crash-run.ts";

test("killed at every place, the kit loses and doubles nothing: an ERP that executes each call", {
  timeout: 400_000,
}, async () => {
  const outcome = await crashEverywhere("legacy");
  process.stdout.write(crashReport("legacy", outcome));
  expect(outcome.problems).toEqual([]);
});
