import { accessSync, constants, existsSync } from "node:fs";
import { join } from "node:path";
import { MIGRATIONS as BOT } from "../../bot/migrations.ts";
import { MIGRATIONS as DEVICE_DB } from "../../device-db/migrations.ts";
import { MIGRATIONS as DEVICE_SIM } from "../../device-sim/migrations.ts";
import { MIGRATIONS as ERP } from "../../erp-stub/migrations.ts";
import { type Check, check, type Finding, failed, notChecked, run } from "./check.ts";
import { sqliteProbe } from "./folder-look.ts";
import { quoted } from "./shell.ts";
import { schemaFinding } from "./verdicts.ts";

/** Each store with the newest schema that this version of the kit knows. */
const STORES = {
  "bot.sqlite": BOT.length,
  "device-db.sqlite": DEVICE_DB.length,
  "device-sim.sqlite": DEVICE_SIM.length,
  "erp.sqlite": ERP.length,
};

export const storeChecks: readonly Check[] = Object.entries(STORES).map(([name, known]) =>
  check(name, ({ settings }) => storeFinding(join(settings.DATA_DIR, name), known)),
);

/** Whether something was ever kept in this folder. */
export function hasStores(dataDir: string): boolean {
  return Object.keys(STORES).some((name) => existsSync(join(dataDir, name)));
}

async function storeFinding(file: string, known: number): Promise<Finding> {
  if (!existsSync(file)) return notChecked("there is none yet");
  try {
    accessSync(file, constants.R_OK | constants.W_OK);
  } catch (error) {
    return failed((error as Error).message, run(`sudo chown "$(id -un)" ${quoted(file)}`));
  }
  const probe = await sqliteProbe().catch(() => undefined);
  if (!probe) return notChecked("SQLite does not load");
  const aside = `mv ${quoted(file)} ${quoted(`${file}.old`)}`;
  try {
    return schemaFinding(probe.schemaVersion(file), known, aside);
  } catch (error) {
    return failed(
      `${file} cannot be read: ${(error as Error).message}`,
      run(aside, "Put a backup in its place. Without one the part begins anew, after:"),
    );
  }
}
