import { existsSync } from "node:fs";
import { mkdir, open, rm, writeFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { StartError } from "../../plumbing/start-error.ts";
import type { ReportFile } from "../commands/arguments.ts";
import type { Evidence } from "../scenarios/outcome.ts";

const TEXTS: Record<ReportFile["kind"], (evidence: Evidence) => Promise<string>> = {
  html: async (evidence) => (await import("./html.ts")).evidenceHtml(evidence),
  junit: async (evidence) => (await import("./junit.ts")).evidenceJunit(evidence),
  json: async (evidence) => `${JSON.stringify(evidence, null, 2)}\n`,
};

/**
 * Makes the folders, and tries the files, before anything is played.
 *
 * @throws {StartError} when one of the files cannot be written, or is to be two reports
 */
export async function prepareReports(reports: readonly ReportFile[]): Promise<void> {
  const files = reports.map(({ file }) => resolve(file));
  const twice = reports.find((_, at) => files.indexOf(files[at] ?? "") < at);
  if (twice) throw new StartError(`Cannot write two reports to "${twice.file}": give each a file of its own.`);
  for (const { file } of reports) {
    try {
      await mkdir(dirname(file), { recursive: true });
      const isThere = existsSync(file);
      await (await open(file, "a")).close();
      if (!isThere) await rm(file);
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
