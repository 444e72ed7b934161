import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { CATALOGS } from "../../bot/catalogs.ts";
import { inBrowser } from "../support/browser.ts";
import { openCuttingProxy } from "../support/cutting-proxy.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import {
  becomes,
  hears,
  openLive,
  saidIn,
  stageOf,
  stopRequests,
  tap,
  tells,
  withPage,
} from "../support/guest-page.ts";
import { erpOf, openKit } from "../support/kit.ts";

const QUESTION = "Your AromaPod: Which scent would you like?";
const thanksFor = (scent: string) => `Your AromaPod: Thank you. I am asking your AromaPod for ${scent}.`;

const here = inBrowser(() => openKit("safe"));

const usagesNow = async () => (await listUsages(erpOf(here.system))).length;

/** The bot behind a proxy that can be cut. */
async function openProxy() {
  const proxy = await openCuttingProxy(here.system.urls.bot);
  return {
    proxy,
    url: `${proxy.url}${new URL(here.system.launchUrl).pathname}`,
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}

test("a choice made without a network is kept, said to be kept, and sent once when the network is back", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
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
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
});

test.each<[when: string, what: (page: Page) => Promise<unknown>]>([
  ["the network is back", (page) => page.evaluate("dispatchEvent(new Event('online'))")],
  ["the page is looked at again", (page) => page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")],
])("a choice that is kept leaves as soon as %s, without the end of a pause", async (_, what) => {
  await withPage(here.browser, {}, async (page) => {
    await page.clock.install();
    await openLive(page, here.system.launchUrl);
    const letPass = await stopRequests(page, "**/activities", (route) => route.abort());
    await tap(page, "Wood");
    await tells(page, "Your choice is kept");
    const lastTry = page.waitForEvent("requestfailed");
    await page.clock.pauseAt(Date.now() + 60_000);
    await lastTry;
    letPass();
    await eventually(async () => {
      await what(page);
      expect(await saidIn(page)).toEqual([QUESTION, "You: Wood", thanksFor("wood")]);
    });
  });
});

test("a tap whose answer is lost on the way back is sent again, and counts once", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    let losses = 0;
    const answers: number[] = [];
    page.on("response", (answer) => answer.url().endsWith("/activities") && answers.push(answer.status()));
    await page.route("**/activities", async (route) => {
      if (losses++ > 0) return route.continue();
      await route.fetch();
      return route.abort();
    });
    await tap(page, "Fire");
    await becomes(page, "ended");
    await hears(page, [QUESTION, "You: Fire", thanksFor("fire")]);
    await expect.poll(() => losses, { timeout: 20_000 }).toBe(2);
    // Known again by its id, and not refused as one more.
    await expect.poll(() => answers, { timeout: 20_000 }).toEqual([200]);
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
  await expect(eventually(async () => expect(await usagesNow()).toBeGreaterThan(before + 1), 500)).rejects.toThrow();
});

test("a network that goes while the pod is awaited is told, and the page goes on when it is back", async () => {
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    const letPass = await stopRequests(page, "**/session", (route) => route.abort());
    await tap(page, "Water");
    await tells(page, "This page goes on as soon as it is back");
    letPass();
    await tells(page, "diffusing water");
  });
});

test.each([1000, 1001, "broken"] as const)(
  "a stream that is cut (%s) is opened again and misses nothing",
  async (how) => {
    await using cut = await openProxy();
    await withPage(here.browser, {}, async (page) => {
      await openLive(page, cut.url);
      const another = page.waitForEvent("websocket");
      cut.proxy.cutStreams(how);
      await another;
      await eventually(() => expect(cut.proxy.streams()).toBe(1));
      await tap(page, "Air");
      await hears(page, [QUESTION, "You: Air", thanksFor("air")]);
      await becomes(page, "ended");
    });
  },
);

test("a bot that is away for a while is missed and found again; a tap meanwhile counts", async () => {
  await using cut = await openProxy();
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, cut.url);
    cut.proxy.down();
    await tells(page, "You can choose already");
    await tap(page, "Wood");
    await tells(page, "Your choice is kept");
    await cut.proxy.up();
    await becomes(page, "ended");
    await hears(page, [QUESTION, "You: Wood", thanksFor("wood")]);
  });
});

