import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { FLOW_PARTS } from "../../device-db/contract.ts";
import { inBrowser } from "../support/browser.ts";
import { openConsoleKit } from "../support/console-kit.ts";
import { becomes, tap, withPage } from "../support/guest-page.ts";

const WIDE = { width: 1440, height: 900 };
const PATIENCE = { timeout: 10_000 };
/** Of a session that goes well. */
const HOPS = 12;
/** A busy machine may hold up a hop of one session, but not that of all. */
const SESSIONS = 5;
const MAX_LATE_MS = 100;

const here = inBrowser(() => openConsoleKit());

/** Notes when the page showed each hop. */
const WATCH = `addEventListener("DOMContentLoaded", () => {
  window.shown = [];
  new MutationObserver((changes) => {
    const now = performance.timeOrigin + performance.now();
    for (const hop of changes.flatMap(({ addedNodes }) => [...addedNodes])) if (hop.matches?.(".hop")) {
      const at = hop.querySelector("time").dateTime;
      shown.push({ part: hop.dataset.part, name: hop.querySelector(".name").textContent, lateMs: now - Date.parse(at) });
    }
  }).observe(document.querySelector("#flows"), { childList: true, subtree: true });
})`;
type Shown = { part: string; name: string; lateMs: number };

async function openFlow(page: Page, path = "/"): Promise<void> {
  await page.goto(here.system.url + path);
  await expect.poll(() => page.locator("#live").textContent(), PATIENCE).toBe("Live");
}

const flowsIn = (page: Page) => page.locator("article.flow").filter({ visible: true });
const hopsOf = (page: Page, id: string) => page.locator(`[data-flow="${id}"] .hop`);
const isWhole = (page: Page, id: string) =>
  expect.poll(() => hopsOf(page, id).count(), PATIENCE).toBeGreaterThanOrEqual(HOPS);

test("a guest's session goes through all lanes while one looks, each hop within 100 ms", async () => {
  const lateness = new Map<string, number[]>();
  await withPage(here.browser, WIDE, async (page) => {
    await page.addInitScript(WATCH);
    await openFlow(page);
    for (let sessions = 0; sessions < SESSIONS; sessions++) {
      await page.evaluate("shown.length = 0");
      await withPage(here.browser, {}, async (phone) => {
        await phone.goto(here.system.launchUrl);
        await tap(phone, "Wood");
        await becomes(phone, "ended");
      });
      const shown = () => page.evaluate<Shown[]>("shown");
      await expect.poll(async () => (await shown()).length, PATIENCE).toBeGreaterThanOrEqual(HOPS);
      const hops = await shown();
      expect(new Set(hops.map(({ part }) => part))).toEqual(new Set(FLOW_PARTS));
      for (const { part, name, lateMs } of hops)
        lateness.getOrInsertComputed(`${part}: ${name}`, () => []).push(lateMs);
    }
    const newest = flowsIn(page).first();
    const times = await newest
      .locator(".hop time")
      .evaluateAll((all) => all.map((time) => time.getAttribute("datetime")));
    expect(times).toEqual(times.toSorted((a, b) => String(a).localeCompare(String(b))));
    expect(await newest.locator(".outcome").textContent()).toMatch(/^✓delivered [\d.]+ m?s$/);
    expect(await newest.getByRole("heading").textContent()).toBe("Room 101");
    expect(await page.locator("#flows .empty").count()).toBe(0);
  });
  const best = [...lateness].map(([hop, all]) => ({ hop, lateMs: Math.round(Math.min(...all)) }));
  expect(best.filter(({ lateMs }) => lateMs > MAX_LATE_MS)).toEqual([]);
});

test("what came live is what the server shows after a reload", async () => {
  await withPage(here.browser, WIDE, async (page) => {
    await openFlow(page);
    const id = await here.system.answer("fire");
    await isWhole(page, id);
    const row = () =>
      page.locator(`[data-flow="${id}"]`).evaluate((one) => (one.textContent ?? "").replace(/\s+/g, " "));
    const live = await row();
    await openFlow(page);
    expect(await row()).toBe(live.replace(/\s+$/, " "));
  });
});

test("a click shows what was sent; Enter, Escape and Tab do it by keyboard", async () => {
  const id = await here.system.answer("water");
  await withPage(here.browser, WIDE, async (page) => {
    await openFlow(page);
    await isWhole(page, id);
    const command = hopsOf(page, id).filter({ hasText: "command handed on" });
    await command.locator("summary").click();
    const panel = command.locator(".panel");
    expect(JSON.parse((await panel.locator("pre").textContent()) ?? "")).toMatchObject({
      action: "checkin",
      scent: "water",
    });
    await page.getByRole("heading", { name: "Flow", exact: true }).click();
    expect(await panel.isVisible()).toBe(false);
    await page.locator('input[name="failed"]').focus();
    const focused = () => page.evaluate("document.activeElement.tagName");
    while ((await focused()) !== "SUMMARY") await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.locator("details[open]").count()).toBe(1);
    await page.keyboard.press("Escape");
    expect([await page.locator("details[open]").count(), await focused()]).toEqual([0, "SUMMARY"]);
  });
});

