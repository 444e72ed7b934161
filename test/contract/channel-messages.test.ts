import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { post } from "../support/chat-guest.ts";
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

/** What a channel posts; with `expectReplies` the bot answers in the same response. */
function activityOf(conversation: string, text: string, more: object = {}) {
  return {
    type: "message",
    id: crypto.randomUUID(),
    channelId: "emulator",
    serviceUrl: "http://127.0.0.1:9/",
    conversation: { id: conversation },
    from: { id: "guest", name: "Guest" },
    recipient: { id: "bot", name: "Bot" },
    deliveryMode: "expectReplies",
    locale: "en",
    text,
    ...more,
  };
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

test("replies of the ordinary kind go to the channel's service", async () => {
  const paths: string[] = [];
  const channel = createServer((req, res) => {
    paths.push(`${req.method ?? ""} ${req.url ?? ""}`);
    req.resume();
    res.setHeader("content-type", "application/json");
    res.end(`{"id":"1"}`);
  });
  await new Promise<void>((resolve) => channel.listen(0, "127.0.0.1", resolve));
  const serviceUrl = `http://127.0.0.1:${String((channel.address() as AddressInfo).port)}/`;
  const answer = await send(activityOf("four", "hello", { serviceUrl, deliveryMode: "normal", id: "a1" }));
  expect(answer.status).toBe(200);
  expect(paths).toEqual(["POST /v3/conversations/four/activities/a1"]);
  channel.closeAllConnections();
  channel.close();
});

test.each([
  ["a service on another machine", { serviceUrl: "https://attacker.example/" }],
  ["a service that only begins like this machine", { serviceUrl: "http://127.0.0.1.attacker.example/" }],
  ["no service at all", { serviceUrl: undefined }],
])("without an app id, %s is refused, as the bot would post its replies there", async (_, more) => {
  const answer = await send(activityOf("five", "hello", more));
  expect(answer.status).toBe(403);
  expect(await answer.json()).toMatchObject({ status: 403, title: "Not allowed" });
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
