import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { BEGINS_PER_POD } from "../../bot/begin-limits.ts";
import { inBrowser } from "../support/browser.ts";
import { manualClock } from "../support/clock.ts";
import { listUsages } from "../support/erp-calls.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import { saidIn, stageOf, tap, withPage } from "../support/guest-page.ts";
import { erpOf, openKit } from "../support/kit.ts";

const here = inBrowser(() => openKit("safe"));

const usagesNow = async () => (await listUsages(erpOf(here.system))).length;
const withoutScript = (visit: (page: Page) => Promise<void>) =>
  withPage(here.browser, { javaScriptEnabled: false }, visit);

/** The page loads itself anew until the pod has answered; that takes two seconds each time. */
const ends = (page: Page) => expect.poll(() => stageOf(page), { timeout: 20_000 }).toBe("ended");

test("without JavaScript the form does the same, and the page follows by loading itself anew", async () => {
  const before = await usagesNow();
  await withoutScript(async (page) => {
    await page.goto(here.system.launchUrl);
    await tap(page, "Air");
    await page.waitForLoadState();
    expect(page.url()).toBe(here.system.launchUrl);
    await ends(page);
    expect(await page.getByRole("status").textContent()).toContain("is diffusing air now");
    expect(await saidIn(page)).toEqual([
      "Your AromaPod: Which scent would you like?",
      "You: Air",
      "Your AromaPod: Thank you. I am asking your AromaPod for air.",
    ]);
    await page.getByRole("link", { name: "Change my mind" }).click();
    expect(await page.getByRole("button").filter({ visible: true }).count()).toBe(4);
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
});

test("a form that is sent twice counts once, whatever it says the second time", async () => {
  const before = await usagesNow();
  await withoutScript(async (page) => {
    await page.goto(here.system.launchUrl);
    const send = (choice: string) => page.request.post(`${here.system.launchUrl}/answer`, { form: { choice } });
    const answers = await Promise.all([send("fire"), send("fire"), send("fire")]);
    expect(answers.map((answer) => answer.status())).toEqual([200, 200, 200]);
    await send("water");
    await page.reload();
    await ends(page);
    expect((await saidIn(page))[1]).toBe("You: Fire");
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
  expect((await listUsages(erpOf(here.system)))[0]?.scent).toBe("fire");
});

test("back from the answer there is no second question, and a reload sends nothing again", async () => {
  const before = await usagesNow();
  await withoutScript(async (page) => {
    await page.goto("about:blank");
    await page.goto(here.system.launchUrl);
    await tap(page, "Wood");
    await ends(page);
    await page.reload();
    expect(await stageOf(page)).toBe("ended");
    await page.goBack();
    if (page.url() !== "about:blank") expect(await stageOf(page)).toBe("ended");
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
});

test("the language is switched by links, and stays", async () => {
  await withoutScript(async (page) => {
    await page.goto(here.system.launchUrl);
    await page.getByRole("link", { name: "Deutsch" }).click();
    expect(page.url()).toBe(here.system.launchUrl);
    expect(await page.getByRole("log").textContent()).toContain("Welchen Duft wünschen Sie?");
    await tap(page, "Holz");
    await ends(page);
    expect(await page.getByRole("status").textContent()).toContain("„Holz“");
  });
});

test("a choice that is none of the four changes nothing", async () => {
  const before = await usagesNow();
  await withoutScript(async (page) => {
    await page.goto(here.system.launchUrl);
    for (const form of [{ choice: "plutonium" }, { choice: "" }, {}])
      expect((await page.request.post(`${here.system.launchUrl}/answer`, { form })).url()).toBe(here.system.launchUrl);
    await page.reload();
    expect(await stageOf(page)).toBe("asking");
  });
  expect(await usagesNow()).toBe(before);
});

test("when too many begin, a page says how long to wait and keeps the choice", async () => {
  await using bot = await openGuestBot({ clock: manualClock() });
  for (let guests = 0; guests < BEGINS_PER_POD; guests++) await fetch(`${bot.launchUrl}/token`, { method: "POST" });
  await withoutScript(async (page) => {
    await page.goto(bot.launchUrl);
    const answer = page.waitForResponse(`${bot.launchUrl}/answer`);
    await tap(page, "Fire");
    expect((await answer).status()).toBe(429);
    expect(Number((await answer).headers()["retry-after"])).toBeGreaterThan(0);
    expect(await page.getByRole("heading").textContent()).toBe("One moment, please");
    expect(await page.getByRole("main").textContent()).toMatch(/try again in \d+ seconds?/);
    expect(await page.getByRole("button", { name: "Try again" }).getAttribute("value")).toBe("fire");
    // As a phone does that opens its tabs anew.
    await page.goto(page.url());
    expect([page.url(), await stageOf(page)]).toEqual([bot.launchUrl, "asking"]);
  });
});
