import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright-core";

// Not the list that the browser's package proposes: that one switches off what the pages' security headers rely on.
const ARGS = ["--no-sandbox", "--disable-background-networking", "--disable-component-update", "--no-first-run"];

/** The headless Chromium that lies unpacked in a folder. */
export function launchChromium(folder: string, args: readonly string[] = []): Promise<Browser> {
  // There only when the system lacks libraries that the browser needs.
  const libraries = join(folder, "al2023/lib");
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: [...ARGS, ...args],
    env: {
      ...process.env,
      FONTCONFIG_FILE: join(folder, "fonts.conf"),
      ...(existsSync(libraries) ? { LD_LIBRARY_PATH: libraries } : {}),
    },
  });
}
