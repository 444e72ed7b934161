import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { inBrowser } from "../support/browser.ts";
import { listUsages } from "../support/erp-calls.ts";
import { becomes, focused, hears, openLive, saidIn, stageOf, tap, tells, withPage } from "../support/guest-page.ts";
import { erpOf, openKit } from "../support/kit.ts";

const QUESTION = "Your AromaPod: Which scent would you like?";

const here = inBrowser(() => openKit("safe"));

const usagesNow = async () => (await listUsages(erpOf(here.system))).length;

test("a tap on a scent ends in one usage with that scent, and the page follows it to the pod", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    await page.goto(here.system.launchUrl);
    expect(await usagesNow()).toBe(before);
    await tap(page, "Wood");
    await tells(page, "has confirmed and is diffusing wood now");
    await hears(page, [QUESTION, "You: Wood", "Your AromaPod: Thank you. I am asking your AromaPod for wood."]);
    await becomes(page, "ended");
    expect(await page.getByText("You may close this page.").isVisible()).toBe(true);
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
  expect((await listUsages(erpOf(here.system)))[0]?.request).toBe(
    "GET /device/switch?serial=HKAP0100000001&submit=&status=checkin&scent=wood",
  );
});

test("the bot's words come by the stream, one request each way", async () => {
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    const requests: string[] = [];
    page.on("request", (request) => requests.push(`${request.method()} ${new URL(request.url()).pathname}`));
    await tap(page, "Air");
    await becomes(page, "ended");
    const chat = requests.filter((request) => !request.endsWith("/session"));
    expect(chat).toEqual([expect.stringMatching(/^POST \/v3\/directline\/conversations\/[\w-]+\/activities$/)]);
  });
});

test("what was tapped is shown at once, before anybody has answered", async () => {
  await withPage(here.browser, {}, async (page) => {
    await page.route("**/token", () => undefined);
    await page.goto(here.system.launchUrl);
    await tap(page, "Fire");
    expect(await saidIn(page)).toEqual([QUESTION, "You: Fire"]);
    expect(await stageOf(page)).toBe("sent");
  });
});

/** Presses Tab until the focus is there. */
async function tabTo(page: Page, where: string): Promise<void> {
  for (let presses = 0; (await focused(page)) !== where; presses++) {
    expect(presses).toBeLessThan(10);
    await page.keyboard.press("Tab");
  }
}

test("the keyboard alone is enough, and the focus is never lost", async () => {
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    for (const value of ["fire", "wood", "water"]) {
      await page.keyboard.press("Tab");
      expect(await focused(page)).toBe(value);
    }
    await page.keyboard.press("Enter");
    await tells(page, "diffusing water");
    expect(await focused(page)).toBe("status");
    await tabTo(page, "button again");
    await page.keyboard.press("Enter");
    await becomes(page, "asking");
    await page.waitForLoadState();
    await tabTo(page, "air");
    await page.keyboard.press("Space");
    await tells(page, "diffusing air");
    expect(await focused(page)).toBe("status");
  });
});

test("who changes their mind is asked anew, and both choices count", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    for (const name of ["Wood", "Fire"]) {
      await page.goto(here.system.launchUrl);
      if ((await stageOf(page)) !== "asking") await page.getByRole("link", { name: "Change my mind" }).click();
      await tap(page, name);
      await becomes(page, "ended");
    }
    expect(page.url()).toBe(here.system.launchUrl);
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 2);
});
