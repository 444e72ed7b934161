import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

/** They begin first, so that none of them runs on alone at the end. */
const LONGEST = [
  "e2e/readme",
  "fault/crash-legacy",
  "browser/erp-look",
  "fault/crash-safe",
  "e2e/fleet-command",
  "e2e/command-line",
  "e2e/scenarios",
  "e2e/poc-scenarios",
  "fault/behaviours",
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    const longest = LONGEST.flatMap((name) => usual.filter(({ moduleId }) => moduleId.includes(`/test/${name}.`)));
    return [...new Set([...longest, ...usual])];
  }
}

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "test/support/browser-unpack.ts",
    sequence: { sequencer: LongestFirst },
    // One more than the two processors of CI: many files run whole systems, and wait for a retry or for a deadline.
    maxWorkers: 3,
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
