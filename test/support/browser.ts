import type { Browser } from "playwright-core";
import { inject } from "vitest";
import { launchChromium } from "./chromium.ts";

/** A headless Chromium, to be taken with `await using`. */
export function launchBrowser(args: readonly string[] = []): Promise<Browser> {
  return launchChromium(inject("browserFolder"), args);
}
