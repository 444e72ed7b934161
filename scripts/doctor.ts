import { StartError } from "../plumbing/start-error.ts";
import { advise, type Check, type Finding, failed, type Ground } from "./doctor/check.ts";
import { openKit } from "./doctor/kit.ts";
import { jsonReport, textReport } from "./doctor/report.ts";
import { SECTIONS } from "./doctor/sections.ts";
import { EXIT } from "./exit-codes.ts";
import { loadSettings } from "./settings.ts";

/** Looks whether this machine and the kit on it are in order; says what is not, and what mends it. */
export async function doctor(flags: Record<string, string | undefined>, { json }: { json: boolean }): Promise<number> {
  const ground = readGround(flags);
  const all = SECTIONS.flatMap(({ title, checks }) => checks.map((check) => ({ title, check })));
  const told = await Promise.all(
    all.map(async ({ title, check }) => ({ section: title, name: check.name, ...(await findingOf(check, ground)) })),
  );
  process.stdout.write(json ? jsonReport(told) : textReport(told, columns()));
  return told.some(({ state }) => state === "failed") ? EXIT.notReady : EXIT.done;
}

function readGround(flags: Record<string, string | undefined>): Ground {
  try {
    return { kit: openKit(loadSettings(flags)) };
  } catch (error) {
    if (error instanceof StartError) return { problem: error.message };
    throw error;
  }
}

/** A check that breaks down hides none of the others. */
async function findingOf(check: Check, ground: Ground): Promise<Finding> {
  try {
    return await check.run(ground);
  } catch (error) {
    return failed(
      `the check broke down: ${(error as Error).message}`,
      advise("This is a defect of the kit: report it."),
    );
  }
}

function columns(): number {
  return process.stdout.isTTY ? process.stdout.columns : Infinity;
}
