import { spawnSync } from "node:child_process";
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import chromium, { inflate } from "@sparticuz/chromium";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  export interface ProvidedContext {
    /** Where the browser lies unpacked. */
    browserFolder: string;
  }
}

const NODE_MODULES = join(import.meta.dirname, "../../node_modules");
const PACKAGE = join(NODE_MODULES, "@sparticuz/chromium");
const COULD_NOT_BE_LINKED = 127;

/** The system's fonts first; the ones of the package serve a machine that has none. */
const FONTS = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir prefix="relative">fonts/fonts</dir>
  <cachedir prefix="relative">fonts-cache</cachedir>
</fontconfig>
`;

/** Vitest's global set-up: the browser is unpacked before any worker starts, so that workers do not race for it. */
export async function setup(project: TestProject): Promise<void> {
  project.provide("browserFolder", await unpackBrowser());
}

/** Resolves with the folder where the browser lies unpacked, from now on or from before. */
export async function unpackBrowser(): Promise<string> {
  const { version } = JSON.parse(readFileSync(join(PACKAGE, "package.json"), "utf8")) as { version: string };
  // Not os.userInfo(): in a container the user may have no name.
  const uid = process.getuid?.() ?? 0;
  const folder = join(cacheFolder(uid), `chromium-${version}-${String(uid)}`);
  if (!existsSync(folder)) await unpackTo(folder);
  return folder;
}

function cacheFolder(uid: number): string {
  const beside = join(NODE_MODULES, ".cache");
  try {
    mkdirSync(beside, { recursive: true });
    accessSync(beside, constants.W_OK);
    return beside;
  } catch {
    const own = join(tmpdir(), `aromapod-kit-${String(uid)}`);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    // Anybody may create that name in a shared folder, and what lies there is going to be executed.
    if (lstatSync(own).uid !== uid) throw new Error(`Cannot unpack the browser: "${own}" belongs to another user.`);
    return own;
  }
}

/** Two runs may unpack at the same time: each does so on its own, and the first rename wins. */
async function unpackTo(folder: string): Promise<void> {
  const staging = mkdtempSync(`${folder}.`);
  try {
    await unpack(staging);
    renameSync(staging, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

async function unpack(folder: string): Promise<void> {
  const before = process.env["TMPDIR"];
  // The package knows no other way to say where to.
  process.env["TMPDIR"] = folder;
  try {
    const binary = await chromium.executablePath();
    const tried = spawnSync(binary, ["--version"]);
    if (tried.status === COULD_NOT_BE_LINKED) await inflate(join(PACKAGE, "bin/al2023.tar.br"));
    writeFileSync(join(folder, "fonts.conf"), FONTS);
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}
