import { access, constants, mkdir, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { StartError } from "../../plumbing/start-error.ts";
import type { ReportFile } from "../commands/arguments.ts";
import type { Evidence } from "../scenarios/outcome.ts";

const TEXTS: Record<ReportFile["kind"], (evidence: Evidence) => Promise<string>> = {
  html: async (evidence) => (await import("./html.ts")).evidenceHtml(evidence),
  junit: async (evidence) => (await import("./junit.ts")).evidenceJunit(evidence),
  json: async (evidence) => `${JSON.stringify(evidence, null, 2)}\n`,
};

/**
 * Makes the folders, before anything is played.
 *
 * @throws {StartError} when one of the files cannot be written
 */
export async function prepareReports(reports: readonly ReportFile[]): Promise<void> {
  for (const { file } of reports) {
    try {
      await mkdir(dirname(file), { recursive: true });
      await access(dirname(file), constants.W_OK);
      if ((await stat(file).catch(() => undefined))?.isDirectory()) throw new Error("it is a folder");
    } catch (error) {
      throw new StartError(unwritable(file, error), { cause: error });
    }
  }
}

/** Writes the evidence as each of the files wants it; resolves with those that are written, and why others are not. */
export async function writeReports(reports: readonly ReportFile[], evidence: Evidence) {
  const written: ReportFile[] = [];
  const problems: string[] = [];
  for (const report of reports) {
    const text = await TEXTS[report.kind](evidence);
    await writeFile(report.file, text).then(
      () => written.push(report),
      (error: unknown) => problems.push(unwritable(report.file, error)),
    );
  }
  return { written, problems };
}

function unwritable(file: string, error: unknown): string {
  return `Cannot write "${file}": ${(error as Error).message}.`;
}
