import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { LANGUAGES } from "../../bot/languages.ts";
import { violationsOf } from "../support/axe.ts";
import { inBrowser } from "../support/browser.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import { becomes, openLive, tap, tells, withPage } from "../support/guest-page.ts";

const here = inBrowser(() => openGuestBot());

/** Leads a guest through every state that the page can be in. */
async function throughEveryState(page: Page, look: (state: string) => Promise<void>): Promise<void> {
  here.system.pod.is("online");
  here.system.pod.diffuses("fire");
  await openLive(page, here.system.launchUrl);
  await look("asking");
  await page.evaluate(`document.querySelector("#more").hidden = false`);
  await page.evaluate(`document.querySelector("#status").textContent = document.querySelector("main").dataset.offline`);
  await look("warned, and without a network");
  await tap(page, "Wood");
  await tells(page, "waiting for its confirmation");
  await look("sent");
  await here.system.pod.replies("accepted");
  here.system.pod.diffuses("wood");
  await tells(page, "diffusing wood");
  await look("ended");
  await page.goto(`${here.system.launchUrl}?again`);
  await tap(page, "Air");
  await here.system.pod.replies("rejected");
  await tells(page, "could not start air");
  await look("rejected");
  await page.evaluate(`document.querySelector("main").dataset.stage = "closed"`);
  await look("closed");
  await page.goto(`${here.system.launchUrl.slice(0, -4)}AAAA`);
  await look("bad card");
}

const WIDTHS = [320, 390, 1280];

test.each(WIDTHS)("axe-core finds nothing in any state, in the light and in the dark: %i px", async (width) => {
  await withPage(here.browser, { width }, (page) =>
    throughEveryState(page, async (state) => {
      expect([state, await violationsOf(page)]).toEqual([state, []]);
    }),
  );
});

/** What sticks out of the window, or of its own box. */
const CUT_OFF = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page is wider than the window"] : []),
  ...[...document.querySelectorAll("button, a, p, h1, ol li")]
    .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML),
]`;
/** The same, and what is to be tapped and is smaller than 48 px. */
const FLAWS = `[
  ...${CUT_OFF},
  ...[...document.querySelectorAll("a, button")]
    .filter((one) => one.checkVisibility())
    .filter((one) => Math.round(one.getBoundingClientRect().height) < 48 || Math.round(one.getBoundingClientRect().width) < 48)
    .map((one) => one.outerHTML),
]`;

test.each(WIDTHS)("at %i px everything fits and is large enough to tap, in both directions", async (width) => {
  await withPage(here.browser, { width }, (page) =>
    throughEveryState(page, async (state) => {
      for (const direction of ["ltr", "rtl"]) {
        await page.evaluate(`document.documentElement.dir = "${direction}"`);
        expect([state, direction, await page.evaluate(FLAWS)]).toEqual([state, direction, []]);
      }
      await page.evaluate(`document.documentElement.dir = "ltr"`);
    }),
  );
});

test("at 200 % zoom on a phone, and with text twice as large, nothing is cut off", async () => {
  for (const look of [
    { width: 195, height: 390 },
    { width: 320, height: 640 },
  ]) {
    await withPage(here.browser, look, (page) =>
      throughEveryState(page, async (state) => {
        if (look.width === 320) await page.evaluate(`document.documentElement.style.fontSize = "200%"`);
        const flaws = await page.evaluate(CUT_OFF);
        expect([look.width, state, flaws]).toEqual([look.width, state, []]);
      }),
    );
  }
});

test.each(LANGUAGES)("on the narrowest page nothing in $name is cut off", async ({ tag }) => {
  await withPage(here.browser, { width: 195, height: 390, locale: tag }, async (page) => {
    await page.goto(here.system.launchUrl);
    for (const stage of ["asking", "sent", "ended", "closed"]) {
      await page.evaluate(`Object.assign(document.querySelector("main").dataset, { stage: "${stage}", step: "1" })`);
      expect([stage, await page.evaluate(CUT_OFF)]).toEqual([stage, []]);
    }
  });
});

const animations = (page: Page) => page.evaluate("document.getAnimations().length");

test("who wants no motion gets none; for others it is there", async () => {
  for (const reducedMotion of ["reduce", "no-preference"] as const) {
    await withPage(here.browser, { reducedMotion }, async (page) => {
      here.system.pod.diffuses("fire");
      await openLive(page, here.system.launchUrl);
      await tap(page, "Wood");
      await becomes(page, "sent");
      await here.system.pod.replies("accepted");
      here.system.pod.diffuses("wood");
      await tells(page, "diffusing wood");
      if (reducedMotion === "reduce") expect(await animations(page)).toBe(0);
      else expect(await animations(page)).toBeGreaterThan(0);
    });
  }
});

test("in forced colours each step still shows its sign", async () => {
  await withPage(here.browser, { forcedColors: "active" }, async (page) => {
    await openLive(page, here.system.launchUrl);
    await tap(page, "Wood");
    await here.system.pod.replies("rejected");
    await tells(page, "could not start");
    const signs = `[...document.querySelectorAll("ol li")].map((li) => {
      const { color, backgroundColor, borderTopWidth } = getComputedStyle(li, "::before");
      return color !== backgroundColor && borderTopWidth !== "0px";
    })`;
    expect(await page.evaluate(signs)).toEqual([true, true, true]);
  });
});
