import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { LANGUAGES } from "../../bot/languages.ts";
import { inBrowser } from "../support/browser.ts";
import { eventually } from "../support/eventually.ts";
import { openGuestBot } from "../support/guest-bot.ts";
import { becomes, openLive, tap, withPage } from "../support/guest-page.ts";

const MAX_BYTES = 12_000;

const here = inBrowser(() => openGuestBot());

/** What the network carries, headers included, as the browser counts it: requests in their order, and the bytes of each. */
async function watchNetwork(page: Page): Promise<Map<string, number>> {
  const devtools = await page.context().newCDPSession(page);
  const names = new Map<string, string>();
  const bytes = new Map<string, number>();
  await devtools.send("Network.enable");
  devtools.on("Network.requestWillBeSent", ({ requestId, request }) => {
    if (request.url.startsWith("data:")) return;
    names.set(requestId, `${request.method} ${request.url}`);
    bytes.set(`${request.method} ${request.url}`, 0);
  });
  devtools.on("Network.loadingFinished", ({ requestId, encodedDataLength }) => {
    const name = names.get(requestId);
    if (name) bytes.set(name, encodedDataLength);
  });
  return bytes;
}

test.each(LANGUAGES)(
  "the whole page in $name is four requests and 12 kB at most, none to anybody else",
  async ({ tag }) => {
    await withPage(here.browser, { locale: tag }, async (page) => {
      const loaded = await watchNetwork(page);
      const sockets: string[] = [];
      page.on("websocket", (socket) => sockets.push(socket.url()));
      await openLive(page, here.system.launchUrl);
      const requests = [...loaded.keys()].map((name) =>
        name.replace(here.system.url, "").replace(/\/r\/[^/]+/, "/r/LINK"),
      );
      expect(requests).toEqual([
        "GET /r/LINK",
        expect.stringMatching(/^GET \/assets\/guest\.js\?v=[\da-f]{8}$/),
        "POST /r/LINK/token",
        "POST /v3/directline/conversations",
      ]);
      await eventually(() => expect([...loaded.values()]).not.toContain(0));
      const sum = [...loaded.values()].reduce((total, one) => total + one, 0);
      expect(sum).toBeLessThanOrEqual(MAX_BYTES);
      expect(sockets).toEqual([expect.stringContaining(here.system.url.replace("http", "ws"))]);
    });
  },
);

test("the script is kept by the browser for ever, the page never", async () => {
  const page = await fetch(here.system.launchUrl);
  expect(page.headers.get("cache-control")).toBe("no-store");
  // A guest reads before the tap, which would otherwise have to open a connection first.
  expect(page.headers.get("keep-alive")).toBe("timeout=30");
  expect(page.headers.get("vary")).toBe("accept-language, cookie, accept-encoding");
  const [script = ""] = /\/assets\/guest\.js\?v=[\da-f]+/.exec(await page.text()) ?? [];
  const answer = await fetch(here.system.url + script);
  expect(answer.headers.get("cache-control")).toBe("public, max-age=31536000, immutable");
  expect(answer.headers.get("content-encoding")).toBe("gzip");
});

test("the security policy allows nothing unsafe, and nothing of the page needs it", async () => {
  await withPage(here.browser, {}, async (page) => {
    const answer = page.waitForResponse(here.system.launchUrl);
    await openLive(page, here.system.launchUrl);
    const headers = (await answer).headers();
    const policy = headers["content-security-policy"]?.split(";") ?? [];
    expect(policy).toEqual([
      "default-src 'none'",
      "script-src 'self'",
      expect.stringMatching(/^style-src 'self' 'sha256-[\w+/]{43}='$/),
      "img-src 'self' data:",
      "connect-src 'self'",
      "form-action 'self'",
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ]);
    expect(headers).toMatchObject({ "referrer-policy": "same-origin", "x-content-type-options": "nosniff" });
    expect(await page.locator("[style], [onclick]").count()).toBe(0);
    await tap(page, "Wood");
    await becomes(page, "sent");
    // Only with the style is the question gone, so the policy has let it pass.
    expect(await page.locator("form").isVisible()).toBe(false);
  });
});
