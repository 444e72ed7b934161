import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { StartError } from "../../plumbing/start-error.ts";
import { typed } from "../own-program.ts";
import { readSecrets } from "../secrets.ts";
import { withoutPeriod } from "../words.ts";
import { advise, type Check, check, type Finding, type Fix, failed, notChecked, ok, run, warning } from "./check.ts";
import type { FolderLook } from "./folder-look.ts";
import type { Kit } from "./kit.ts";
import { freeName, quoted, takeBack, thisUser } from "./shell.ts";
import { hasStores } from "./stores.ts";
import { durabilityFinding, spaceFinding } from "./verdicts.ts";

const FOR_OTHERS = 0o077;
const WITHOUT = `Without one, "${typed("start")}" makes new secrets, and "${typed("qr --all --out cards.html")}" the cards to print anew.`;

export const folderChecks: readonly Check[] = [
  check("data folder", async ({ folder }) => folderFinding(await folder())),
  check("free space", async ({ folder }) => {
    const { freeBytes, ground } = await folder();
    return spaceFinding(freeBytes, ground);
  }),
  check("durability", async ({ folder }) => {
    const { durability } = await folder();
    return typeof durability === "string" ? notChecked(durability) : durabilityFinding(durability);
  }),
  check("secrets", secrets),
];

function folderFinding({ path, exists, ground, mode, trouble }: FolderLook): Finding {
  if (trouble)
    return failed(`cannot write to ${path}: ${trouble.message}`, howToMend(trouble, { path, exists, ground }));
  if (!exists) return ok(`${path}, which the first start makes`);
  const isOpen = mode !== undefined && (mode & FOR_OTHERS) !== 0;
  return isOpen ? warning(`${path} is open to others`, run(`chmod 700 ${quoted(path)}`)) : ok(`${path}, for you only`);
}

type Place = Pick<FolderLook, "path" | "exists" | "ground">;

function howToMend({ code }: NodeJS.ErrnoException, { path, exists, ground }: Place): Fix {
  if (code === "ENOTDIR" || code === "EEXIST") return run(`mv ${quoted(ground)} ${quoted(freeName(ground, "old"))}`);
  if (code === "EACCES" || code === "EPERM") {
    return run(exists ? takeBack([path], { all: true }) : `sudo install -d -m 700 -o ${thisUser()} ${quoted(path)}`);
  }
  return advise("Choose another folder: its path is DATA_DIR.");
}

function secrets({ settings: { DATA_DIR } }: Kit): Finding {
  const file = join(DATA_DIR, "secrets.json");
  if (!existsSync(file)) return withoutSecrets(DATA_DIR);
  const isOpen = process.platform !== "win32" && (statSync(file).mode & FOR_OTHERS) !== 0;
  if (isOpen) return failed(`${file} can be read by others`, run(`chmod 600 ${quoted(file)}`));
  try {
    readSecrets(DATA_DIR);
    return ok(`${file} is complete, for you only`);
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    const { code } = error.cause as NodeJS.ErrnoException;
    if (code === "EACCES" || code === "EPERM") return failed(withoutPeriod(error.message), run(takeBack([file])));
    const aside = `mv ${quoted(file)} ${quoted(freeName(file, "damaged"))}`;
    return failed(withoutPeriod(error.message), run(aside, `Put a backup in its place. ${WITHOUT} Begin with:`));
  }
}

function withoutSecrets(dataDir: string): Finding {
  if (!hasStores(dataDir)) return notChecked("there are none yet; the first start makes them");
  return failed(
    "there are stores, but no secrets.json: the next start makes new ones, and no card that was printed is good",
    advise(`Put a backup of secrets.json in its place. ${WITHOUT}`),
  );
}
