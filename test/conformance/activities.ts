import { expect } from "vitest";
import { claimsOf, lines } from "../support/direct-line-api.ts";
import { openChannel } from "./channel.ts";
import { message, NOT_UNDERSTOOD, QUESTION, type World } from "./world.ts";

/** What a guest sends comes back before the reply: as it was sent, but for who sent it, and with an id and a time. */
export async function echo({ api, begin, openClient }: World): Promise<void> {
  const { token, conversationId, streamUrl, path, read } = await begin();
  await using client = await openClient({ token, conversationId, streamUrl });
  const channelData = { clientActivityID: "0.tap:1", "webchat:x": [1, { deep: "ä" }], empty: {}, nothing: null };
  const claims = { id: "mine", timestamp: "2000-01-01T00:00:00.000Z", replyToId: "x", locale: "?", membersAdded: [] };
  const from = { id: "dl_somebody-else", name: "Mallory", role: "bot" };
  const sent = message("one", { channelData, from, recipient: from, ...claims });
  const { status, body } = await api.post(`${path}/activities`, token, sent);
  expect([status, Object.keys(body)]).toEqual([200, ["id"]]);

  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD]);
  const [, echoed, reply] = await client.heard();
  const { user } = claimsOf(token);
  expect(echoed).toMatchObject({ id: body.id, type: "message", text: "one", from: { id: user, role: "user" } });
  expect(echoed).toMatchObject({ channelId: "directline", conversation: { id: conversationId } });
  expect(echoed?.channelData).toEqual(channelData);
  expect(echoed).toMatchObject({ locale: "en", recipient: { role: "bot" } });
  expect(Object.keys(echoed ?? {}).filter((name) => ["replyToId", "membersAdded"].includes(name))).toEqual([]);
  expect(new Date(echoed?.timestamp ?? "").toISOString()).toBe(echoed?.timestamp);
  expect(reply?.replyToId).toBe(body.id);
  expect((await read()).activities).toEqual(await client.heard());
}

const MAX_TEXT = 2_000;
const MAX_DEPTH = 32;
const MAX_ACTIVITIES = 500;

const nested = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

/** As much as is taken. */
export async function largestActivity({ api, begin }: World): Promise<void> {
  const { token, path, read } = await begin();
  const value = JSON.parse(nested(MAX_DEPTH - 1)) as object;
  const text = "x".repeat(MAX_TEXT);
  expect((await api.post(`${path}/activities`, token, message(text, { value }))).status).toBe(200);
  expect((await read()).activities[1]).toMatchObject({ text, value });
}

/** Refused with a reason, and neither stored nor heard by the bot. */
export async function refusedActivities({ api, begin }: World): Promise<void> {
  const { token, path, read } = await begin();
  const refused: [body: unknown, failure: string][] = [
    ["{", "400 BadArgument"],
    ["", "400 BadArgument"],
    ["null", "400 BadArgument"],
    ["[]", "400 BadArgument"],
    ['"b"', "400 BadArgument"],
    ["{}", "400 BadArgument"],
    [{ text: "b" }, "400 BadArgument"],
    [{ type: 1, text: "b" }, "400 BadArgument"],
    [message("b", { text: 1 }), "400 BadArgument"],
    [message("b", { type: "trace" }), "400 BadArgument"],
    [message("b", { type: "conversationUpdate", membersAdded: [{ id: "me" }] }), "400 BadArgument"],
    [message("b".repeat(MAX_TEXT + 1)), "400 BadArgument"],
    [`{"type":"message","text":"b","value":${nested(MAX_DEPTH)}}`, "400 BadArgument"],
    [`{"type":"message","text":"b","channelData":${"[".repeat(5_000)}${"]".repeat(5_000)}}`, "400 BadArgument"],
    [message("b", { channelData: { much: "x".repeat(4_000) } }), "400 BadArgument"],
    [message("b".repeat(1_000_000)), "413 BadArgument"],
    [message("b", { value: "x".repeat(70_000) }), "413 BadArgument"],
  ];
  for (const [body, failure] of refused) {
    const seen = await api.failure("POST", `${path}/activities`, { token, body });
    expect([JSON.stringify(body).slice(0, 80), seen]).toEqual([JSON.stringify(body).slice(0, 80), failure]);
  }
  expect(lines((await read()).activities)).toEqual([QUESTION]);
}

