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
import { findPackageJSON } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Browser } from "playwright-core";
import { StartError } from "../../plumbing/start-error.ts";
import { withBrowserPackages } from "./browser-packages.ts";

// Not the list that the browser's package proposes: that one switches off what the pages' security headers rely on.
const ARGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"];
/** Left to itself, Playwright ends the process at a signal, before anything else is closed. */
const OWN_SIGNALS = { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false };
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

/**
 * The headless Chromium of the packages, with more arguments if wanted; to be taken with `await using`.
 *
 * @throws {StartError} where the packages are absent, or the browser does not run
 */
export async function launchChromium(args: readonly string[] = []): Promise<Browser> {
  const { chromium } = await withBrowserPackages(() => import("playwright-core"));
  const folder = await unpackChromium();
  // There only when the system lacks libraries that the browser needs.
  const libraries = join(folder, "al2023/lib");
  const env = {
    ...process.env,
    FONTCONFIG_FILE: join(folder, "fonts.conf"),
    ...(existsSync(libraries) ? { LD_LIBRARY_PATH: libraries } : {}),
  };
  const options = { executablePath: join(folder, "chromium"), args: [...ARGS, ...args], env, ...OWN_SIGNALS };
  return chromium.launch(options).catch((cause: unknown) => {
    const [reason = ""] = (cause as Error).message.replace(/^browserType\.launch: /, "").split("\n");
    throw new StartError(`The browser does not start here; without --browser the guest needs none. ${reason}`, {
      cause,
    });
  });
}

/** Resolves with the folder where the browser lies unpacked, from now on or from before. */
export async function unpackChromium(): Promise<string> {
  const { default: packed, inflate } = await withBrowserPackages(() => import("@sparticuz/chromium"));
  const manifest = findPackageJSON("@sparticuz/chromium", import.meta.url) ?? "";
  const { version } = JSON.parse(readFileSync(manifest, "utf8")) as { version: string };
  // Not os.userInfo(): in a container the user may have no name.
  const uid = process.getuid?.() ?? 0;
  const folder = join(cacheFolder(join(manifest, "../../.."), uid), `chromium-${version}-${String(uid)}`);
  const unpack = async (to: string) => {
    const binary = await within(to, () => packed.executablePath());
    const tried = spawnSync(binary, ["--version"]);
    if (tried.status !== COULD_NOT_BE_LINKED) return;
    await within(to, () => inflate(join(dirname(manifest), "bin/al2023.tar.br")));
  };
  if (!existsSync(folder)) await unpackTo(folder, unpack);
  return folder;
}

function cacheFolder(packages: string, uid: number): string {
  const beside = join(packages, ".cache");
  try {
    mkdirSync(beside, { recursive: true });
    accessSync(beside, constants.W_OK);
    return beside;
  } catch {
    const own = join(tmpdir(), `aromapod-kit-${String(uid)}`);
    mkdirSync(own, { recursive: true, mode: 0o700 });
    // Anybody may create that name in a shared folder, and what lies there is going to be executed.
    if (lstatSync(own).uid === uid) return own;
    throw new StartError(`Cannot unpack the browser: "${own}" belongs to another user.`);
  }
}

/** Two runs may unpack at the same time: each does so on its own, and the first rename wins. */
async function unpackTo(folder: string, unpack: (to: string) => Promise<void>): Promise<void> {
  const staging = mkdtempSync(`${folder}.`);
  try {
    await unpack(staging);
    writeFileSync(join(staging, "fonts.conf"), FONTS);
    renameSync(staging, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** The package knows no other way to say where to unpack. */
async function within<Result>(folder: string, work: () => Promise<Result>): Promise<Result> {
  const before = process.env["TMPDIR"];
  process.env["TMPDIR"] = folder;
  try {
    return await work();
  } finally {
    if (before === undefined) delete process.env["TMPDIR"];
    else process.env["TMPDIR"] = before;
  }
}
