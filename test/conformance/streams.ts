import { expect } from "vitest";
import { openStream } from "../support/chat-stream.ts";
import { claimsOf, resigned, upgradeStatus } from "../support/direct-line-api.ts";
import { eventually } from "../support/eventually.ts";
import { openLoneBot } from "./lone-bot.ts";
import { NOT_UNDERSTOOD, QUESTION, type World } from "./world.ts";

const MAX_SOCKETS = 16;
const MINUTE_S = 60;
const FORGED = { "x-forwarded-host": "evil.example", "x-forwarded-proto": "https", forwarded: "host=evil.example" };

/** The stream's token is the part of its address that is shaped like one. */
function streamTokenOf(streamUrl: string): string {
  return [...new URL(streamUrl).searchParams.values()].find((value) => value.split(".").length === 3) ?? "";
}

/** Absolute, at the host that the guest used, whatever a stranger says in between; or at the public one. */
export async function streamAddress({ api, takeToken, kit }: World): Promise<void> {
  const { token, conversationId } = await takeToken();
  const { streamUrl } = (await api.ask("POST", "/conversations", { token, headers: FORGED })).body;
  const { host, port } = new URL(kit.urls.bot);
  expect(streamUrl.startsWith(`ws://${host}/v3/directline/conversations/${conversationId}/stream?`)).toBe(true);
  const byName = await fetch(`http://localhost:${port}/v3/directline/conversations/${conversationId}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(new URL(((await byName.json()) as { streamUrl: string }).streamUrl).host).toBe(`localhost:${port}`);

  await using lone = await openLoneBot({ PUBLIC_URL: "https://scents.hotel.example" });
  const { body } = await lone.api.ask("POST", "/conversations", { token: lone.secret, headers: FORGED });
  expect(body.streamUrl.startsWith("wss://scents.hotel.example/v3/directline/conversations/")).toBe(true);
}

/** Good for a minute and for more than one socket; it opens the stream, and nothing else does. */
export async function streamToken({ api, begin, kit }: World): Promise<void> {
  const { token, path, streamUrl } = await begin();
  const streamToken = streamTokenOf(streamUrl);
  const { iat, exp } = claimsOf(streamToken);
  expect(exp - iat).toBe(MINUTE_S);
  for (let times = 0; times < 3; times++) expect(await upgradeStatus(streamUrl)).toBe(101);

  const now = Math.floor(Date.now() / 1_000);
  const until = (time: number) => resigned(streamToken, kit.secrets.tokenKey, { exp: time });
  const withToken = (other: string) => streamUrl.replace(streamToken, other);
  expect(await upgradeStatus(withToken(until(now + 5)))).toBe(101);
  for (const other of [until(now - 1), token, "garbage", "", resigned(streamToken, "x".repeat(43), {})])
    expect([other, await upgradeStatus(withToken(other))]).toEqual([other, 403]);
  expect(await api.failure("GET", `${path}/activities`, { token: streamToken })).toBe("401 Unauthorized");
}

/** What was said before the socket was open comes with it: once, and in order. */
export async function replayAtFirst({ begin, openClient }: World): Promise<void> {
  const { token, conversationId, streamUrl, say, read } = await begin();
  await say("one");
  await say("two");
  const said = [QUESTION, "user: one", NOT_UNDERSTOOD, "user: two", NOT_UNDERSTOOD];
  await using fresh = await openClient({ token, conversationId, streamUrl });
  await using reloaded = await openClient({ token, conversationId });
  // The client hands on what is replayed one by one, and what comes meanwhile in between.
  for (const client of [fresh, reloaded]) await client.hears(said);
  for (const client of [fresh, reloaded]) {
    await client.say("three");
    said.push("user: three", NOT_UNDERSTOOD);
    await client.hears(said);
  }
  await fresh.hears(said);
  expect(await fresh.heard()).toEqual((await read()).activities);
  expect(fresh.requests.filter((line) => !line.startsWith("POST"))).toEqual([]);
  expect(reloaded.requests[0]).toBe(`GET /conversations/${conversationId}?watermark= 200`);
}

/** Clients send empty frames to keep a stream alive, and can read two kinds: empty ones and sets of activities. */
export async function keepAlive({ begin, openClient }: World): Promise<void> {
  const { token, conversationId, streamUrl, say } = await begin();
  await using client = await openClient({ token, conversationId, streamUrl, timeout: 300 });
  await eventually(async () => expect((await client.frames()).sent.length).toBeGreaterThanOrEqual(3));
  // Not by the client, which by now has no more patience with a request than with a frame.
  await say("one");
  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD]);
  expect(await client.sockets()).toHaveLength(1);
  const { sent, received } = await client.frames();
  expect(new Set(sent)).toEqual(new Set([""]));
  for (const frame of received.filter((text) => text !== ""))
    expect(JSON.parse(frame)).toEqual({
      activities: expect.any(Array) as unknown,
      watermark: expect.any(String) as unknown,
    });
}

/** Two tabs: both get everything, and neither pushes the other out. */
export async function severalSockets({ begin, openClient }: World): Promise<void> {
  const { token, conversationId, streamUrl, say } = await begin();
  await using first = await openClient({ token, conversationId, streamUrl });
  await using second = await openClient({ token, conversationId });
  for (const client of [first, second]) await client.hears([QUESTION]);
  await first.say("from the first");
  await say("from elsewhere");
  await second.say("from the second");
  const texts = ["from the first", "from elsewhere", "from the second"];
  const said = [QUESTION, ...texts.flatMap((text) => [`user: ${text}`, NOT_UNDERSTOOD])];
  for (const client of [first, second]) {
    await client.hears(said);
    expect(await client.sockets()).toHaveLength(1);
    expect(await client.statuses()).toEqual([0, 1, 2]);
  }
}

/** A client in trouble opens many; the newest is refused when it is too many, and none of the others suffers. */
export async function tooManySockets({ api, begin }: World): Promise<void> {
  const { path, token, streamUrl, say } = await begin();
  await using opened = new AsyncDisposableStack();
  const streams = Array.from({ length: MAX_SOCKETS }, () => opened.use(openStream(streamUrl)));
  for (const stream of streams) await stream.hears([QUESTION]);
  expect(await upgradeStatus((await api.get(path, token)).body.streamUrl)).toBe(429);
  await say("one");
  for (const stream of streams) await stream.hears([QUESTION, "user: one", NOT_UNDERSTOOD]);
}
