import { expect } from "vitest";
import { openStream } from "../support/chat-stream.ts";
import { lines } from "../support/direct-line-api.ts";
import { eventually } from "../support/eventually.ts";
import { openChannel } from "./channel.ts";
import { END, message, NOT_UNDERSTOOD, QUESTION, THANKS, type World } from "./world.ts";

const FROM_THE_START = ["", "?watermark=", "?watermark=-", "?watermark=abc", "?watermark=-1", "?watermark=1.5"];
const TOO_LARGE = ["999999999", "9".repeat(15)];
const ODD = ["?watermark=1&watermark=2", "?watermark[]=1", `?watermark=${"9".repeat(5_000)}`, "?watermark=%00", "?%"];
const PAGE = 1_000;
const CALLS_AT_ONCE = 300;

/** A stream begins after the watermark that its address was asked for with. */
export async function streamFromWatermark({ api, begin }: World): Promise<void> {
  const { token, path, say, read } = await begin();
  await say("one");
  const { watermark } = await read();
  await say("two");
  const [early, late] = [
    ["user: one", NOT_UNDERSTOOD],
    ["user: two", NOT_UNDERSTOOD],
  ];
  const streamsSay = async (query: string, said: string[]) => {
    const { status, body } = await api.get(`${path}${query}`, token);
    expect([query, status]).toEqual([query, 200]);
    await using stream = openStream(body.streamUrl);
    await stream.opened;
    if (said.length === 0) await say(query);
    await stream.hears(said.length > 0 ? said : [`user: ${query}`, NOT_UNDERSTOOD]);
  };
  await streamsSay(`?watermark=${watermark}`, late);
  for (const query of FROM_THE_START) await streamsSay(query, [QUESTION, ...early, ...late]);
  for (const large of TOO_LARGE) await streamsSay(`?watermark=${large}`, []);
  for (const query of ODD) expect([query, (await api.get(path + query, token)).status]).toEqual([query, 200]);
}

/** The same when reading: only later ones, a watermark as text that never goes back, and never an error of ours. */
export async function readFromWatermark({ api, begin }: World): Promise<void> {
  const { token, path, say, read } = await begin();
  await say("one");
  const all = await read();
  expect(lines(all.activities)).toEqual([QUESTION, "user: one", NOT_UNDERSTOOD]);
  expect(all.watermark).toEqual(expect.any(String));
  expect(await read(all.watermark)).toEqual({ activities: [], watermark: all.watermark });
  for (const query of FROM_THE_START)
    expect([query, (await api.get(`${path}/activities${query}`, token)).body]).toEqual([query, all]);
  for (const large of TOO_LARGE) expect(await read(large)).toEqual({ activities: [], watermark: all.watermark });
  for (const query of ODD)
    expect([query, (await api.get(`${path}/activities${query}`, token)).status]).toEqual([query, 200]);
}

/** Reading gives what was said: a typing guest and one who joins say nothing. */
export async function onlyWhatWasSaid({ api, begin }: World): Promise<void> {
  const { token, path, say, read } = await begin();
  expect((await api.post(`${path}/activities`, token, { type: "typing", from: { id: "me" } })).status).toBe(200);
  await say("one");
  expect(lines((await read()).activities)).toEqual([QUESTION, "user: one", NOT_UNDERSTOOD]);
}

export async function pages(): Promise<void> {
  await using channel = await openChannel({});
  const { token, path, conversationId } = await channel.begin();
  const many = Array.from({ length: PAGE + 5 }, (_, at) => ({ type: "message", text: `line ${String(at)}` }));
  await channel.store.commitTurn({ conversation: conversationId, replies: many, at: Date.now() });
  const first = (await channel.api.get(`${path}/activities`, token)).body;
  expect(first.activities).toHaveLength(PAGE);
  const second = (await channel.api.get(`${path}/activities?watermark=${first.watermark}`, token)).body;
  const third = (await channel.api.get(`${path}/activities?watermark=${second.watermark}`, token)).body;
  const texts = [first, second, third].flatMap(({ activities }) => activities.map(({ text }) => text));
  expect(texts.slice(-many.length)).toEqual(many.map(({ text }) => text));
}

/** A client that polls stops for ever at the first error of ours. */
export async function readingUnderLoad({ api, begin }: World): Promise<void> {
  const { token, path } = await begin();
  const reading = Array.from({ length: CALLS_AT_ONCE }, () => api.get(`${path}/activities?watermark=`, token));
  const writing = Array.from({ length: 20 }, () => api.post(`${path}/activities`, token, message("one")));
  const answers = await Promise.all([...reading, ...writing]);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
}

/** The real client without WebSockets: question, answer, end, each thing once; and it may go on asking. */
export async function polling({ begin, openClient }: World): Promise<void> {
  const { token, conversationId, read } = await begin();
  await using client = await openClient({ token, conversationId, webSocket: false, pollingInterval: 200 });
  await client.hears([QUESTION]);
  await client.say("one");
  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD]);
  expect(await client.say("b")).toMatch(/\|\d+$/);
  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD, "user: b", THANKS, END]);
  const asked = client.requests.length;
  await eventually(() => expect(client.requests.length).toBeGreaterThan(asked + 1));
  expect(await client.heard()).toEqual((await read()).activities);
  expect(client.requests.filter((line) => !line.endsWith(" 200"))).toEqual([]);
  expect(await client.sockets()).toEqual([]);
}
