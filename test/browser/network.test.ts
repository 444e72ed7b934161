import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../support/browser.ts";
import { openCuttingProxy } from "../support/cutting-proxy.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { becomes, hears, openLive, saidIn, stageOf, tap, tells, withPage } from "../support/guest-page.ts";
import { erpOf, type Kit, openKit } from "../support/kit.ts";

const QUESTION = "Your AromaPod: Which scent would you like?";
const thanksFor = (scent: string) => `Your AromaPod: Thank you. I am asking your AromaPod for ${scent}.`;

const opened = new AsyncDisposableStack();
let kit: Kit;
let browser: Browser;

beforeAll(async () => {
  kit = opened.use(await openKit("safe"));
  browser = opened.use(await launchBrowser());
}, 60_000);
afterAll(() => opened.disposeAsync());

const usagesNow = async () => (await listUsages(erpOf(kit))).length;

/** The bot behind a proxy that can be cut. */
async function openProxy() {
  const proxy = await openCuttingProxy(kit.urls.bot);
  return {
    proxy,
    url: `${proxy.url}${new URL(kit.launchUrl).pathname}`,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

test("a choice made without a network is kept, said to be kept, and sent once when the network is back", async () => {
  const before = await usagesNow();
  await withPage(browser, {}, async (page) => {
    await openLive(page, kit.launchUrl);
    await page.context().setOffline(true);
    await tap(page, "Wood");
    await tells(page, "Your choice is kept");
    expect(await saidIn(page)).toEqual([QUESTION, "You: Wood"]);
    // It would leave the page, and the choice with it.
    expect(await page.getByRole("link", { name: "Change my mind" }).isVisible()).toBe(false);
    await page.context().setOffline(false);
    await becomes(page, "ended");
    await hears(page, [QUESTION, "You: Wood", thanksFor("wood")]);
  });
  await expect.poll(usagesNow, { timeout: 10_000 }).toBe(before + 1);
});

test("a tap whose answer is lost on the way back is sent again, and counts once", async () => {
  const before = await usagesNow();
  await withPage(browser, {}, async (page) => {
    await openLive(page, kit.launchUrl);
    let losses = 0;
    await page.route("**/activities", async (route) => {
      if (losses++ > 0) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await tap(page, "Fire");
    await becomes(page, "ended");
    await hears(page, [QUESTION, "You: Fire", thanksFor("fire")]);
    await expect.poll(() => losses, { timeout: 5_000 }).toBe(2);
  });
  await expect.poll(usagesNow, { timeout: 10_000 }).toBe(before + 1);
  await expect(eventually(async () => expect(await usagesNow()).toBeGreaterThan(before + 1), 500)).rejects.toThrow();
});

test("a network that goes while the pod is awaited is told, and the page goes on when it is back", async () => {
  await withPage(browser, {}, async (page) => {
    await openLive(page, kit.launchUrl);
    await page.route("**/session", (route) => route.abort());
    await tap(page, "Water");
    await tells(page, "This page goes on as soon as it is back");
    await page.unroute("**/session");
    await tells(page, "diffusing water");
  });
});

test.each([1000, 1001, "broken"] as const)(
  "a stream that is cut (%s) is opened again and misses nothing",
  async (how) => {
    await using cut = await openProxy();
    await withPage(browser, {}, async (page) => {
      await openLive(page, cut.url);
      cut.proxy.cutStreams(how);
      await eventually(() => expect(cut.proxy.streams()).toBe(0));
      await eventually(() => expect(cut.proxy.streams()).toBe(1));
      await tap(page, "Air");
      await hears(page, [QUESTION, "You: Air", thanksFor("air")]);
      await becomes(page, "ended");
    });
  },
);

test("a bot that is away for a while is missed and found again; a tap meanwhile counts", async () => {
  await using cut = await openProxy();
  await withPage(browser, {}, async (page) => {
    await openLive(page, cut.url);
    cut.proxy.setDown(true);
    await tells(page, "You can choose already");
    await tap(page, "Wood");
    await tells(page, "Your choice is kept");
    cut.proxy.setDown(false);
    await becomes(page, "ended");
    await hears(page, [QUESTION, "You: Wood", thanksFor("wood")]);
  });
});

test("where no stream gets through, what is said is fetched", async () => {
  await withPage(browser, {}, async (page) => {
    await page.routeWebSocket(/stream/, (socket) => socket.close());
    await page.goto(kit.launchUrl);
    await tap(page, "Fire");
    await hears(page, [QUESTION, "You: Fire", thanksFor("fire")]);
    await becomes(page, "ended");
  });
});

test("who is told that too many begin waits as long as asked, and the choice is kept", async () => {
  await withPage(browser, {}, async (page) => {
    let tries = 0;
    await page.route("**/token", (route) =>
      tries++ === 0 ? route.fulfill({ status: 429, headers: { "retry-after": "1" }, body: "{}" }) : route.continue(),
    );
    await page.goto(kit.launchUrl);
    await tells(page, "Many guests are choosing at this moment");
    await tap(page, "Wood");
    await becomes(page, "ended");
    await hears(page, [QUESTION, "You: Wood", thanksFor("wood")]);
  });
});

test("a token that has expired is replaced by loading the page anew, as the chat still stands", async () => {
  await using cut = await openProxy();
  await withPage(browser, {}, async (page) => {
    await openLive(page, cut.url);
    const expired = (url: URL) => /\/conversations\/[\w-]+$/.test(url.pathname);
    await page.route(expired, (route) => route.fulfill({ status: 403, body: "{}" }), { times: 1 });
    const anew = page.waitForEvent("load");
    cut.proxy.cutStreams("broken");
    await anew;
    await becomes(page, "asking");
    await tap(page, "Air");
    await hears(page, [QUESTION, "You: Air", thanksFor("air")]);
  });
});

test("a choice that the server fails at is given back", async () => {
  await withPage(browser, {}, async (page) => {
    await openLive(page, kit.launchUrl);
    await page.route("**/activities", (route) => route.fulfill({ status: 500, body: "{}" }));
    await tap(page, "Wood");
    await tells(page, "did not get through");
    expect([await stageOf(page), await saidIn(page)]).toEqual(["asking", [QUESTION]]);
    expect(await page.evaluate("document.activeElement.value")).toBe("wood");
    await page.unroute("**/activities");
    await tap(page, "Wood");
    await becomes(page, "ended");
  });
});

test("where the chat is refused, the form goes its own way", async () => {
  const before = await usagesNow();
  await withPage(browser, {}, async (page) => {
    await page.route("**/v3/directline/**", (route) => route.fulfill({ status: 403, body: "{}" }));
    await page.goto(kit.launchUrl);
    await tap(page, "Fire");
    await becomes(page, "ended");
    expect((await saidIn(page))[1]).toBe("You: Fire");
  });
  await expect.poll(usagesNow, { timeout: 10_000 }).toBe(before + 1);
});