/** Who goes on and on is refused, and can still read all of it. */
export async function longestConversation(): Promise<void> {
  await using channel = await openChannel({});
  const { token, path, conversationId } = await channel.begin();
  const post = () => channel.api.failure("POST", `${path}/activities`, { token, body: message("b") });
  const replies = Array.from({ length: MAX_ACTIVITIES - 1 }, () => ({ type: "message", text: "line" }));
  await channel.store.commitTurn({ conversation: conversationId, replies, at: Date.now() });
  expect(await post()).toBe("400 ConversationFull");
  expect((await channel.api.get(`${path}/activities`, token)).body.activities).toHaveLength(MAX_ACTIVITIES);
  expect(channel.store.sessions.find(conversationId)?.state).toBe("asked");
}

/** Packed bodies could unpack without end. */
export async function packedActivity({ api, begin }: World): Promise<void> {
  const { token, path, read } = await begin();
  for (const encoding of ["gzip", "deflate", "br", "x-unknown"]) {
    const question = { token, body: message("b"), headers: { "content-encoding": encoding } };
    expect(await api.failure("POST", `${path}/activities`, question)).toMatch(/^415 /);
  }
  expect(lines((await read()).activities)).toEqual([QUESTION]);
}

/** Clients may send these; the bot has no use for them. */
export async function ignoredActivities({ api, begin }: World): Promise<void> {
  const { token, path, read, say } = await begin();
  for (const body of [
    { type: "typing" },
    { type: "event", name: "webchat/join", value: { language: "en" } },
    { type: "invoke", name: "x", value: {} },
    { type: "endOfConversation" },
    { type: "messageReaction", reactionsAdded: [{ type: "like" }] },
    { type: "made-up", text: "b" },
  ]) {
    const answer = await api.post(`${path}/activities`, token, { from: { id: "me" }, ...body });
    expect([body, answer.status, answer.body]).toEqual([body, 200, { id: expect.any(String) as string }]);
  }
  await say("one");
  const { activities } = await read();
  expect(lines(activities.filter(({ from }) => from.role === "bot"))).toEqual([QUESTION, NOT_UNDERSTOOD]);
  expect(lines(activities).at(-2)).toBe("user: one");
}

/** A guest who types is there: the session is not closed for silence. */
export async function typingKeepsAwake(): Promise<void> {
  await using channel = await openChannel({});
  const { token, path, conversationId } = await channel.begin();
  const dueAt = () => channel.store.sessions.find(conversationId)?.dueAt ?? 0;
  const send = async (type: string) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    await channel.api.post(`${path}/activities`, token, { type, from: { id: "me" } });
  };
  const atFirst = dueAt();
  await send("event");
  expect(dueAt()).toBe(atFirst);
  await send("typing");
  expect(dueAt()).toBeGreaterThan(atFirst);
}

/** Who joins is told by the bot's side alone: from a client it would be a second greeting. */
export async function joiningTwice({ api, begin }: World): Promise<void> {
  const { token, path, read } = await begin();
  const { user } = claimsOf(token);
  for (const id of [user, "me", "somebody"]) {
    const joined = { type: "conversationUpdate", from: { id }, membersAdded: [{ id }] };
    expect(await api.failure("POST", `${path}/activities`, { token, body: joined })).toBe("400 BadArgument");
  }
  expect(lines((await read()).activities)).toEqual([QUESTION]);
}

/** Sent again under the same mark, at once or later, it is the same activity. */
export async function sameActivityTwice({ api, begin }: World): Promise<void> {
  const { token, path, read } = await begin();
  const send = (clientActivityID: string) =>
    api.post(`${path}/activities`, token, message("one", { channelData: { clientActivityID } }));
  const answers = await Promise.all([send("1-a"), send("1-a"), send("1-a")]);
  answers.push(await send("1-a"));
  expect(new Set(answers.map(({ status, body }) => `${String(status)} ${body.id}`)).size).toBe(1);
  expect(lines((await read()).activities)).toEqual([QUESTION, "user: one", NOT_UNDERSTOOD]);
  const other = await send("1-b");
  expect(other.body.id).not.toBe(answers[0].body.id);
  expect((await read()).activities).toHaveLength(5);
}

/** Also when the first one ended the conversation, and its answer was lost. */
export async function sameAnswerTwice({ api, begin }: World): Promise<void> {
  const { token, path, read } = await begin();
  const tap = message("b", { channelData: { clientActivityID: "tap" } });
  const first = await api.post(`${path}/activities`, token, tap);
  const again = await api.post(`${path}/activities`, token, tap);
  expect([again.status, again.body]).toEqual([200, first.body]);
  expect((await read()).activities).toHaveLength(4);
}
