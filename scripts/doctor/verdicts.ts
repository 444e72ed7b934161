/** What figures mean: every limit that the doctor knows. */
import type { Durability } from "../../plumbing/sqlite-probe.ts";
import { REINSTALL, typed } from "../own-program.ts";
import { advise, type Finding, type Fix, failed, notChecked, ok, run, warning } from "./check.ts";

const NODE = 26;
const MB = 1_000_000;
const LITTLE_SPACE = 1_000 * MB;
const NO_SPACE = 100 * MB;
const SKEW_SEEN_S = 5;
const SKEW_HARMS_S = 60;
const DAY_MS = 86_400_000;
const RENEW_WITHIN_DAYS = 21;
const DURABLE: Durability = { journal_mode: "wal", synchronous: 2, foreign_keys: 1, busy_timeout: 100 };

export function nodeFinding(version: string): Finding {
  if (Number.parseInt(version, 10) >= NODE) return ok(version);
  return failed(
    `${version}, and the kit needs ${String(NODE)} or later; npm scripts run on the one that comes with the packages`,
    run(`${REINSTALL} && ${typed("doctor")}`),
  );
}

/** Packages as they should be, and as they are: `undefined` is one that is not there. */
export function packagesFinding(packages: readonly { name: string; wanted: string; found: string | undefined }[]) {
  const wrong = packages.filter(({ wanted, found }) => found !== wanted);
  if (wrong.length === 0) return ok(`all ${String(packages.length)} as package.json asks for`);
  const told = wrong.map(({ name, wanted, found }) => `${name} ${found ?? "is missing"} instead of ${wanted}`);
  return failed(`${told.join(", ").replaceAll("is missing instead of", "is missing, version")}`, run(REINSTALL));
}

export function spaceFinding(freeBytes: number | undefined, ground: string): Finding {
  if (freeBytes === undefined) return notChecked(`the file system of ${ground} does not tell`);
  const left = `${sizeOf(freeBytes)} left on the disk of ${ground}`;
  if (freeBytes < NO_SPACE) return failed(`${left}: soon nothing can be written`, FREE_SPACE);
  return freeBytes < LITTLE_SPACE ? warning(left, FREE_SPACE) : ok(left);
}

const FREE_SPACE = advise("Make room on that disk, or move the data folder: its path is DATA_DIR.");

function sizeOf(bytes: number): string {
  const [unit, size] = bytes >= 1_000 * MB ? ["GB", 1_000 * MB] : ["MB", MB];
  return `${(bytes / size).toFixed(1)} ${unit}`;
}

/** What SQLite keeps to after a first write; anything weaker may lose what was told already. */
export function durabilityFinding(found: Durability): Finding {
  const names = Object.keys(DURABLE) as (keyof Durability)[];
  const wrong = names.filter((name) => found[name] !== DURABLE[name]);
  if (wrong.length === 0) return ok("write-ahead log, synchronous FULL, foreign keys on, busy timeout 100 ms");
  const told = wrong.map((name) => `${name} is ${String(found[name])} instead of ${String(DURABLE[name])}`);
  return failed(told.join(", "), advise("Move the data folder to a disk of this machine: its path is DATA_DIR."));
}

/** `aheadMs` is how far this machine's clock is before the other one. */
export function skewFinding(aheadMs: number, whose: string): Finding {
  const seconds = Math.round(Math.abs(aheadMs) / 1_000);
  if (seconds <= SKEW_SEEN_S) return ok(`as ${whose}, within a few seconds`);
  const detail = `this machine's is ${durationOf(seconds)} ${aheadMs > 0 ? "ahead of" : "behind"} ${whose}`;
  return seconds < SKEW_HARMS_S ? warning(detail, SET_CLOCK) : failed(detail, SET_CLOCK);
}

export const SET_CLOCK = run("sudo timedatectl set-ntp true", "Let the system keep its clock by the network:");

function durationOf(seconds: number): string {
  const minutes = Math.floor(seconds / 60);
  return minutes === 0 ? `${String(seconds)} s` : `${String(minutes)} min ${String(seconds % 60)} s`;
}

/** How long a certificate is still good; `fix` says how to get another. */
export function expiryFinding(validTo: Date, now: number, fix: Fix): Finding {
  const day = validTo.toISOString().slice(0, 10);
  const days = Math.floor((validTo.getTime() - now) / DAY_MS);
  if (validTo.getTime() <= now) return failed(`expired on ${day}`, fix);
  if (days < RENEW_WITHIN_DAYS) return warning(`expires on ${day}, in ${String(days)} days`, fix);
  return ok(`good until ${day}`);
}

type Schema = { version: number; known: number; wanted: readonly string[]; tables: readonly string[] | undefined };

/**
 * `known` is the newest schema that this version of the kit has, `wanted` are the tables of one of this version, and
 * `tables` those that are there; `undefined` if nobody looked.
 */
export function schemaFinding({ version, known, wanted, tables }: Schema, restore: string): Finding {
  const missing = wanted.filter((name) => tables?.includes(name) === false);
  // A newer kit may do without a table, but not without all.
  const isOthers = version > known ? missing.length === wanted.length : missing.length > 0;
  if (isOthers || (version === 0 && tables?.length))
    return failed(
      `it is no store of this part: ${missing[0] === undefined ? "it has tables, and no version" : `it has no table ${missing[0]}`}`,
      run(restore, "Put the right one in its place. Without one the part begins anew, after:"),
    );
  if (version === 0 && tables)
    return warning(
      "it is empty: the next start begins anew",
      advise("If there was something in it, put a backup in its place."),
    );
  if (version > known) {
    return failed(
      `its schema ${String(version)} is of a newer kit; this one knows ${String(known)} at most`,
      run(restore, "Use the newer kit again, or put a backup in its place, after:"),
    );
  }
  const next = version < known ? `; the next start brings it to ${String(known)}` : ", the newest";
  return ok(`schema ${String(version)}${next}`);
}
