import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import type { TranscriptActivity } from "../../bot/transcript.ts";
import type { Delivery } from "../../device-db/contract.ts";
import { activityOf } from "../support/channel-service.ts";
import { beginChat, call, post } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { directLineAt } from "../support/direct-line-api.ts";
import { eventually } from "../support/eventually.ts";
import { type Home, openHome } from "../support/home.ts";
import { askOperator } from "../support/kit.ts";

const QUESTION = "Which scent would you like? a) fire, b) wood, c) water, d) air";

let home: Home;
let kit: Awaited<ReturnType<Home["startKit"]>>["ready"];
beforeAll(async () => {
  home = await openHome();
  kit = (await home.startKit()).ready;
  return () => home[Symbol.asyncDispose]();
});

/** A guest who says these things, the last of them an answer. */
async function takeSession(...texts: string[]) {
  const guest = await beginChat(kit.launchUrl);
  for (const text of texts) expect(await guest.say(text)).toMatchObject({ status: 200 });
  return guest;
}

/** A conversation of the Emulator's kind: without a pod until the guest sends the link of a card. */
async function takeSessionByLink(link: string): Promise<void> {
  const directLine = directLineAt(kit.bot);
  const { token, conversationId } = (await directLine.post("/conversations", (await home.secrets()).directLineSecret))
    .body;
  for (const text of ["hello", `start ${link}`, "x", "d", "and now?"])
    await directLine.post(`/conversations/${conversationId}/activities`, token, { type: "message", text });
}

/** The session that ended in this scent, the only one of the tests. */
async function sessionOf(scent: string): Promise<string> {
  return eventually(async () => {
    const { data } = (await (await fetch(`${kit.deviceDb}/api/deliveries`)).json()) as { data: Delivery[] };
    const found = data.find((delivery) => delivery.scent === scent);
    expect(found?.sessionId).toBeTypeOf("string");
    return found?.sessionId ?? "";
  });
}

async function exported(sessionId: string, file = "session.transcript"): Promise<TranscriptActivity[]> {
  const { code, stdout, stderr } = await home.run(["transcript", sessionId, "--json", "--out", file]);
  expect([code, stderr]).toEqual([0, ""]);
  const activities = JSON.parse(await readFile(join(home.path, file), "utf8")) as TranscriptActivity[];
  expect(JSON.parse(stdout)).toEqual({ sessionId, activities: activities.length, file });
  return activities;
}

async function replayed(content: unknown) {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  await writeFile(join(home.path, "replayed.transcript"), text);
  const { code, stdout, stderr } = await home.run(["transcript", "--replay", "replayed.transcript", "--json"]);
  expect(stderr).toBe("");
  return { code, outcome: JSON.parse(stdout) as unknown };
}

const lines = (activities: TranscriptActivity[]) =>
  activities.map(({ from, type, ...more }) => `${from.role}: ${(more["text"] as string | undefined) ?? type}`);

test("a session is exported as the Emulator opens it, without anything secret, and replays", async () => {
  const guest = await takeSession("banana", "b");
  const activities = await exported(guest.id);
  expect(lines(activities)).toEqual([
    `bot: ${QUESTION}`,
    "user: banana",
    `bot: Sorry, I did not understand that. ${QUESTION}`,
    "user: b",
    "bot: Thank you. I am asking your AromaPod for wood.",
    "bot: endOfConversation",
  ]);
  for (const { from, recipient, ...activity } of activities) {
    expect([from, recipient].map(({ role }) => role).sort()).toEqual(["bot", "user"]);
    expect([from.id, recipient.id]).toEqual(expect.arrayContaining([`pod-${SERIAL}`]));
    expect(activity).toMatchObject({
      id: expect.stringMatching(/./) as string,
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as string,
      channelId: "directline",
      conversation: { id: guest.id },
    });
  }
  const bytes = await readFile(join(home.path, "session.transcript"));
  expect(bytes.subarray(0, 1).toString()).toBe("[");
  const { operatorKey, tokenKey, qrKey, directLineSecret } = await home.secrets();
  const link = kit.launchUrl.slice(-22);
  for (const secret of [
    guest.token,
    guest.cookie.split("=")[1] ?? "",
    operatorKey,
    tokenKey,
    qrKey,
    directLineSecret,
    link,
  ])
    expect(bytes.includes(secret)).toBe(false);
  expect(await replayed(activities)).toEqual({ code: 0, outcome: { ok: true, checked: 4 } });
  expect(await replayed({ transcript: activities })).toMatchObject({ code: 0 });
});

test("it goes to standard output, as one line for programs", async () => {
  const { id } = await takeSession("a");
  const shown = await home.run(["transcript", id]);
  const data = await home.run(["transcript", id, "--json"]);
  expect([shown.code, shown.stderr, data.code, data.stderr]).toEqual([0, "", 0, ""]);
  expect(JSON.parse(shown.stdout)).toEqual(JSON.parse(data.stdout));
  expect([shown.stdout.split("\n").length > 10, data.stdout.split("\n").length]).toEqual([true, 2]);
});

