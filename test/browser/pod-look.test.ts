import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { violationsOf } from "../support/axe.ts";
import { inBrowser } from "../support/browser.ts";
import { manualClock } from "../support/clock.ts";
import { OPERATOR_KEY } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { withPage } from "../support/guest-page.ts";
import { layHand, openPodKit, openPodPage } from "../support/pod-kit.ts";
import { openPods } from "../support/pod-system.ts";

const PATIENCE = { timeout: 10_000 };
const NO_BROKER = "mqtt://127.0.0.1:9";
const MANY = Array.from({ length: 60 }, (_, n) => `pod-${String(n).padStart(4, "0")}`);
const HOUR_MS = 3_600_000;

const here = inBrowser(() => openPodKit());
beforeEach(() => here.system.settle());

/** What sticks out of the window, or is cut off; and what is to be clicked and is too small. */
const FLAWS = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page is wider than the window"] : []),
  ...[...document.querySelectorAll("button, h1, h2, p, td, dd, .chip, .tape")]
    .filter((one) => one.checkVisibility() && !one.closest(".spoken") && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
    .map((one) => one.outerHTML.slice(0, 200)),
  ...[...document.querySelectorAll("button, input, select")]
    .filter((one) => one.checkVisibility() && one.type !== "checkbox" && Math.ceil(one.getBoundingClientRect().height) < 24)
    .map((one) => "too small: " + one.outerHTML.slice(0, 200)),
]`;

type Looking = (state: string) => Promise<void>;

/** Waits until this stands there. */
const reads = (page: Page, selector: string, text: string) =>
  expect.poll(() => page.locator(selector).textContent(), PATIENCE).toContain(text);

/** One pod, in every state that it can be in. */
async function throughStates(page: Page, look: Looking): Promise<void> {
  const { address, lay } = here.system;
  await openPodPage(page, address);
  await look("idle");
  await lay("checkin", { scent: "wood" });
  await reads(page, "#now", "Wood is in the air");
  await look("diffusing");
  await lay("drain", { scent: "water" });
  await lay("remove", { scent: "wood" });
  await lay("intensity", { level: 3 });
  await reads(page, ".vial.wood", "missing");
  await look("empty and missing");
  await page.getByRole("button", { name: "water", exact: true }).click();
  await reads(page, "#notice", "refuses");
  await look("refused");
  await lay("schedule", {
    startTime: "08:00",
    endTime: "20:00",
    timeZone: "America/Argentina/Buenos_Aires",
    scent: "air",
  });
  await lay("fault", { faults: ["offline", "late=2s", "garbage=10%"] });
  await reads(page, ".led", "offline");
  await look("offline, with faults");
}

test.each([390, 1440])(
  "axe-core finds nothing on any page, and all fits: %i px",
  { timeout: 120_000 },
  async (width) => {
    await using many = await openPods(NO_BROKER, { serials: MANY });
    const fourth = { url: many.url(), key: OPERATOR_KEY, serial: "pod-0003" };
    await layHand(fourth, "drain", { scent: "air" });
    await layHand(fourth, "fault", { faults: ["late=1s"] });
    await using none = await openPods(NO_BROKER, { serials: [] });
    const time = manualClock();
    await using old = await openPods(NO_BROKER, { serials: [SERIAL], time });
    await layHand({ url: old.url(), key: OPERATOR_KEY }, "checkin", { scent: "fire" });
    time.advance(46 * HOUR_MS);

    await withPage(here.browser, { width, height: 900 }, async (page) => {
      const look = async (state: string): Promise<void> => {
        expect([state, await page.evaluate(FLAWS)]).toEqual([state, []]);
        expect([state, await violationsOf(page)]).toEqual([state, []]);
      };
      await throughStates(page, look);
      await page.goto(old.url());
      await reads(page, ".vial.fire", "low");
      await reads(page, ".facts", "Its own time");
      await look("low, by a time of its own");
      for (const path of [`${many.url()}/`, `${many.url()}/?q=none`, `${many.url()}/pods/none`, none.url()]) {
        await page.goto(path);
        await look(path);
      }
    });
  },
);

test("where motion is not wanted nothing moves, and the plume is there", async () => {
  const moving = `document.getAnimations().filter(({ playState }) => playState === "running").length`;
  const { address, lay } = here.system;
  await lay("checkin", { scent: "fire" });
  for (const [reducedMotion, moves] of [
    ["reduce", false],
    ["no-preference", true],
  ] as const)
    await withPage(here.browser, { reducedMotion }, async (page) => {
      await openPodPage(page, address);
      expect([reducedMotion, Number(await page.evaluate(moving)) > 0]).toEqual([reducedMotion, moves]);
      await expect
        .poll(() => page.evaluate(`getComputedStyle(document.querySelector(".plume")).opacity`), PATIENCE)
        .toBe("1");
    });
});
