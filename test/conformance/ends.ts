import { expect } from "vitest";
import { openStream } from "../support/chat-stream.ts";
import { lines } from "../support/direct-line-api.ts";
import { openDirectLineJs, STATUS } from "../support/direct-line-js.ts";
import { eventually } from "../support/eventually.ts";
import { LINK, openChannel } from "./channel.ts";
import { END, message, QUESTION, SCAN_THE_CARD, THANKS, type World } from "./world.ts";

const ALL = [QUESTION, "user: b", THANKS, END];
const LINGER_MS = 600;
const PATIENCE_MS = 1_500;

/** After the end nothing is taken any more, and everything can be read. */
export async function enforcedEnd({ api, begin }: World): Promise<void> {
  const { token, path, streamUrl, say, read } = await begin();
  await using stream = openStream(streamUrl);
  await say("b");
  await stream.hears(ALL);
  for (const text of ["b", "fire", "anything"])
    expect(await api.failure("POST", `${path}/activities`, { token, body: message(text) })).toBe(
      "400 ConversationEnded",
    );
  const { activities, watermark } = await read();
  expect(lines(activities)).toEqual(ALL);

  expect(await api.failure("GET", `${path}?watermark=${watermark}`, { token })).toBe("404 NotFound");
  for (const earlier of ["", "-", "1", String(Number(watermark) - 1)])
    expect([earlier, (await api.get(`${path}?watermark=${earlier}`, token)).status]).toEqual([earlier, 200]);
  await using reloaded = openStream((await api.get(`${path}?watermark=`, token)).body.streamUrl);
  await reloaded.hears(ALL);
  expect((await api.post("/tokens/refresh", token)).status).toBe(200);
  expect(lines((await read()).activities)).toEqual(ALL);
}

/** The real client: from the start to the end, then its stream is closed, it asks once more, and is at rest. */
export async function clientStops({ browser }: World): Promise<void> {
  await using channel = await openChannel({ lingerMs: LINGER_MS });
  const { token, conversationId } = await channel.issue();
  await using client = await openDirectLineJs(browser, channel.url, { token });
  await client.hears([QUESTION]);
  expect(await client.say("b")).toMatch(/\|\d+$/);
  await client.hears(ALL);
  await eventually(async () => expect(await client.errors()).toEqual(["conversation ended"]));
  await new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
  const path = `/conversations/${conversationId}`;
  expect(client.requests).toEqual([
    "POST /conversations 201",
    `POST ${path}/activities 200`,
    `GET ${path}?watermark=${String(ALL.length)} 404`,
  ]);
  expect(await client.sockets()).toHaveLength(1);
  expect(await client.closings()).toEqual([1000]);
  expect((await client.statuses()).at(-1)).toBe(STATUS.online);
}

/** Streams hear all of it, stay for a while, and are closed as done; so is one that is opened after the end. */
export async function streamsClose(): Promise<void> {
  await using channel = await openChannel({ lingerMs: LINGER_MS });
  const { token, path, streamUrl } = await channel.begin();
  await using one = openStream(streamUrl);
  await using other = openStream(streamUrl);
  for (const stream of [one, other]) await stream.hears([QUESTION]);
  const endedAt = performance.now();
  await channel.api.post(`${path}/activities`, token, message("b"));
  for (const stream of [one, other]) await stream.hears(ALL);
  expect(await Promise.all([one.ended, other.ended])).toEqual([1000, 1000]);
  // Timers of Node may ring a moment early.
  expect(performance.now() - endedAt).toBeGreaterThan(LINGER_MS - 50);
  await using late = openStream((await channel.api.get(`${path}?watermark=`, token)).body.streamUrl);
  await late.hears(ALL);
  expect(await late.ended).toBe(1000);
}

/** A conversation that holds many sessions goes on after each, and so do its streams. */
export async function streamsOutliveSessions(): Promise<void> {
  await using channel = await openChannel({ lingerMs: 50 });
  const { streamUrl, say } = await channel.beginWithoutPod();
  await using stream = openStream(streamUrl);
  const session = [`user: start ${LINK}`, ...ALL];
  for (const text of [`start ${LINK}`, "b"]) await say(text);
  await stream.hears([SCAN_THE_CARD, ...session]);
  await new Promise((resolve) => setTimeout(resolve, LINGER_MS));
  for (const text of [`start ${LINK}`, "b"]) await say(text);
  await stream.hears([SCAN_THE_CARD, ...session, ...session]);
}
