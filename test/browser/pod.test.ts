import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import { becomes, openLive, stageOf, tap, tells, withPage } from "../support/guest-page.ts";

const opened = new AsyncDisposableStack();
let bot: Awaited<ReturnType<typeof openGuestBot>>;
let browser: Browser;

beforeAll(async () => {
  bot = opened.use(await openGuestBot());
  browser = opened.use(await launchBrowser());
}, 60_000);
afterAll(() => opened.disposeAsync());
beforeEach(() => {
  bot.pod.is("online");
  bot.pod.diffuses("water");
});

const stepOf = (page: Page) => page.locator("main").getAttribute("data-step");
const signs = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll("ol li")].map((li) => getComputedStyle(li, "::before").content)`);

/** A guest who has tapped wood. */
const withTap = (visit: (page: Page) => Promise<void>) =>
  withPage(browser, {}, async (page) => {
    await openLive(page, bot.launchUrl);
    await tap(page, "Wood");
    await becomes(page, "sent");
    await visit(page);
  });

test("each step is shown when it has happened: sent, confirmed, diffusing", async () => {
  await withTap(async (page) => {
    await tells(page, "Sent to your AromaPod, waiting for its confirmation.");
    expect([await stepOf(page), await stageOf(page)]).toEqual(["1", "sent"]);
    expect(await page.getByText("You may close this page.").isVisible()).toBe(false);
    await bot.pod.replies("accepted");
    await tells(page, "Your AromaPod has confirmed. Enjoy your wood scent.");
    expect([await stepOf(page), await stageOf(page)]).toEqual(["2", "ended"]);
    bot.pod.diffuses("wood");
    await tells(page, "is diffusing wood now");
    expect(await stepOf(page)).toBe("3");
    expect(await page.getByText("You may close this page.").isVisible()).toBe(true);
  });
});

test("a pod that is offline is told, and that it starts when it is back", async () => {
  bot.pod.is("lost");
  await withTap(async (page) => {
    await tells(page, "Your AromaPod is offline at the moment. It starts as soon as it is back.");
    expect([await stepOf(page), await stageOf(page)]).toEqual(["1", "sent"]);
    expect(await page.getByRole("link", { name: "Change my mind" }).isVisible()).toBe(true);
    await page.reload();
    await tells(page, "offline");
    bot.pod.is("online");
    await tells(page, "waiting for its confirmation");
    await bot.pod.replies("accepted");
    bot.pod.diffuses("wood");
    await tells(page, "is diffusing wood now");
  });
});

test.each([
  ["rejected", "Your AromaPod could not start wood. Please tell the reception."],
  ["expired", "Your AromaPod did not answer in time. Please tell the reception."],
] as const)(
  "a command that is %s is told as it is, not by colour alone, and the guest may choose again",
  async (outcome, text) => {
    await withTap(async (page) => {
      await bot.pod.replies(outcome);
      await tells(page, text);
      await becomes(page, "ended");
      expect(await page.locator("main").getAttribute("data-tone")).toBe("bad");
      expect(await signs(page)).toEqual(['"✓" / ""', '"✕" / ""', '""']);
      await page.reload();
      expect(await page.getByRole("status").textContent()).toBe(text);
      // What went wrong is not for the guest to have second thoughts about, nor the end of it.
      for (const text of ["Change my mind", "You may close this page."])
        expect(await page.getByText(text).isVisible()).toBe(false);
      await page.getByRole("link", { name: "Start again" }).click();
      expect(await stageOf(page)).toBe("asking");
    });
  },
);

test("while the list of rooms has not arrived, people get a page and programs a problem", async () => {
  await using starting = await openGuestBot({ isRegistryAway: true });
  await withPage(browser, {}, async (page) => {
    const answer = await page.goto(starting.launchUrl);
    expect([answer?.status(), answer?.headers()["retry-after"]]).toEqual([503, "5"]);
    expect(await page.getByRole("heading").textContent()).toBe("Just a moment");
    const again = page.getByRole("link", { name: "Try again" });
    expect(await again.getAttribute("href")).toBe(new URL(starting.launchUrl).pathname);
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    expect(await (await fetch(`${starting.launchUrl}/token`, { method: "POST" })).json()).toMatchObject({
      status: 503,
    });
  });
});
