import { expect } from "vitest";
import { claimsOf, lines } from "../support/direct-line-api.ts";
import type { Heard } from "../support/direct-line-js.ts";
import { END, NOT_UNDERSTOOD, QUESTION, THANKS, type World } from "./world.ts";

type Asked = Heard & {
  suggestedActions?: { to?: string[]; actions: { type: string; text: string; value: unknown }[] };
};

/** What Web Chat 4.18 sends for the words that somebody types, the first time. */
function fromWebChat(text: string, clientActivityID: string) {
  return {
    attachments: [],
    channelData: { attachmentSizes: [], clientActivityID, "webchat:sequence-id": 0 },
    channelId: "webchat",
    entities: [{ requiresBotState: true, supportsListening: true, supportsTts: true, type: "ClientCapabilities" }],
    from: { id: "r_1a2b3c4d5e", name: "", role: "user" },
    locale: "en-US",
    localTimestamp: "2026-03-01T20:00:00.000+08:00",
    localTimezone: "Asia/Hong_Kong",
    text,
    textFormat: "plain",
    timestamp: "2026-03-01T12:00:00.000Z",
    type: "message",
  };
}

/** Web Chat shows a message as sent when it comes back with its mark and an id, before the reply. */
export async function webChatEcho({ begin, openClient }: World): Promise<void> {
  const { token, conversationId } = await begin();
  await using client = await openClient({ token, conversationId });
  await client.hears([QUESTION]);
  expect(await client.post({ type: "event", name: "webchat/join", value: { language: "en-US" } })).toMatch(/\|/);
  const id = await client.post(fromWebChat("one", "first"));
  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD]);
  const [, echoed] = await client.heard();
  expect(echoed).toMatchObject({
    id,
    channelId: "directline",
    channelData: fromWebChat("one", "first").channelData,
    from: { id: claimsOf(token).user, role: "user" },
  });
  expect(await client.post(fromWebChat("b", "second"))).toMatch(/\|/);
  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD, "user: b", THANKS, END]);
}

/** It holds back what replies to something that it has not seen, and puts all in the order of its times. */
export async function webChatOrder({ begin }: World): Promise<void> {
  const { say, read } = await begin();
  await say("one");
  await say("b");
  const { activities } = await read();
  const ids = activities.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  const times = activities.map(({ timestamp }) => timestamp);
  for (const time of times) expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  expect(times.toSorted()).toEqual(times);
  activities.forEach(({ replyToId }, at) => {
    if (replyToId !== undefined) expect(ids.slice(0, at)).toContain(replyToId);
  });
  expect(activities.filter(({ replyToId }) => replyToId !== undefined)).toHaveLength(3);
}

/** Buttons are shown for the last message of the bot only, and to whom they are addressed. */
export async function webChatButtons({ begin, api }: World): Promise<void> {
  const { token, path, say, read } = await begin();
  const { user } = claimsOf(token);
  for (const text of ["one", "two"]) {
    const last = (await read()).activities.at(-1) as Asked;
    expect(last.from.role).toBe("bot");
    expect(last.suggestedActions?.to).toContain(user);
    expect(last.suggestedActions?.actions.map(({ type, value }) => [type, value])).toEqual(
      ["fire", "wood", "water", "air"].map((choice) => ["messageBack", { choice }]),
    );
    await say(text);
  }
  const [, wood] = ((await read()).activities.at(-1) as Asked).suggestedActions?.actions ?? [];
  const tap = { ...fromWebChat(String(wood?.text), "tap"), value: wood?.value };
  await api.post(`${path}/activities`, token, tap);
  const { activities } = await read();
  expect(lines(activities).slice(-3)).toEqual(["user: wood", THANKS, END]);
}
