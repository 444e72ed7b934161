/** What the kit stands on: Node, its packages, SQLite and the clock. */

import { readFileSync } from "node:fs";
import { findPackageJSON } from "node:module";
import { REINSTALL } from "../own-program.ts";
import { type Check, type Finding, failed, ok, run } from "./check.ts";
import { sqliteProbe } from "./folder-look.ts";
import { nodeFinding, packagesFinding, SET_CLOCK } from "./verdicts.ts";

/** Before it there was no kit: a machine without a clock of its own begins in 1970. */
const FIRST_YEAR = 2026;
const SUMMER = Date.UTC(2026, 6, 1, 12);
const WINTER = Date.UTC(2026, 0, 1, 12);

export const machineChecks: readonly Check[] = [
  { name: "Node", run: () => nodeFinding(process.versions.node) },
  { name: "packages", run: () => packagesFinding(packages()) },
  { name: "SQLite", run: sqlite },
  { name: "clock", run: clock },
];

function packages() {
  const { dependencies = {} } = packageOf(import.meta.url) ?? {};
  return Object.entries(dependencies).map(([name, wanted]) => ({ name, wanted, found: versionOfPackage(name) }));
}

/** As it is installed. */
export function versionOfPackage(name: string): string | undefined {
  return packageOf(name)?.version;
}

function packageOf(specifier: string): { version?: string; dependencies?: Record<string, string> } | undefined {
  try {
    const file = findPackageJSON(specifier, import.meta.url);
    return file === undefined ? undefined : (JSON.parse(readFileSync(file, "utf8")) as object);
  } catch {
    return undefined;
  }
}

async function sqlite(): Promise<Finding> {
  try {
    return ok(
      `${(await sqliteProbe()).sqliteVersion()}, by better-sqlite3 ${versionOfPackage("better-sqlite3") ?? ""}`,
    );
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    return failed(`better-sqlite3 does not load: ${reason ?? ""}`, run(`rm -rf node_modules && ${REINSTALL}`));
  }
}

function clock(): Finding {
  const now = new Date();
  const time = `${now.toISOString().slice(0, 16).replace("T", " ")} UTC`;
  if (now.getUTCFullYear() < FIRST_YEAR) return failed(`it is ${time}, which cannot be`, SET_CLOCK);
  const knowsZones =
    hourIn("Asia/Hong_Kong", SUMMER) === 20 &&
    hourIn("Europe/Berlin", SUMMER) === 14 &&
    hourIn("Europe/Berlin", WINTER) === 13;
  if (!knowsZones) return failed("this Node does not know the time zones of hotels", run(REINSTALL));
  return ok(`${time}, and time zones are known`);
}

function hourIn(timeZone: string, at: number): number {
  return Number(new Intl.DateTimeFormat("en", { timeZone, hour: "numeric", hourCycle: "h23" }).format(at));
}
