import type { Browser } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";

/** A browser and what it is to visit, there for all tests of a file. */
export function inBrowser<System extends AsyncDisposable>(open: () => Promise<System>) {
  const opened = new AsyncDisposableStack();
  const here = {} as { system: System; browser: Browser };
  beforeAll(async () => {
    here.system = opened.use(await open());
    here.browser = opened.use(await launchChromium());
  }, 60_000);
  afterAll(() => opened.disposeAsync());
  return here;
}
