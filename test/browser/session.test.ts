import { expect, test } from "vitest";
import { holdAnswers } from "../../scripts/scenarios/at-once.ts";
import { inBrowser } from "../support/browser.ts";
import { listUsages } from "../support/erp-calls.ts";
import { becomes, hears, openLive, saidIn, stageOf, stopRequests, tap, withPage } from "../support/guest-page.ts";
import { erpOf, openKit } from "../support/kit.ts";

const QUESTION = "Your AromaPod: Which scent would you like?";
const WOOD = [QUESTION, "You: Wood", "Your AromaPod: Thank you. I am asking your AromaPod for wood."];
const FIRE = [QUESTION, "You: Fire", "Your AromaPod: Thank you. I am asking your AromaPod for fire."];
const TOO_LATE = "Your AromaPod: You have chosen already. Please scan the card again to choose another scent.";

const here = inBrowser(() => openKit("safe"));

const usagesNow = async () => (await listUsages(erpOf(here.system))).length;

/** How many sessions there ever were. */
async function sessionsNow(): Promise<number> {
  const metrics = await (await fetch(`${here.system.urls.bot}/metrics`)).text();
  return [...metrics.matchAll(/^bot_sessions\{.*\} (\d+)$/gm)].reduce((sum, [, number]) => sum + Number(number), 0);
}

test("opening the page with its script off begins nothing; the script begins one session, and a reload is the same", async () => {
  const before = await sessionsNow();
  await withPage(here.browser, { javaScriptEnabled: false }, async (page) => {
    await page.goto(here.system.launchUrl);
    await page.reload();
  });
  expect(await sessionsNow()).toBe(before);
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    await openLive(page, here.system.launchUrl);
    await tap(page, "Wood");
    await becomes(page, "ended");
    await page.reload();
    expect(await stageOf(page)).toBe("ended");
    expect(await saidIn(page)).toEqual(WOOD);
    expect(await page.getByRole("status").textContent()).toContain("diffusing wood");
  });
  expect(await sessionsNow()).toBe(before + 1);
});

test("a reload between the tap and its arrival asks again, and one answer counts", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    const letPass = await stopRequests(page, "**/activities", () => undefined);
    await tap(page, "Wood");
    await page.reload();
    letPass();
    expect(await stageOf(page)).toBe("asking");
    await tap(page, "Wood");
    await becomes(page, "ended");
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
});

test("the back button leads to how it stands, never to a question that was answered", async () => {
  await withPage(here.browser, {}, async (page) => {
    await page.goto(`${here.system.urls.bot}/livez`);
    await openLive(page, here.system.launchUrl);
    await tap(page, "Wood");
    await becomes(page, "ended");
    await page.goto(`${here.system.urls.bot}/livez`);
    await page.goBack();
    await becomes(page, "ended");
    expect(await saidIn(page)).toEqual(WOOD);
  });
});

test("a page that the browser kept as it was is loaded anew", async () => {
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    const loaded = page.waitForEvent("load");
    // This browser keeps none, so it is told that it did.
    await page.evaluate("void dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))");
    await loaded;
    expect(await stageOf(page)).toBe("asking");
  });
});

test("a second tab is the same session: an answer in one shows in the other", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    const other = await page.context().newPage();
    await openLive(other, here.system.launchUrl);
    await other.getByRole("button", { name: "Water" }).focus();
    await tap(page, "Wood");
    for (const tab of [page, other]) {
      await hears(tab, WOOD);
      await becomes(tab, "ended");
    }
    expect(await other.locator("main").getAttribute("class")).toBe("wood");
    expect(await other.evaluate("document.activeElement.id")).toBe("status");
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
});

test("answers in two tabs at once are one usage, both show the one that counts, and the late one is told kindly", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    const other = await page.context().newPage();
    for (const tab of [page, other]) await openLive(tab, here.system.launchUrl);
    // None is seen before both are given.
    using _ = await holdAnswers(page.context(), 2);
    await Promise.all([tap(page, "Wood"), tap(other, "Fire")]);
    for (const tab of [page, other]) await becomes(tab, "ended");
    const first = (await saidIn(page)).slice(0, 3);
    expect(["You: Wood", "You: Fire"]).toContain(first[1]);
    const [winner, late] = first[1] === "You: Wood" ? [page, other] : [other, page];
    await hears(winner, first);
    await hears(late, [...first, TOO_LATE]);
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
});

test("an answer that is refused only after the other has been carried out is told kindly all the same", async () => {
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    await page.route("**/activities", async (answer) => {
      await page.request.post(`${here.system.launchUrl}/answer`, { form: { choice: "fire" } });
      await becomes(page, "ended");
      await answer.continue();
    });
    await tap(page, "Wood");
    await hears(page, [...FIRE, TOO_LATE]);
  });
});

test("a tap that comes after an answer given elsewhere shows that one, and a kind word", async () => {
  await withPage(here.browser, {}, async (page) => {
    // Of the other answer this page hears nothing.
    await page.routeWebSocket(/stream/, () => undefined);
    const started = page.waitForResponse("**/v3/directline/conversations");
    await page.goto(here.system.launchUrl);
    await started;
    await page.request.post(`${here.system.launchUrl}/answer`, { form: { choice: "fire" } });
    await tap(page, "Wood");
    await hears(page, [...FIRE, TOO_LATE]);
    await becomes(page, "ended");
  });
});

test("two guests with one card are two sessions", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    await withPage(here.browser, {}, async (other) => {
      await openLive(other, here.system.launchUrl);
      await tap(other, "Air");
      await becomes(other, "ended");
    });
    expect(await stageOf(page)).toBe("asking");
    await tap(page, "Wood");
    await hears(page, WOOD);
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 2);
});

test("the cookie is the browser's alone, for this link and this site", async () => {
  await withPage(here.browser, {}, async (page) => {
    await page.goto(here.system.launchUrl);
    const [cookie, ...others] = await page.context().cookies();
    expect(others).toEqual([]);
    expect(cookie).toMatchObject({ httpOnly: true, secure: true, sameSite: "Lax", path: "/" });
    expect(cookie?.name).toMatch(/^__Host-aromapod-[\da-f]{12}$/);
    expect(await page.evaluate("document.cookie")).toBe("");
  });
});
