import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { GuestView, TokenAnswer } from "../../bot/contract.ts";
import { call, post } from "../support/chat-guest.ts";
import { openGuestBot } from "../support/guest-bot.ts";

let bot: Awaited<ReturnType<typeof openGuestBot>>;
beforeAll(async () => {
  bot = await openGuestBot();
});
afterAll(() => bot[Symbol.asyncDispose]());

const SESSION_COOKIE = /^__Host-aromapod-[\da-f]{12}=[\w-]{36}\.[\w-]{43}; (.*)$/;

/** A browser with one jar for one link, which follows no redirect. */
function openBrowser(link = bot.launchUrl) {
  let cookie = "";

  async function fetchWith(path: string, init: RequestInit = {}): Promise<Response> {
    const answer = await fetch(link + path, { redirect: "manual", ...init, headers: { cookie } });
    const [given] = answer.headers.getSetCookie();
    if (given) cookie = given.split(";")[0] ?? "";
    return answer;
  }

  const json = async (path: string, init?: RequestInit) => (await fetchWith(path, init)).json() as Promise<unknown>;
  return {
    cookie: () => cookie,
    carry: (other: string) => {
      cookie = other;
    },
    get: (path = "") => fetchWith(path),
    page: async () => (await fetchWith("")).text(),
    token: () => json("/token", { method: "POST" }) as Promise<TokenAnswer>,
    session: () => json("/session") as Promise<GuestView>,
    send: (choice: string) => fetchWith("/answer", { method: "POST", body: new URLSearchParams({ choice }) }),
  };
}

/** What the client of a token may read in it. */
const userOf = ({ token }: TokenAnswer) =>
  (JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { user: string }).user;

async function begin({ token }: TokenAnswer): Promise<number> {
  const url = `${bot.url}/v3/directline/conversations`;
  return (await call(url, post({}, { authorization: `Bearer ${token}` }))).status;
}

test("the page names the session that may begin, once; the cookie is for this site's servers only", async () => {
  const browser = openBrowser();
  const [given = ""] = (await browser.get()).headers.getSetCookie();
  expect(SESSION_COOKIE.exec(given)?.[1]).toBe("Path=/; Max-Age=3600; HttpOnly; SameSite=Lax; Secure");
  expect((await browser.get()).headers.getSetCookie()).toEqual([]);
  expect(await browser.session()).toMatchObject({ state: "none" });
});

test("a preview of a link may ask for the headers only, and nothing begins", async () => {
  const [good, bad] = await Promise.all(
    [bot.launchUrl, `${bot.url}/r/nothing`].map((url) => fetch(url, { method: "HEAD" })),
  );
  expect([good?.status, bad?.status]).toEqual([200, 404]);
  expect([good?.headers.get("content-type"), await good?.text()]).toEqual(["text/html; charset=utf-8", ""]);
});

test("all tokens of a browser are for one conversation and one guest, until that is over", async () => {
  const browser = openBrowser();
  await browser.get();
  const first = await browser.token();
  expect(await begin(first)).toBe(201);
  const second = await browser.token();
  expect(second.conversationId).toBe(first.conversationId);
  expect([userOf(first), userOf(second)]).toEqual([expect.stringMatching(/^dl_[\w-]{22}$/), userOf(first)]);
  expect(await begin(second)).toBe(200);
  expect(await browser.session()).toMatchObject({ state: "asked" });

  await browser.send("wood");
  expect(await browser.session()).toMatchObject({ state: "ended", scent: "wood" });
  const third = await browser.token();
  expect(third.conversationId).not.toBe(first.conversationId);
  expect(userOf(third)).not.toBe(userOf(first));
  expect(await browser.session()).toMatchObject({ state: "none" });
});

test("who carries no cookie gets a conversation of their own each time", async () => {
  const ids = await Promise.all([1, 2, 3].map(async () => (await openBrowser().token()).conversationId));
  expect(new Set(ids).size).toBe(3);
});

