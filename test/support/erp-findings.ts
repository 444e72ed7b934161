import type { Page } from "playwright-core";
import { violationsOf } from "./axe.ts";

/** What sticks out of the window, or is cut off; and what is to be clicked and is too small. */
export const FLAWS = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page is wider than the window"] : []),
  ...[...document.querySelectorAll("body *")]
    .filter((one) => one.checkVisibility() && !one.closest(".spoken, .skip") && one.getBoundingClientRect().right > innerWidth + 1)
    .map((one) => "sticks out: " + one.outerHTML.slice(0, 200)),
  ...[...document.querySelectorAll("button, .button, h1, h2, p, pre, label, legend, th, td, dt, dd, .card, .chip, .empty, nav a")]
    .filter((one) => one.checkVisibility() && !one.closest(".spoken") && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
    .map((one) => "cut off: " + one.outerHTML.slice(0, 200)),
  ...[...document.querySelectorAll("button, .button, summary, nav a, input, select, textarea")]
    .filter((one) => one.checkVisibility() && !["checkbox", "radio"].includes(one.type) && Math.ceil(one.getBoundingClientRect().height) < 24)
    .map((one) => "too small: " + one.outerHTML.slice(0, 200)),
]`;

/** What a page may not have that does without scripts and without exceptions in its policy. */
const INLINE = `[...document.querySelectorAll("*")]
  .filter((one) => ["STYLE", "SCRIPT"].includes(one.tagName) || one.getAttributeNames().some((name) => /^(on|style$)/.test(name)))
  .map((one) => one.outerHTML.slice(0, 200))`;

/** Widths at which all has to fit; at those of a phone and of a desk axe-core looks too, in the light and in the dark. */
const WIDTHS = [320, 390, 896, 1152, 1440];
const LOOKED_AT = [390, 1440];

/** Of a long list: its rows are alike. */
const OTHER_ROWS = "tbody tr:nth-child(n + 9)";

/** What a page has that it should not, in a word for each: at every width, in the light and in the dark. */
export async function findingsOf(page: Page): Promise<string[]> {
  const found = [...((await page.evaluate(INLINE)) as string[])];
  for (const width of WIDTHS) {
    await page.setViewportSize({ width, height: 900 });
    const flaws = (await page.evaluate(FLAWS)) as string[];
    if (LOOKED_AT.includes(width)) flaws.push(...(await violationsOf(page, OTHER_ROWS)));
    found.push(...flaws.map((flaw) => `${String(width)}: ${flaw}`));
  }
  return found;
}
