import type { Browser, Page } from "playwright-core";

/** What one guest with an empty cache waits for, in milliseconds, and what the network carries until the page is ready. */
export type PageVisit = { questionMs: number; answeredMs: number; bytes: number; requests: number };

const CPU_SLOWDOWN = 4;
const PATIENCE_MS = 20_000;
/** People read the question before they tap. */
const READING_MS = 2_000;

/** Notes the first frame with all choices on it, the tap, and the first frame with the bot's thanks; costs next to nothing. */
const WATCH = `
  window.seen = {};
  const isLaidOut = (one) => one.getBoundingClientRect().height > 0;
  const frame = () => {
    const choices = [...document.querySelectorAll("fieldset button")];
    if (choices.length < 4 || !choices.every(isLaidOut)) return requestAnimationFrame(frame);
    seen.question = performance.now();
  };
  requestAnimationFrame(frame);
  addEventListener("click", (event) => {
    seen.tapped = event.timeStamp;
    const log = document.querySelector("#log ul");
    const watch = new MutationObserver(() => {
      if (log.children.length < 3) return;
      watch.disconnect();
      requestAnimationFrame(() => {
        seen.answered = performance.now();
        console.debug("thanked");
      });
    });
    watch.observe(log, { childList: true });
  }, true);
`;

/** One guest with a slow phone opens the page, reads, taps and is thanked. */
export async function visitPage(browser: Browser, url: string): Promise<PageVisit> {
  const context = await browser.newContext({ viewport: { width: 390, height: 780 }, reducedMotion: "reduce" });
  try {
    const page = await context.newPage();
    const sizes = await slowDown(page);
    await page.addInitScript(WATCH);
    const socket = page.waitForEvent("websocket", { timeout: PATIENCE_MS });
    await page.goto(url);
    await (await socket).waitForEvent("framereceived", { timeout: PATIENCE_MS });
    const { bytes, requests } = sizes();
    await page.waitForTimeout(READING_MS);
    const thanked = page.waitForEvent("console", { timeout: PATIENCE_MS });
    await page.getByRole("button", { name: "Wood" }).click();
    await thanked;
    const seen = (await page.evaluate("window.seen")) as { question: number; tapped: number; answered: number };
    const [paint] = (await page.evaluate(
      "performance.getEntriesByName('first-contentful-paint').map(({ startTime }) => startTime)",
    )) as number[];
    return {
      questionMs: Math.max(seen.question, paint ?? Number.NaN),
      answeredMs: seen.answered - seen.tapped,
      bytes,
      requests,
    };
  } finally {
    await context.close();
  }
}

/** Slows the processor down, and counts what is loaded, headers included. */
async function slowDown(page: Page) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Emulation.setCPUThrottlingRate", { rate: CPU_SLOWDOWN });
  await devtools.send("Network.enable");
  const inlined = new Set<string>();
  const sizes: number[] = [];
  devtools.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (request.url.startsWith("data:")) inlined.add(requestId);
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    if (!inlined.has(requestId)) sizes.push(encodedDataLength);
  });
  return () => ({ bytes: sizes.reduce((sum, size) => sum + size, 0), requests: sizes.length });
}
