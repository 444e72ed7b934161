import type { Browser, Page, Route } from "playwright-core";
import { expect } from "vitest";

export type Look = {
  width?: number;
  height?: number;
  colorScheme?: "light" | "dark";
  forcedColors?: "active";
  reducedMotion?: "reduce" | "no-preference";
  javaScriptEnabled?: boolean;
  /** What the browser asks for. */
  locale?: string;
};

/** A request that fails is for the test itself to judge; and one header is void on plain HTTP. */
const EXPECTED = /^(Failed to load resource|WebSocket connection to|The Cross-Origin-Opener-Policy header)/;
const PATIENCE = { timeout: 20_000 };

/** A phone with an empty cookie jar. What the page's script or its security headers complain about fails the test. */
export async function withPage(browser: Browser, look: Look, visit: (page: Page) => Promise<void>): Promise<void> {
  const { width = 390, height = 780, ...options } = look;
  const context = await browser.newContext({ viewport: { width, height }, reducedMotion: "reduce", ...options });
  const complaints: string[] = [];
  context.on("console", (message) => {
    if (message.type() === "error" && !EXPECTED.test(message.text())) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(error.error().message));
  try {
    await visit(await context.newPage());
    expect(complaints).toEqual([]);
  } finally {
    await context.close();
  }
}

/** How far the chat is: asking, sent, ended or closed. */
export const stageOf = (page: Page) => page.locator("main").getAttribute("data-stage");

/** What was said, with who said it. */
export async function saidIn(page: Page): Promise<string[]> {
  const items = await page.getByRole("log").getByRole("listitem").allInnerTexts();
  return items.map((text) => text.replace(/\s+/g, " ").trim());
}

export const tap = (page: Page, name: string) => page.getByRole("button", { name }).click();

export const becomes = (page: Page, stage: "asking" | "sent" | "ended" | "closed") =>
  expect.poll(() => stageOf(page), PATIENCE).toBe(stage);

/** Waits until the status line says this. */
export const tells = (page: Page, text: string) =>
  expect.poll(() => page.getByRole("status").textContent(), PATIENCE).toContain(text);

/** Waits until these were said, and nothing else. */
export const hears = (page: Page, said: readonly string[]) => expect.poll(() => saidIn(page), PATIENCE).toEqual(said);

/** Waits until the script has its stream, so that what follows comes by it. */
export async function openLive(page: Page, url: string): Promise<void> {
  // From its first moment on: the frame may be there before the page has told that it is loaded.
  const live = page.waitForEvent("websocket").then((stream) => stream.waitForEvent("framereceived"));
  await Promise.all([live, page.goto(url)]);
}

/**
 * Stops these requests until what it returns is called. The route itself stays: Chromium may lose a request, as that of
 * a page anew, which comes while a route is taken away.
 */
export async function stopRequests(page: Page, url: string, stop: (route: Route) => unknown): Promise<() => void> {
  let isStopped = true;
  await page.route(url, (route) => (isStopped ? stop(route) : route.continue()));
  return () => (isStopped = false);
}

/** The id of the element that has the focus, or the value of a choice. */
export const focused = (page: Page): Promise<string> =>
  page.evaluate("document.activeElement.id || document.activeElement.value || document.activeElement.className");
