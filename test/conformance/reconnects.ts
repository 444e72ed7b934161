import { expect } from "vitest";
import { type Cut, openCuttingProxy } from "../support/cutting-proxy.ts";
import { claimsOf, directLineAt, resigned } from "../support/direct-line-api.ts";
import { openDirectLineJs, STATUS } from "../support/direct-line-js.ts";
import { eventually } from "../support/eventually.ts";
import { openKitOfProcesses } from "../support/kit.ts";
import { END, message, NOT_UNDERSTOOD, QUESTION, THANKS, type World } from "./world.ts";

const CUTS: readonly Cut[] = [1000, 1001, "broken"];
const RETRY_MS = 2_000;
const OUTAGE_MS = 800;
const REFRESHES = 5;
const REFRESH_MS = 200;

/** The real client, behind a proxy that ends its streams, misses nothing of what is said meanwhile. */
export async function streamLost({ kit, begin, openClient }: World): Promise<void> {
  await using proxy = await openCuttingProxy(kit.urls.bot);
  const { token, conversationId, say, read } = await begin();
  await using client = await openClient({ token, conversationId, timeout: RETRY_MS }, proxy.url);
  const said = [QUESTION];
  await client.hears(said);
  let opened = 1;

  const lose = async (how: string, cut: () => void | Promise<void>) => {
    await cut();
    await say(`while away: ${how}`);
    await eventually(async () => expect(await client.sockets()).toHaveLength(opened + 1));
    opened += 1;
    await client.say(`after ${how}`);
    for (const text of [`while away: ${how}`, `after ${how}`]) said.push(`user: ${text}`, NOT_UNDERSTOOD);
    await client.hears(said);
  };
  for (const cut of CUTS) await lose(String(cut), () => proxy.cutStreams(cut));
  await lose("the page let go", client.closeSockets);
  await lose("the network was gone", () => {
    proxy.down();
    setTimeout(() => void proxy.up(), OUTAGE_MS);
  });
  expect(await client.heard()).toEqual((await read()).activities);
  expect(await client.statuses()).toEqual([0, STATUS.connecting, STATUS.online]);
}

/**
 * With an expired token the real client opens its old stream again, twice, and waits for its page to bring a new
 * token. Each of its sockets gets everything, which is why its page sees some activities more than once.
 */
export async function tokenExpired({ api, kit, begin, openClient }: World): Promise<void> {
  const { token, conversationId, streamUrl, path } = await begin();
  const expired = resigned(token, kit.secrets.tokenKey, { exp: Math.floor(Date.now() / 1_000) - 1 });
  expect(await api.failure("GET", path, { token: expired })).toBe("403 TokenExpired");

  await using client = await openClient({ token: expired, conversationId, streamUrl });
  await client.hears([QUESTION]);
  expect(await client.say("lost")).toBe("retry");
  await eventually(async () => expect(await client.sockets()).toEqual([streamUrl, streamUrl, streamUrl]));
  await client.hears([QUESTION, QUESTION, QUESTION]);
  expect((await client.statuses()).at(-1)).toBe(STATUS.expiredToken);

  const fresh = (await api.get(path, token)).body;
  await client.reconnect(fresh);
  expect((await client.statuses()).at(-1)).toBe(STATUS.online);
  expect(await client.say("found again")).toMatch(/\|\d+$/);
  await eventually(async () => {
    const ids = new Set((await client.heard()).map(({ id }) => id));
    expect([...ids]).toEqual((await api.get(`${path}/activities`, token)).body.activities.map(({ id }) => id));
    expect(ids.size).toBe(3);
  });
  expect(await client.errors()).toEqual([]);
}

/** Every quarter of an hour the real client asks for another token, and goes on with that one. */
export async function tokenRefreshed({ kit, browser, takeToken }: World): Promise<void> {
  const { token, conversationId } = await takeToken();
  await using client = await openDirectLineJs(browser, kit.urls.bot, { token, refreshMs: REFRESH_MS });
  await client.hears([QUESTION]);
  const refreshes = () => client.requests.filter((line) => line === "POST /tokens/refresh 200");
  await eventually(() => expect(refreshes().length).toBeGreaterThanOrEqual(REFRESHES));
  expect(await client.say("b")).toMatch(/\|\d+$/);
  await client.hears([QUESTION, "user: b", THANKS, END]);
  expect(client.requests.filter((line) => / [45]\d\d$/.test(line))).toEqual([]);
  expect(await client.errors()).toEqual([]);
  const current = await client.token();
  expect(claimsOf(current)).toMatchObject({ user: claimsOf(token).user });
  const { status } = await directLineAt(kit.urls.bot).get(`/conversations/${conversationId}/activities`, current);
  expect(status).toBe(200);
}

/** A bot that dies in the middle of a chat goes on with it, and nobody ever gets an error of ours. */
export async function restart({ browser }: World): Promise<void> {
  await using kit = await openKitOfProcesses("safe");
  const api = directLineAt(kit.urls.bot);
  const granted = await fetch(`${kit.launchUrl}/token`, { method: "POST" });
  const { token, conversationId } = (await granted.json()) as { token: string; conversationId: string };
  await using client = await openDirectLineJs(browser, kit.urls.bot, { token, timeout: RETRY_MS });
  await client.hears([QUESTION]);
  await client.say("one");
  const said = [QUESTION, "user: one", NOT_UNDERSTOOD];
  await client.hears(said);
  const path = `/conversations/${conversationId}`;

  await kit.kill("bot");
  await expect(api.get(path, token)).rejects.toThrow("fetch failed");
  await kit.start("bot");
  // Before the client comes back by itself.
  const statuses = await Promise.all([
    api.post("/conversations", token, {}),
    api.get(`${path}?watermark=`, token),
    api.get(`${path}/activities`, token),
    api.post("/tokens/refresh", token),
    api.post(`${path}/activities`, token, message("two")),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  said.push("user: two", NOT_UNDERSTOOD);
  await client.hears(said);
  expect(await client.say("b")).toMatch(/\|\d+$/);
  await client.hears([...said, "user: b", THANKS, END]);
  expect(client.requests.filter((line) => / [45]\d\d$/.test(line))).toEqual([]);
}
