import type { Page } from "playwright-core";
import type { Camera, Size } from "./camera.ts";
import type { PictureKit } from "./kit.ts";

/** Goes through pages; `keep` gets each picture by its name, in the order in which they are taken. */
export type Visit = { kit: PictureKit; camera: Camera; keep: (name: string, bytes: Uint8Array) => void };

/** As wide as a page of the back office has its menu beside it. */
export const DESKTOP: Size = { width: 1280, height: 800 };
/** Sharp where README shows it, which makes it two thirds as wide. */
export const DESKTOP_SCALE = 1.25;

/** Follows what leads to another page. */
export async function follow(page: Page, name: string, role: "link" | "button" = "link"): Promise<void> {
  const what = page.getByRole(role, { name, exact: true }).first();
  await Promise.all([page.waitForEvent("load"), what.click()]);
}

/** Waits until a page is fed by its stream. */
export async function untilLive(page: Page): Promise<void> {
  await page.locator("#live", { hasText: /^Live$/ }).waitFor();
}

/** Brings something to the top of the window, and a little below. */
export async function scrollTo(page: Page, selector: string): Promise<void> {
  const { y = 0 } = (await page.locator(selector).first().boundingBox()) ?? {};
  await page.evaluate(`window.scrollBy({ top: ${String(y - 20)}, behavior: "instant" })`);
}
