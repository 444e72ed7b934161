import type { Page } from "playwright-core";
import { beforeEach, expect, test } from "vitest";
import { violationsOf } from "../support/axe.ts";
import { inBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import { becomes, openLive, stageOf, tap, tells, withPage } from "../support/guest-page.ts";

const here = inBrowser(() => openGuestBot());
beforeEach(() => {
  here.system.pod.is("online");
  here.system.pod.diffuses("water");
});

const SEVERAL_POLLS_MS = 1_500;
/** Time for requests stays; what the page waits between them takes a hundredth. */
const SHORT_PAUSES = `globalThis.setTimeout = ((usual) => (work, ms) => usual(work, ms < 5000 ? ms / 100 : ms))(setTimeout)`;

const stepOf = (page: Page) => page.locator("main").getAttribute("data-step");
const signs = (page: Page) =>
  page.evaluate(`[...document.querySelectorAll("ol li")].map((li) => getComputedStyle(li, "::before").content)`);

/** A guest who has tapped wood. */
const withTap = (visit: (page: Page) => Promise<void>) =>
  withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    await tap(page, "Wood");
    await becomes(page, "sent");
    await visit(page);
  });

test("each step is shown when it has happened: sent, confirmed, diffusing", async () => {
  await withTap(async (page) => {
    await tells(page, "Sent to your AromaPod, waiting for its confirmation.");
    expect([await stepOf(page), await stageOf(page)]).toEqual(["1", "sent"]);
    expect(await page.getByText("You may close this page.").isVisible()).toBe(false);
    await here.system.pod.replies("accepted");
    await tells(page, "Your AromaPod has confirmed. Enjoy your wood scent.");
    expect([await stepOf(page), await stageOf(page)]).toEqual(["2", "ended"]);
    here.system.pod.diffuses("wood");
    await tells(page, "is diffusing wood now");
    expect(await stepOf(page)).toBe("3");
    expect(await page.getByText("You may close this page.").isVisible()).toBe(true);
  });
});

test("a pod that is offline is told, and that it starts when it is back", async () => {
  here.system.pod.is("lost");
  await withTap(async (page) => {
    await tells(page, "Your AromaPod is offline at the moment. It starts as soon as it is back.");
    expect([await stepOf(page), await stageOf(page)]).toEqual(["1", "sent"]);
    expect(await page.getByRole("link", { name: "Change my mind" }).isVisible()).toBe(true);
    await page.reload();
    await tells(page, "offline");
    here.system.pod.is("online");
    await tells(page, "waiting for its confirmation");
    await here.system.pod.replies("accepted");
    here.system.pod.diffuses("wood");
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
      await here.system.pod.replies(outcome);
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

test.each(["rejected", "accepted"] as const)(
  "when nothing more can come, here after %s, the page asks no more",
  async (outcome) => {
    here.system.pod.diffuses("wood");
    await withTap(async (page) => {
      await here.system.pod.replies(outcome);
      await tells(page, outcome === "accepted" ? "is diffusing wood now" : "could not start wood");
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.waitForTimeout(SEVERAL_POLLS_MS);
      expect(asked).toEqual([]);
    });
  },
);

test("a pod of which nothing is heard is not asked about for ever", async () => {
  await withPage(here.browser, {}, async (page) => {
    await page.addInitScript(SHORT_PAUSES);
    await openLive(page, here.system.launchUrl);
    await tap(page, "Wood");
    let asked = 0;
    page.on("request", () => (asked += 1));
    await eventually(async () => expect(await stageOf(page)).toBe("ended"));
    const untilThen = asked;
    await page.waitForTimeout(SEVERAL_POLLS_MS / 5);
    expect([untilThen > 40, asked]).toEqual([true, untilThen]);
  });
  await here.system.pod.replies("accepted");
});

test("while the list of rooms has not arrived, people get a page and programs a problem", async () => {
  await using starting = await openGuestBot({ isRegistryAway: true });
  await withPage(here.browser, {}, async (page) => {
    const answer = await page.goto(starting.launchUrl);
    expect([answer?.status(), answer?.headers()["retry-after"]]).toEqual([503, "5"]);
    expect(await page.getByRole("heading").textContent()).toBe("Just a moment");
    const again = page.getByRole("link", { name: "Try again" });
    expect(await again.getAttribute("href")).toBe(new URL(starting.launchUrl).pathname);
    expect(await violationsOf(page)).toEqual([]);
    expect(await (await fetch(`${starting.launchUrl}/token`, { method: "POST" })).json()).toMatchObject({
      status: 503,
    });
  });
});
