import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";
import { inBrowser } from "../support/browser.ts";
import { openConsoleKit } from "../support/console-kit.ts";
import { SERIAL } from "../support/devices.ts";
import { withPage } from "../support/guest-page.ts";

const WIDE = { width: 1440, height: 900 };
const PATIENCE = { timeout: 10_000 };
const REASON = "usage 4711 seen in Katlai";

const here = inBrowser(() => openConsoleKit());

/** Answers, and waits until the list shows its delivery in this state. */
async function bring(page: Page, state: string): Promise<void> {
  const id = await here.system.answer("wood");
  const row = page.locator("tbody tr").filter({ has: page.locator(`.chip:text("${state}")`) });
  await expect
    .poll(async () => {
      await page.goto(`${here.system.url}/deliveries?state=${state}`);
      return row.count();
    }, PATIENCE)
    .toBeGreaterThan(0);
  await row.first().getByRole("link").click();
  expect(await page.locator(".facts").textContent()).toContain(id);
}

const noticeIn = (page: Page) => page.locator(".notice").textContent();
const changesIn = (page: Page) => page.locator("tbody tr").first().innerText();

test.for([true, false])(
  "an operator settles what nobody knows the end of, with a reason; script: %s",
  async (javaScriptEnabled) => {
    here.system.erp.script.push("reset after executing");
    await withPage(here.browser, { ...WIDE, javaScriptEnabled }, async (page) => {
      await bring(page, "uncertain");
      await page.getByRole("button", { name: "Mark delivered" }).click();
      // The browser itself asks for the reason.
      expect(await page.locator("textarea:invalid").count()).toBe(1);
      await page.getByLabel("Reason").fill(REASON);
      await page.getByRole("button", { name: "Mark delivered" }).click();
      expect(await noticeIn(page)).toBe("Marked as delivered, with your reason.");
      expect(await changesIn(page)).toContain(REASON);
      expect(await page.getByRole("heading", { name: "Nothing to decide" }).isVisible()).toBe(true);
      await page.getByRole("link", { name: "See each hop" }).click();
      expect(await page.locator(".hops").textContent()).toContain(REASON);
    });
  },
);

test("what the browser lets pass the server refuses, and keeps what was typed", async () => {
  here.system.erp.script.push("rejected");
  await withPage(here.browser, WIDE, async (page) => {
    await bring(page, "dead");
    const address = page.url();
    await page.getByLabel("Reason").fill("   ");
    await page.getByRole("button", { name: "Discard" }).click();
    expect(await noticeIn(page)).toBe("Please give a reason: it is kept in the log.");
    await page.goto(address);
    const stale = await page.context().newPage();
    await stale.goto(address);
    await page.getByLabel("Reason").fill("the room is closed");
    await page.getByRole("button", { name: "Discard" }).click();
    await stale.getByLabel("Reason").fill("I was slower");
    await stale.getByRole("button", { name: "Mark delivered" }).click();
    expect(await stale.getByRole("alert").textContent()).toBe(
      "A delivery that is discarded cannot be marked as delivered.",
    );
    expect(await stale.getByLabel("Reason").inputValue()).toBe("I was slower");
    // What was discarded may be sent after all.
    await page.getByLabel("Reason").fill("the room is open again");
    await page.getByRole("button", { name: "Resend" }).click();
    await expect.poll(async () => (await page.goto(address), changesIn(page)), PATIENCE).toContain("delivered");
  });
});

test("a lane that stands still says why, and goes on when somebody resumes it", async () => {
  here.system.erp.script.push("unauthorized");
  await withPage(here.browser, WIDE, async (page) => {
    await here.system.answer("fire");
    const paused = page.locator(".paused");
    await expect.poll(async () => (await page.goto(`${here.system.url}/deliveries`), paused.count()), PATIENCE).toBe(1);
    expect(await paused.textContent()).toContain("HTTP 401");
    await page.getByRole("button", { name: "Resume the deliveries of Room 101" }).click();
    expect(await noticeIn(page)).toBe("Resumed: what waited is sent now.");
    expect(await paused.count()).toBe(0);
    await expect
      .poll(async () => (await page.reload(), page.locator("tbody tr").first().innerText()), PATIENCE)
      .toContain("delivered");
  });
});

