import { AxeBuilder } from "@axe-core/playwright";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { listUsages } from "../support/erp-calls.ts";
import { erpOf, type Kit, openKit } from "../support/kit.ts";

const opened = new AsyncDisposableStack();
let kit: Kit;
let browser: Browser;

beforeAll(async () => {
  kit = opened.use(await openKit("safe"));
  browser = opened.use(await launchBrowser());
}, 60_000);
afterAll(() => opened.disposeAsync());

type Look = { width?: number; javaScriptEnabled?: boolean; colorScheme?: "light" | "dark" };

/** A phone with an empty cookie jar. What the page's script or its security headers complain about fails the test. */
async function withPage(look: Look, visit: (page: Page) => Promise<void>): Promise<void> {
  const { width = 390, ...options } = look;
  const context = await browser.newContext({ viewport: { width, height: 780 }, reducedMotion: "reduce", ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    // A request that fails is for the test itself to judge.
    const isOfNetwork = message.text().startsWith("Failed to load resource");
    if (message.type() === "error" && !isOfNetwork) complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(error.message));
  try {
    await visit(page);
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
  }
}

const usagesNow = () => listUsages(erpOf(kit));
const note = (page: Page) => page.locator("#status");

test("a tap on a scent ends in one usage with that scent, and the page says that the pod confirmed", async () => {
  const before = (await usagesNow()).length;
  await withPage({}, async (page) => {
    await page.goto(kit.launchUrl);
    expect((await usagesNow()).length).toBe(before);
    await page.getByRole("button", { name: "Wood" }).click();
    await expect.poll(() => note(page).textContent(), { timeout: 10_000 }).toContain("has confirmed");
    const said = await page.getByRole("log").getByRole("listitem").allInnerTexts();
    expect(said.map((text) => text.replace(/\s+/g, " "))).toEqual([
      "AromaPod: Which scent would you like?",
      "You: Wood",
      "AromaPod: Thank you. I am asking your AromaPod for wood.",
    ]);
  });
  await expect.poll(async () => (await usagesNow()).length, { timeout: 10_000 }).toBe(before + 1);
  expect((await usagesNow())[0]?.request).toBe(
    "GET /device/switch?serial=HKAP0100000001&submit=&status=checkin&scent=wood",
  );
});

test("the keyboard alone is enough, and the focus is never lost", async () => {
  await withPage({}, async (page) => {
    await page.goto(kit.launchUrl);
    for (const name of ["fire", "wood", "water"]) {
      await page.keyboard.press("Tab");
      expect(await page.evaluate("document.activeElement.value")).toBe(name);
    }
    await page.keyboard.press("Enter");
    await expect.poll(() => note(page).textContent(), { timeout: 10_000 }).toContain("Enjoy your water scent");
    expect(await page.evaluate("document.activeElement.id")).toBe("status");
  });
});

test("without JavaScript the form does the same", async () => {
  const before = (await usagesNow()).length;
  await withPage({ javaScriptEnabled: false }, async (page) => {
    await page.goto(kit.launchUrl);
    await page.getByRole("button", { name: "Air" }).click();
    await page.waitForLoadState();
    expect(page.url()).toBe(kit.launchUrl);
    await expect
      .poll(
        async () => {
          await page.reload();
          return note(page).textContent();
        },
        { timeout: 10_000 },
      )
      .toContain("Enjoy your air scent");
    await page.getByRole("link", { name: "Choose another scent" }).click();
    expect(await page.getByRole("button").count()).toBe(4);
  });
  await expect.poll(async () => (await usagesNow()).length, { timeout: 10_000 }).toBe(before + 1);
});

test("a choice that cannot be sent is not lost: the page says so and takes the next tap", async () => {
  await withPage({}, async (page) => {
    await page.goto(kit.launchUrl);
    await page.route("**/v3/directline/**", (route) => route.abort());
    await page.getByRole("button", { name: "Fire" }).click();
    await expect.poll(() => note(page).textContent()).toContain("did not get through");
    await page.unroute("**/v3/directline/**");
    await page.getByRole("button", { name: "Fire" }).click();
    await expect.poll(() => note(page).textContent(), { timeout: 10_000 }).toContain("Enjoy your fire scent");
  });
});

test("a reload after the answer shows how it stands, not the question again", async () => {
  await withPage({}, async (page) => {
    await page.goto(kit.launchUrl);
    await page.getByRole("button", { name: "Wood" }).click();
    await expect.poll(() => note(page).textContent(), { timeout: 10_000 }).toContain("has confirmed");
    await page.reload();
    expect(await page.getByRole("button").count()).toBe(0);
    expect(await note(page).textContent()).toContain("Enjoy your wood scent");
  });
});

test.each([
  { width: 320, colorScheme: "light" },
  { width: 390, colorScheme: "dark" },
  { width: 1440, colorScheme: "light" },
] as const)("at $width px, $colorScheme, the page fits and axe-core finds nothing", async (look) => {
  await withPage(look, async (page) => {
    const findings = async () =>
      (await new AxeBuilder({ page }).analyze()).violations.map(({ id, nodes }) => [id, nodes[0]?.html]);
    await page.goto(kit.launchUrl);
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBe(look.width);
    expect(await findings()).toEqual([]);
    await page.getByRole("button", { name: "Water" }).click();
    await expect.poll(() => note(page).textContent(), { timeout: 10_000 }).toContain("has confirmed");
    expect(await findings()).toEqual([]);
    await page.goto(`${kit.launchUrl.slice(0, -4)}AAAA`);
    expect(await page.getByRole("heading").textContent()).toBe("This card is not valid");
    expect(await findings()).toEqual([]);
  });
});

test("the page is three requests and 16 KiB at most, none to anybody else", async () => {
  await withPage({}, async (page) => {
    const seen: { url: string; bytes: number }[] = [];
    page.on("response", async (response) => {
      seen.push({ url: response.url(), bytes: (await response.body()).length });
    });
    await page.goto(kit.launchUrl, { waitUntil: "networkidle" });
    expect(seen.filter(({ url }) => !url.startsWith(kit.urls.bot) && !url.startsWith("data:"))).toEqual([]);
    const loaded = seen.filter(({ url }) => !url.startsWith("data:"));
    expect(loaded.length).toBeLessThanOrEqual(3);
    expect(loaded.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThan(16_384);
  });
});
