import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { MIGRATIONS as BOT } from "../../bot/migrations.ts";
import { MIGRATIONS as DEVICE_DB } from "../../device-db/migrations.ts";
import { MIGRATIONS as DEVICE_SIM } from "../../device-sim/migrations.ts";
import { MIGRATIONS as ERP } from "../../erp-stub/migrations.ts";
import { type Check, check, type Finding, failed, notChecked, run } from "./check.ts";
import { sqliteProbe } from "./folder-look.ts";
import { freeName, quoted, takeBack } from "./shell.ts";
import { schemaFinding } from "./verdicts.ts";

/** Each store with what makes it, in this version of the kit. */
const STORES = {
  "bot.sqlite": BOT,
  "device-db.sqlite": DEVICE_DB,
  "device-sim.sqlite": DEVICE_SIM,
  "erp.sqlite": ERP,
};

export const storeChecks: readonly Check[] = Object.entries(STORES).map(([name, migrations]) =>
  check(name, ({ settings }) => storeFinding(join(settings.DATA_DIR, name), migrations)),
);

/** Whether something was ever kept in this folder. */
export function hasStores(dataDir: string): boolean {
  return Object.keys(STORES).some((name) => existsSync(join(dataDir, name)));
}

async function storeFinding(file: string, migrations: readonly string[]): Promise<Finding> {
  if (!existsSync(file)) return notChecked("there is none yet");
  const beside = ["", "-wal", "-shm"].filter((end) => existsSync(file + end));
  const files = beside.map((end) => file + end);
  const refusals = files.flatMap((each) => refusalOf(each) ?? []);
  if (refusals.length > 0) return failed(refusals.join("; "), run(takeBack(files)));
  const probe = await sqliteProbe().catch(() => undefined);
  if (!probe) return notChecked("SQLite does not load");
  // What is not in the file yet stands in its log: apart, neither is worth anything.
  const old = freeName(file, "old");
  const aside = beside.map((end) => `mv ${quoted(file + end)} ${quoted(old + end)}`).join(" && ");
  try {
    const { version, tables, flaw } = probe.lookAtStore(file);
    if (flaw !== undefined) return unreadable(file, flaw, aside);
    const wanted = probe.tablesOf(migrations.slice(0, version));
    return schemaFinding({ version, known: migrations.length, wanted, tables }, aside);
  } catch (error) {
    return unreadable(file, (error as Error).message, aside);
  }
}

function unreadable(file: string, reason: string, aside: string): Finding {
  const advice = "Put a backup in its place. Without one the part begins anew, after:";
  return failed(`${file} cannot be read: ${reason}`, run(aside, advice));
}

function refusalOf(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
}