test.for([true, false])(
  "a command is sent from a button, and a device is cut off and let in again; script: %s",
  async (javaScriptEnabled) => {
    await withPage(here.browser, { ...WIDE, javaScriptEnabled }, async (page) => {
      await page.goto(`${here.system.url}/devices`);
      await page.getByRole("link", { name: "Room 101" }).click();
      await page.getByRole("button", { name: javaScriptEnabled ? "water" : "air" }).click();
      expect(await noticeIn(page)).toContain("on its way");
      const scent = javaScriptEnabled ? "water" : "air";
      const address = `${here.system.url}/devices/${SERIAL}`;
      const twin = async () => (await page.goto(address), page.locator("tbody tr").first().innerText());
      await expect.poll(twin, PATIENCE).toMatch(new RegExp(`^diffuses\\s+${scent}\\s+${scent}$`));
      expect(await page.locator(".sheet").textContent()).toContain("by an operator");
      await page.getByRole("button", { name: "Disable" }).click();
      expect(await noticeIn(page)).toBe("Disabled: nothing is taken from it any more.");
      expect(await page.locator("#known").textContent()).toContain("disabled");
      expect(await page.getByRole("button", { name: "water" }).isDisabled()).toBe(true);
      await page.getByRole("button", { name: "Enable" }).click();
      await expect
        .poll(async () => (await page.goto(address), page.locator("#known").textContent()), PATIENCE)
        .toContain("online");
      await page.getByRole("button", { name: "Check out" }).click();
      await expect.poll(twin, PATIENCE).toMatch(/^diffuses\s+nothing\s+nothing$/);
    });
  },
);

test("at a public name one signs in with the key, sees the flow live, and signs out", async () => {
  const [port = 0] = await freePorts(1);
  const origin = `http://console.test:${String(port)}`;
  await using kit = await openConsoleKit({ PUBLIC_URL: "http://console.test", DEVICE_DB_PORT: String(port) });
  await using browser = await launchChromium(["--host-resolver-rules=MAP console.test 127.0.0.1"]);
  await withPage(browser, WIDE, async (page) => {
    await page.goto(`${origin}/deliveries?state=held`);
    expect(new URL(page.url()).pathname).toBe("/sign-in");
    await page.getByLabel("Operator’s key").fill("guess");
    await page.keyboard.press("Enter");
    expect(await page.getByRole("alert").textContent()).toBe("That is not the operator's key.");
    await page.getByLabel("Operator’s key").fill(kit.secrets.operatorKey);
    await page.keyboard.press("Enter");
    await page.waitForURL(`${origin}/deliveries?state=held`);
    expect(await page.context().cookies()).toMatchObject([
      { name: "aromapod-operator", httpOnly: true, secure: false, sameSite: "Strict" },
    ]);
    await page.getByRole("link", { name: "Flow" }).click();
    await expect.poll(() => page.locator("#live").textContent(), PATIENCE).toBe("Live");
    const launchUrl = new URL(kit.launchUrl);
    const guest = await kit.answer("wood", kit.urls.bot + launchUrl.pathname);
    await expect
      .poll(() => page.locator(`[data-flow="${guest}"] .outcome`).textContent(), PATIENCE)
      .toContain("delivered");
    await page.goto(`${origin}/devices/${SERIAL}`);
    await page.getByRole("button", { name: "Check out" }).click();
    expect(await noticeIn(page)).toContain("on its way");
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.goto(`${origin}/devices`);
    expect(new URL(page.url()).pathname).toBe("/sign-in");
  });
});