test("paused, nothing moves; resumed, what came is there", async () => {
  await withPage(here.browser, WIDE, async (page) => {
    await openFlow(page);
    await page.getByRole("button", { name: "Pause" }).click();
    expect(await page.getByRole("status").textContent()).toBe("Paused");
    const id = await here.system.answer("air");
    await expect.poll(() => page.locator("#pause").textContent(), PATIENCE).toMatch(/^Resume \(1[1-9] new\)$/);
    expect(await hopsOf(page, id).count()).toBe(0);
    await page.getByRole("button", { name: "Resume" }).click();
    expect(await hopsOf(page, id).count()).toBeGreaterThanOrEqual(HOPS);
    expect(await page.getByRole("status").textContent()).toBe("Live");
  });
});

test("while somebody reads in a hop no other flow pushes it away, and its own goes on", async () => {
  await withPage(here.browser, WIDE, async (page) => {
    await openFlow(page);
    await flowsIn(page).first().locator("summary").first().click();
    const id = await here.system.answer("wood");
    await expect.poll(() => page.locator("#pause").textContent(), PATIENCE).toContain("new");
    expect(await hopsOf(page, id).count()).toBe(0);
    await page.keyboard.press("Escape");
    await isWhole(page, id);
  });
});

test("failed hops say why, and the filter finds them and words in them", async () => {
  here.system.erp.script.push("rejected");
  const failed = await here.system.answer("wood");
  const other = await here.system.answer("water");
  await withPage(here.browser, WIDE, async (page) => {
    await openFlow(page);
    await isWhole(page, failed);
    await isWhole(page, other);
    const bad = page.locator(`[data-flow="${failed}"] .hop[data-failed]`);
    expect((await bad.last().textContent())?.replace(/\s+/g, " ")).toMatch(/failed: dead.*HTTP 422/);
    await page.getByLabel("Only failed").check();
    const shown = () => flowsIn(page).evaluateAll((all) => all.map((one) => one.getAttribute("data-flow")));
    expect(await shown()).toEqual([failed]);
    expect(page.url()).toMatch(/\?failed=1$/);
    await page.getByLabel("Only failed").uncheck();
    await page.getByRole("searchbox").fill(other);
    expect(await shown()).toEqual([other]);
    await page.getByRole("searchbox").fill("no such thing");
    expect([await shown(), await page.locator("#nofit").isVisible()]).toEqual([[], true]);
    await openFlow(page, "/?failed=1");
    expect(await shown()).toEqual([failed]);
    await page.getByLabel("Only failed").uncheck();
    await expect.poll(shown, PATIENCE).toContain(other);
  });
});

test("a flow has an address of its own, where it goes on live", async () => {
  here.system.erp.script.push({ workMs: 1_500 });
  const id = await here.system.answer("fire");
  await expect.poll(async () => (await fetch(`${here.system.url}/flow/${id}`)).status, PATIENCE).toBe(200);
  await withPage(here.browser, WIDE, async (page) => {
    await openFlow(page, `/flow/${id}`);
    await expect.poll(() => page.locator(".hop .name").allTextContents(), PATIENCE).toContain("delivered");
    await here.system.answer("air");
    expect(await page.locator(".flow").count()).toBe(1);
    await page.goto(`${here.system.url}/`);
    await page.locator(`[data-flow="${id}"] h2 a`).click();
    expect(page.url()).toBe(`${here.system.url}/flow/${id}`);
  });
});

test("without JavaScript the newest flows are there, with their hops to open, the filter and the address", async () => {
  const id = await here.system.answer("water");
  await expect.poll(async () => (await (await fetch(here.system.url)).text()).includes(id), PATIENCE).toBe(true);
  await withPage(here.browser, { ...WIDE, javaScriptEnabled: false }, async (page) => {
    await page.goto(here.system.url);
    await hopsOf(page, id).first().locator("summary").click();
    expect(await hopsOf(page, id).first().locator("pre").isVisible()).toBe(true);
    await page.getByRole("searchbox").fill("water");
    await page.getByRole("button", { name: "Filter" }).click();
    expect(page.url()).toContain("q=water");
    expect(await flowsIn(page).locator(".what").allTextContents()).not.toContain("fire");
    expect(await page.locator("#pause").isVisible()).toBe(false);
    await page.goto(`${here.system.url}/flow/${id}`);
    expect(await page.locator(".hop").count()).toBeGreaterThanOrEqual(HOPS);
  });
});
