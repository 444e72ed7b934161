import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { violationsOf } from "../support/axe.ts";
import { inBrowser } from "../support/browser.ts";
import { openConsoleKit } from "../support/console-kit.ts";
import { NEW_DEVICE } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { withPage } from "../support/guest-page.ts";

const PATIENCE = { timeout: 10_000 };
const LONG = "Presidential-Suite-with-a-view-of-Victoria-Harbour-and-a-name-without-any-spaces";

const here = inBrowser(async () => {
  const kit = await openConsoleKit();
  return { ...kit, shows: await fill(kit) };
});

type Kit = Awaited<ReturnType<typeof openConsoleKit>>;

/** Brings about what the pages can show: every kind of end, a lane that stands still, devices of all kinds. */
async function fill({ url, secrets, erp, answer }: Kit): Promise<{ flow: string; delivery: string }> {
  const headers = { authorization: `Bearer ${secrets.operatorKey}` };
  const post = (path: string, body: unknown) =>
    fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
  await post("/api/devices", { ...NEW_DEVICE, room: LONG });
  await post(`/api/devices/${NEW_DEVICE.serial}/disable`, {});
  await post(`/api/devices/${NEW_DEVICE.serial}/commands`, { action: "checkin", scent: "air" });
  erp.script.push("none", "rejected", "reset after executing");
  const flows = [await answer("wood"), await answer("fire"), await answer("water")];
  const list = async () =>
    ((await (await fetch(`${url}/api/deliveries`)).json()) as { data: { id: string; state: string }[] }).data;
  await eventually(async () => expect((await list())[0]?.state).toBe("uncertain"));
  await post("/api/deliveries/pause", { serial: "*", reason: LONG });
  return { flow: flows[1] ?? "", delivery: (await list())[0]?.id ?? "" };
}

/** Every page, in every state that it can be in. */
async function throughEveryState(page: Page, look: (state: string) => Promise<void>): Promise<void> {
  const { url, shows } = here.system;
  const open = async (path: string) => {
    await page.goto(url + path);
    await look(path);
  };
  await page.goto(url);
  await expect.poll(() => page.locator("#live").textContent(), PATIENCE).toBe("Live");
  await look("flow");
  for (const lane of ["phone", "ERP"]) {
    await page.locator(`[data-part="${lane}"] summary`).first().click();
    await look(`flow, a hop open at the ${lane}`);
  }
  await page.getByRole("searchbox").fill("no such thing");
  await look("flow, nothing fits");
  await page.getByRole("button", { name: "Pause" }).click();
  await look("flow, paused");
  for (const path of ["/?q=no-such-thing", `/flow/${shows.flow}`, "/devices", `/devices/${SERIAL}`]) await open(path);
  for (const path of [`/devices/${NEW_DEVICE.serial}`, "/deliveries", "/deliveries?state=dead"]) await open(path);
  await open("/docs");
  for (const path of ["/deliveries?state=held", `/deliveries?serial=${SERIAL}`, "/health", "/nowhere"])
    await open(path);
  await open(`/deliveries/${shows.delivery}`);
  await open(`/deliveries/${shows.delivery}?done=resend`);
  await page.getByLabel("Reason").fill(" ");
  await page.getByRole("button", { name: "Discard" }).click();
  await look("a refused decision");
  await page.setExtraHTTPHeaders({ "x-forwarded-for": "192.0.2.7" });
  await open("/sign-in?next=/devices");
  await page.getByLabel("Operator’s key").fill("guess");
  await page.keyboard.press("Enter");
  await page.getByRole("alert").waitFor();
  await look("a wrong key");
}

const SIZES = [
  { width: 390, height: 844 },
  { width: 1440, height: 900 },
];

test.each(SIZES)("axe-core finds nothing on any page, and all fits: $width px", { timeout: 120_000 }, async (size) => {
  await withPage(here.browser, size, (page) =>
    throughEveryState(page, async (state) => {
      expect([state, await page.evaluate(FLAWS)]).toEqual([state, []]);
      expect([state, await violationsOf(page)]).toEqual([state, []]);
    }),
  );
});

/** What sticks out of the window, or is cut off; and what is to be clicked and is too small. */
const FLAWS = `[
  ...(document.documentElement.scrollWidth > innerWidth ? ["the page is wider than the window"] : []),
  ...[...document.querySelectorAll("button, h1, h2, p, td, dd, .chip, .panel")]
    .filter((one) => one.checkVisibility() && !one.closest(".spoken") && one.scrollWidth > one.clientWidth + 1 && getComputedStyle(one).display !== "inline")
    .map((one) => one.outerHTML.slice(0, 200)),
  ...[...document.querySelectorAll("button, summary, nav a, input")]
    .filter((one) => one.checkVisibility() && one.type !== "checkbox" && Math.ceil(one.getBoundingClientRect().height) < 24)
    .map((one) => "too small: " + one.outerHTML.slice(0, 200)),
]`;

test.each([320, 800])("at %i px nothing sticks out or is cut off", { timeout: 60_000 }, async (width) => {
  await withPage(here.browser, { width, height: 900 }, (page) =>
    throughEveryState(page, async (state) => {
      expect([state, await page.evaluate(FLAWS)]).toEqual([state, []]);
    }),
  );
});

test("a hop that is open stands within the window, in every lane", async () => {
  await withPage(here.browser, { width: 1440, height: 900 }, async (page) => {
    await page.goto(here.system.url);
    for (const summary of await page.locator(`[data-flow="${here.system.shows.flow}"] summary`).all()) {
      await summary.click();
      const box = await page.locator("details[open] .panel").boundingBox();
      expect(box?.x).toBeGreaterThan(0);
      expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThan(1440);
      await page.keyboard.press("Escape");
    }
  });
});

test("style and script are kept for ever, pages never; nothing needs more than the policy allows", async () => {
  const answer = await fetch(here.system.url);
  expect(answer.headers.get("cache-control")).toBe("no-store");
  expect(answer.headers.get("content-security-policy")).toMatch(/script-src 'self';style-src 'self';/);
  const text = await answer.text();
  const assets = text.match(/\/assets\/console\.(css|js)\?v=[\da-f]{8}/g) ?? [];
  expect(assets.length).toBe(2);
  for (const asset of assets) {
    const kept = await fetch(here.system.url + asset);
    expect(kept.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  }
  expect(text).not.toMatch(/ style=| on\w+=|<style|<script(?! type="module" src)/);
});