test("the form answers the browser's session; when that is over, it changes nothing", async () => {
  const browser = openBrowser();
  await browser.get();
  const { conversationId } = await browser.token();
  for (const [choice, scent] of [
    ["nonsense", null],
    ["fire", "fire"],
    ["water", "fire"],
  ] as const) {
    const answer = await browser.send(choice);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, new URL(bot.launchUrl).pathname]);
    expect((await browser.session()).scent).toBe(scent);
  }
  expect(browser.cookie()).toContain(conversationId);
  expect(await browser.page()).toContain('data-stage="sent"');
});

test("asking to begin again leaves a session that is not over, and gives a new one after it", async () => {
  const browser = openBrowser();
  await browser.get();
  const cookie = browser.cookie();
  expect((await browser.get("?again")).status).toBe(303);
  expect(browser.cookie()).toBe(cookie);
  await browser.send("air");
  expect((await browser.get("?again")).status).toBe(303);
  expect(browser.cookie()).not.toBe(cookie);
  expect(await browser.page()).toContain('data-stage="asking"');
  browser.carry(cookie);
  expect(await browser.page()).toContain("You:");
});

const nameFor = (link: string) =>
  `__Host-aromapod-${createHash("sha256").update(new URL(link).pathname.slice(3)).digest("hex").slice(0, 12)}`;

test("a cookie of another link, a changed one or one of our own making means nobody's session", async () => {
  const browser = openBrowser();
  await browser.get();
  await browser.send("wood");
  const [name = "", value = ""] = browser.cookie().split("=");
  expect(name).toBe(nameFor(bot.launchUrl));
  const other = await bot.registers("dev-0002");
  const forgeries = [
    [other, `${nameFor(other)}=${value}`],
    [bot.launchUrl, `${name}=${value.slice(0, -1)}${value.endsWith("A") ? "B" : "A"}`],
    [bot.launchUrl, `${name}=${value.split(".")[0] ?? ""}`],
    [bot.launchUrl, `${name}=${value.split(".")[0] ?? ""}.`],
    [bot.launchUrl, `${name}=.${value.split(".")[1] ?? ""}`],
    [bot.launchUrl, `${name.replace("__Host-", "")}=${value}`],
    [bot.launchUrl, ""],
  ] as const;
  for (const [link, cookie] of forgeries) {
    const forger = openBrowser(link);
    forger.carry(cookie);
    expect([cookie, await forger.session()]).toMatchObject([cookie, { state: "none" }]);
  }
  expect(await browser.session()).toMatchObject({ state: "ended", scent: "wood" });
});

test("a language that is chosen is kept for a day, and only one of ours", async () => {
  const browser = openBrowser();
  const cookies = async (query: string) => (await browser.get(query)).headers.getSetCookie();
  expect(await cookies("?lang=zh-Hant")).toEqual([
    "aromapod-lang=zh-Hant; Path=/r; Max-Age=86400; HttpOnly; SameSite=Lax",
  ]);
  for (const tag of ["", "zh-hant", "xx", "de;Path=/", "de%0d%0aset-cookie:x=y"])
    expect([tag, await cookies(`?lang=${tag}`)]).toEqual([tag, []]);
});

test("pages of other origins get no token, and this server's own do", async () => {
  const answers = async (origin: string) => {
    const ask = (method: string) => fetch(`${bot.launchUrl}/token`, { method, headers: { origin } });
    const both = [await ask("OPTIONS"), await ask("POST")];
    return both.map(({ status, headers }) => [status, headers.get("access-control-allow-origin")]);
  };
  for (const origin of ["https://evil.example", `${bot.url}0`, "null"])
    expect([origin, await answers(origin)]).toEqual([
      origin,
      [
        [403, null],
        [403, null],
      ],
    ]);
  expect(await answers(bot.url)).toEqual([
    [204, bot.url],
    [200, bot.url],
  ]);
});

test("a room's name is text on its page, whatever stands in it", async () => {
  const page = await openBrowser(await bot.registers("dev-0003", `</title><b>7</b> & "Spa"`)).page();
  const name = "&lt;/title&gt;&lt;b&gt;7&lt;/b&gt; &amp; &quot;Spa&quot;";
  expect(page).toContain(`<title>${name} · AromaPod</title>`);
  expect(page).toContain(`<h1>${name}</h1>`);
  expect(page).not.toContain("<b>");
});
