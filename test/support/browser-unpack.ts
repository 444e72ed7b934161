import { unpackChromium } from "../../scripts/scenarios/chromium.ts";

/** Vitest's global set-up: the browser is unpacked before any worker starts, so that workers do not race for it. */
export async function setup(): Promise<void> {
  await unpackChromium();
}
