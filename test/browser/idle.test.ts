import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { idleTimes } from "../../bot/session.ts";
import { inBrowser } from "../support/browser.ts";
import { manualClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import { becomes, focused, openLive, saidIn, stageOf, tap, tells, withPage } from "../support/guest-page.ts";

const { idleMs, warningMs } = idleTimes(300);
const clock = manualClock();
const here = inBrowser(() => openGuestBot({ clock }));

const more = (page: Page) => page.getByRole("button", { name: "I need more time" });

/** Lets time pass in steps, as the bot looks around once a second, until this holds. */
const passUntil = (holds: () => Promise<void>) =>
  eventually(async () => {
    clock.advance(1_000);
    await holds();
  });

const withWarning = (visit: (page: Page) => Promise<void>) =>
  withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    clock.advance(idleMs - warningMs);
    await passUntil(async () => expect(await more(page).isVisible()).toBe(true));
    expect((await saidIn(page))[1]).toContain("Are you still there? This chat closes soon.");
    await visit(page);
  });

test("who says nothing is warned, and can still answer", async () => {
  await withWarning(async (page) => {
    await tap(page, "Wood");
    await becomes(page, "sent");
    expect(await more(page).isVisible()).toBe(false);
    expect(await saidIn(page)).toContain("You: Wood");
  });
});

test("who asks for more time gets it", async () => {
  await withWarning(async (page) => {
    await more(page).focus();
    await page.keyboard.press("Enter");
    await tells(page, "Of course, please take your time.");
    expect(await more(page).isVisible()).toBe(false);
    expect(await focused(page)).toBe("fire");
    // By now it would have closed.
    clock.advance(2 * warningMs);
    await page.reload();
    expect(await stageOf(page)).toBe("asking");
  });
});

test("who still says nothing finds the chat closed, and can start again", async () => {
  await withWarning(async (page) => {
    await page.getByRole("button", { name: "Air" }).focus();
    clock.advance(warningMs);
    await passUntil(async () => expect(await stageOf(page)).toBe("closed"));
    expect(await page.getByRole("button").filter({ visible: true }).count()).toBe(0);
    const closed = (await saidIn(page)).at(-1);
    expect(closed).toContain("this chat has closed");
    expect(await focused(page)).toBe("button restart");
    await eventually(() => expect(here.system.steps()).toContain("abandoned"));
    await page.reload();
    expect(await stageOf(page)).toBe("closed");
    expect((await saidIn(page)).at(-1)).toBe(closed);
    await page.getByRole("link", { name: "Start again" }).click();
    expect(await stageOf(page)).toBe("asking");
    await tap(page, "Wood");
    await becomes(page, "sent");
  });
});

test("a form that comes after the chat has closed changes nothing", async () => {
  await withWarning(async (page) => {
    clock.advance(warningMs);
    await passUntil(async () => expect(await stageOf(page)).toBe("closed"));
    await page.request.post(`${here.system.launchUrl}/answer`, { form: { choice: "wood" } });
    await page.reload();
    expect(await stageOf(page)).toBe("closed");
  });
});