test("a request that nobody answers is given up after a while, and sent again", async () => {
  await withPage(here.browser, {}, async (page) => {
    await page.clock.install();
    let requests = 0;
    await page.route("**/token", (route) => (requests++ > 0 ? route.continue() : undefined));
    const asked = page.waitForRequest("**/token");
    await page.goto(here.system.launchUrl);
    await asked;
    await page.clock.runFor(15_000);
    await tells(page, "You can choose already");
    await page.clock.runFor(500);
    await tap(page, "Wood");
    await hears(page, [QUESTION, "You: Wood", thanksFor("wood")]);
    expect(requests).toBe(2);
  });
});

test("where no stream gets through, what is said is fetched", async () => {
  await withPage(here.browser, {}, async (page) => {
    await page.routeWebSocket(/stream/, (socket) => socket.close());
    await page.goto(here.system.launchUrl);
    await tap(page, "Fire");
    await hears(page, [QUESTION, "You: Fire", thanksFor("fire")]);
    await becomes(page, "ended");
  });
});

test("who is told that too many begin waits as long as asked, and the choice is kept", async () => {
  await withPage(here.browser, {}, async (page) => {
    let tries = 0;
    await page.route("**/token", (route) =>
      tries++ === 0 ? route.fulfill({ status: 429, headers: { "retry-after": "1" }, body: "{}" }) : route.continue(),
    );
    await page.goto(here.system.launchUrl);
    await tells(page, "Many guests are choosing at this moment");
    await tap(page, "Wood");
    await becomes(page, "ended");
    await hears(page, [QUESTION, "You: Wood", thanksFor("wood")]);
  });
});

test("a token that has expired is replaced by loading the page anew, as the chat still stands", async () => {
  await using cut = await openProxy();
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, cut.url);
    const expired = "**/conversations/*?watermark=*";
    const letPass = await stopRequests(page, expired, (route) => {
      letPass();
      return route.fulfill({ status: 403, body: "{}" });
    });
    const anew = page.waitForEvent("load");
    cut.proxy.cutStreams("broken");
    await anew;
    await becomes(page, "asking");
    await tap(page, "Air");
    await hears(page, [QUESTION, "You: Air", thanksFor("air")]);
  });
});

test("a choice that the server fails at is given back", async () => {
  await withPage(here.browser, {}, async (page) => {
    await openLive(page, here.system.launchUrl);
    const letPass = await stopRequests(page, "**/activities", (route) => route.fulfill({ status: 500, body: "{}" }));
    await tap(page, "Wood");
    await tells(page, "did not get through");
    expect([await stageOf(page), await saidIn(page)]).toEqual(["asking", [QUESTION]]);
    expect(await page.evaluate("document.activeElement.value")).toBe("wood");
    letPass();
    await tap(page, "Wood");
    await becomes(page, "ended");
  });
});

test("where too many begin, the page waits as long as it is told, and says so", async () => {
  await withPage(here.browser, {}, async (page) => {
    let asked = 0;
    const busy = { status: 429, headers: { "retry-after": "1" }, body: "{}" };
    await page.route("**/token", (route) => (asked++ > 0 ? route.continue() : route.fulfill(busy)));
    await page.goto(here.system.launchUrl);
    await tells(page, CATALOGS.en["guest.busy"]);
    await tap(page, "Wood");
    await hears(page, [QUESTION, "You: Wood", thanksFor("wood")]);
    expect(asked).toBe(2);
  });
});

test("where the chat is refused, the form goes its own way", async () => {
  const before = await usagesNow();
  await withPage(here.browser, {}, async (page) => {
    await page.route("**/v3/directline/**", (route) => route.fulfill({ status: 403, body: "{}" }));
    await page.goto(here.system.launchUrl);
    await tap(page, "Fire");
    await becomes(page, "ended");
    expect((await saidIn(page))[1]).toBe("You: Fire");
  });
  await expect.poll(usagesNow, { timeout: 20_000 }).toBe(before + 1);
});