test("the guest's language and taps are replayed too", async () => {
  const { conversationId: id, token } = (
    await call<Record<string, string>>(`${kit.launchUrl}/token`, { method: "POST" })
  ).body;
  const directLine = directLineAt(kit.bot);
  await directLine.post("/conversations", token, { locale: "ja" });
  await directLine.post(`/conversations/${id ?? ""}/activities`, token, { type: "message", text: "?", locale: "de" });
  const tap = { type: "message", text: "Feuer", value: { choice: "fire" }, locale: "de-AT" };
  await directLine.post(`/conversations/${id ?? ""}/activities`, token, tap);
  const activities = await exported(id ?? "");
  expect(activities.map(({ locale }) => locale)).toEqual(["ja", "de", "de", "de-AT", "de-AT", "de-AT"]);
  expect(await replayed(activities)).toEqual({ code: 0, outcome: { ok: true, checked: 4 } });
});

test("a conversation that holds sessions gives each its own part, without the link that began it", async () => {
  await takeSessionByLink(new URL(kit.launchUrl).pathname.slice("/r/".length));
  const activities = await exported(await sessionOf("air"));
  expect(lines(activities)).toEqual([
    "user: start …",
    `bot: ${QUESTION}`,
    "user: x",
    `bot: Sorry, I did not understand that. ${QUESTION}`,
    "user: d",
    "bot: Thank you. I am asking your AromaPod for air.",
    "bot: endOfConversation",
  ]);
  expect(await replayed(activities)).toEqual({ code: 0, outcome: { ok: true, checked: 4 } });
});

test("people see what was expected and what was seen, one above the other", async () => {
  const { id } = await takeSession("b");
  const shown = async (content: string) => {
    await writeFile(join(home.path, "shown.transcript"), content);
    return home.run(["transcript", "--replay", "shown.transcript"]);
  };
  const text = JSON.stringify(await exported(id));
  expect(await shown(text)).toEqual({ code: 0, stdout: "The bot says the same in all 3 activities.\n", stderr: "" });
  expect(await shown(text.replace("Thank you.", "Thanks."))).toEqual({
    code: 1,
    stdout: `The bot differs in its activity 2, after the guest's "b":
  expected  message  "Thanks. I am asking your AromaPod for wood."
  seen      message  "Thank you. I am asking your AromaPod for wood."
`,
    stderr: "",
  });
});

test("what cannot be exported is told in a sentence, and only to operators", async () => {
  expect(await home.run(["transcript", "nobody"])).toEqual({
    code: 1,
    stdout: "",
    stderr: "No session has this id.\n",
  });
  const say = (text: string) => fetch(`${kit.bot}/api/messages`, post(activityOf("chat", text)));
  expect((await say(`start ${new URL(kit.launchUrl).pathname.slice("/r/".length)}`)).status).toBe(200);
  expect((await say("c")).status).toBe(200);
  expect(await home.run(["transcript", await sessionOf("water")])).toEqual({
    code: 1,
    stdout: "",
    stderr: 'This session was on the channel "emulator", which keeps its own history.\n',
  });
  const { id } = await takeSession("b");
  const unwritten = await home.run(["transcript", id, "--out", "missing/a.transcript"]);
  expect(unwritten).toMatchObject({ code: 3, stdout: "" });
  expect(unwritten.stderr).toMatch(/^Cannot write "missing\/a\.transcript": [^\n]*\.\n$/);
  const url = `${kit.bot}/api/sessions/${id}/transcript`;
  expect((await askOperator(url, await home.secrets())).status).toBe(200);
  expect((await askOperator(url, { operatorKey: "guess" })).status).toBe(401);
});

test("what cannot be replayed is told in a sentence", async () => {
  const cases: [name: string, content: string | Buffer, sentence: RegExp][] = [
    ["utf16", Buffer.from("\ufeff[]", "utf16le"), /\. It is UTF-16, [^\n]*\.\n$/],
    ["silent", '[{"type":"message","from":{"role":"user"},"text":"b"}]', /\. The bot says nothing in it\.\n$/],
    ["large", Buffer.alloc(9_000_000, " "), /\. It is larger than \d+ bytes\.\n$/],
    ["text", "user: hello", /\. It is no JSON\.\n$/],
  ];
  for (const [name, content, sentence] of cases) {
    await writeFile(join(home.path, name), content);
    const { code, stdout, stderr } = await home.run(["transcript", "--replay", name]);
    expect([name, code, stdout]).toEqual([name, 3, ""]);
    expect(stderr).toMatch(sentence);
    expect(stderr).toMatch(new RegExp(`^Cannot replay "${name}"\\. [^\n]*\n$`));
  }
  expect(await home.run(["transcript", "--replay", "missing"])).toMatchObject({ code: 3, stdout: "" });
});

test("a command line that makes no sense is wrong usage", async () => {
  for (const args of [
    [],
    ["x", "--replay", "y"],
    ["--replay", "y", "--out", "z.transcript"],
    ["x", "--out", "z.json"],
  ]) {
    const { code, stdout, stderr } = await home.run(["transcript", ...args]);
    expect([args, code, stdout]).toEqual([args, 2, ""]);
    expect(stderr).toMatch(/^error: [^\n]+\n$/);
  }
});
