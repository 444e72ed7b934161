import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { activityOf } from "../support/channel-service.ts";
import { beginChat, post } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { erpOf, type Kit, openKit } from "../support/kit.ts";

type Said = { type: string; text?: string; suggestedActions?: { actions: { title: string }[] } };

let kit: Kit;
beforeAll(async () => {
  kit = await openKit("safe");
});
afterAll(() => kit[Symbol.asyncDispose]());

const link = () => new URL(kit.launchUrl).pathname.split("/")[2] ?? "";
const usages = () => listUsages(erpOf(kit));

/** How many sessions the bot has, by their state. */
async function sessions(): Promise<string[]> {
  const metrics = await (await fetch(`${kit.urls.bot}/metrics`)).text();
  return metrics.split("\n").filter((line) => line.startsWith("bot_sessions{"));
}

const send = (body: unknown, headers: Record<string, string> = {}) =>
  fetch(`${kit.urls.bot}/api/messages`, post(body, headers));

async function say(conversation: string, text: string): Promise<Said[]> {
  const answer = await send(activityOf(conversation, text));
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { activities: Said[] }).activities;
}

test("a first message that carries the card's link starts a session, and its answer becomes one usage", async () => {
  const before = (await usages()).length;
  const [question] = await say("one", `start ${link()}`);
  expect(question?.text).toBe("Which scent would you like? a) fire, b) wood, c) water, d) air");
  expect(question?.suggestedActions?.actions.map(({ title }) => title)).toEqual([
    "a) Fire",
    "b) Wood",
    "c) Water",
    "d) Air",
  ]);

  const [again] = await say("one", "banana");
  expect(again?.text).toMatch(/^Sorry, I did not understand that\./);

  const farewell = await say("one", "b)");
  expect(farewell.map(({ type }) => type)).toEqual(["message", "endOfConversation"]);
  await eventually(async () => {
    expect((await usages()).length).toBe(before + 1);
  });
  expect((await usages())[0]?.request).toBe(`GET /device/switch?serial=${SERIAL}&submit=&status=checkin&scent=wood`);
});

test("one conversation holds many sessions, one after the other", async () => {
  const before = (await usages()).length;
  for (const scent of ["fire", "water"]) {
    await say("two", `start ${link()}`);
    await say("two", scent);
    const [late] = await say("two", "air");
    expect(late?.text).toMatch(/^You have chosen already\./);
  }
  await eventually(async () => {
    expect((await usages()).length).toBe(before + 2);
  });
  expect((await usages()).slice(0, 2).map(({ scent }) => scent)).toEqual(["water", "fire"]);
});

test("ten answers at the same instant are one usage here too", async () => {
  const before = (await usages()).length;
  await say("three", `start ${link()}`);
  const answers = await Promise.all(Array.from({ length: 10 }, () => say("three", "d")));
  expect(answers.flat().filter(({ type }) => type === "endOfConversation").length).toBe(1);
  // A pod's events keep their order: behind one more session nothing of the ten is still to come.
  await say("three", `start ${link()}`);
  await say("three", "a");
  await eventually(async () => expect((await usages())[0]?.scent).toBe("fire"));
  const after = await usages();
  expect(after.slice(0, after.length - before).map(({ scent }) => scent)).toEqual(["fire", "air"]);
});

test.each(["hello", "b", "start nonsense", "start HKAP0100000001-1-AAAAAAAAAAAAAAAAAAAAAA"])(
  "without a good link, %j is answered by asking for the card, and begins nothing",
  async (text) => {
    const before = await sessions();
    const [reply] = await say(`none ${text}`, text);
    expect(reply?.text).toMatch(/^Please scan the card/);
    expect(await sessions()).toEqual(before);
  },
);

test("what claims to be the bundled Direct Line reaches none of its guests", async () => {
  const guest = await beginChat(kit.launchUrl);
  const before = await usages();
  const [question] = (await guest.read()).activities as unknown as { recipient: { id: string } }[];
  const claim = (text: string, more: object = {}) =>
    send(activityOf(guest.id, text, { channelId: "directline", from: question?.recipient, ...more }));
  for (const text of ["wood", "b", "start nonsense"]) {
    const { activities } = (await (await claim(text)).json()) as { activities: Said[] };
    expect(activities.map((said) => said.text)).toEqual([expect.stringMatching(/^Please scan the card/)]);
  }
  await claim("", { type: "endOfConversation" });
  const said = (await guest.read()).activities.length;
  expect((await guest.say("fire")).status).toBe(200);
  await eventually(async () => expect((await usages()).length).toBe(before.length + 1));
  expect((await usages())[0]?.scent).toBe("fire");
  expect(said).toBe(1);
});

test("without an app id nobody may speak through a proxy", async () => {
  expect((await send(activityOf("six", "hello"), { "x-forwarded-for": "10.0.0.9" })).status).toBe(403);
  expect((await send(activityOf("six", "hello"), { forwarded: "for=10.0.0.9" })).status).toBe(403);
});

test.each([
  ["nothing", undefined],
  ["no activity", { hello: 1 }],
  ["an activity without a conversation", { ...activityOf("x", "hi"), conversation: undefined }],
  ["a list", []],
])("%s is a bad request with a sentence", async (_, body) => {
  const answer = await send(body);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    detail: `Send an activity with "type", "channelId", "conversation" and "from".`,
  });
});

test("a compressed body is refused before anybody unpacks it, and the bot goes on", async () => {
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { "content-encoding": "gzip", "content-type": "application/json" };
    const sent = request(`${kit.urls.bot}/api/messages`, { method: "POST", headers }, (res) => {
      res.resume();
      resolve(res.statusCode);
    });
    sent.on("error", reject);
    sent.end("this is not gzip");
  });
  expect(status).toBe(415);
  expect((await fetch(`${kit.urls.bot}/livez`)).status).toBe(200);
});
