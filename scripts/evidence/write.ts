import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { StartError } from "../../plumbing/start-error.ts";
import type { ReportFile } from "../commands/arguments.ts";
import type { Evidence } from "../scenarios/outcome.ts";

const TEXTS: Record<ReportFile["kind"], (evidence: Evidence) => Promise<string>> = {
  html: async (evidence) => (await import("./html.ts")).evidenceHtml(evidence),
  junit: async (evidence) => (await import("./junit.ts")).evidenceJunit(evidence),
  json: async (evidence) => `${JSON.stringify(evidence, null, 2)}\n`,
};

/** Writes the evidence as each of the files wants it. */
export async function writeReports(reports: readonly ReportFile[], evidence: Evidence): Promise<void> {
  for (const { kind, file } of reports) {
    const text = await TEXTS[kind](evidence);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    } catch (cause) {
      throw new StartError(`Cannot write "${file}": ${(cause as Error).message}.`, { cause });
    }
  }
}
