import { expect, test } from "vitest";
import { activityOf } from "../support/channel-service.ts";
import { LINK, openChannelSystem } from "../support/channel-system.ts";
import { manualClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";

type System = Awaited<ReturnType<typeof openChannelSystem>>;
type Said = { type: string; text?: string; suggestedActions?: { actions: { title: string }[] } };

const GUEST = { id: "guest", name: "Guest" };
const BOT = { id: "bot", name: "Bot" };
const CARD = expect.stringMatching(/^Please scan the card/) as string;
const QUESTION = expect.stringMatching(/^Which scent/) as string;
const CHOSEN = expect.stringMatching(/^You have chosen already/) as string;

async function ask(system: System, body: object): Promise<Said[]> {
  const answer = await system.send(body);
  expect(answer.status).toBe(200);
  return ((await answer.json()) as { activities: Said[] }).activities;
}

async function texts(system: System, text: string, more: object = {}): Promise<(string | undefined)[]> {
  return (await ask(system, activityOf("c", text, more))).map((said) => said.text ?? said.type);
}

const joins = (membersAdded: unknown, more: object = {}) =>
  activityOf("c", "", { type: "conversationUpdate", text: undefined, membersAdded, ...more });

test.for<[how: string, updates: object[]]>([
  ["bot and guest at once", [joins([BOT, GUEST])]],
  ["the guest first", [joins([GUEST, BOT])]],
  ["the bot, then the guest", [joins([BOT]), joins([GUEST])]],
  ["the guest, then the bot", [joins([GUEST]), joins([BOT])]],
])("who comes without a card is asked once to scan it: %s", async ([, updates]) => {
  await using system = await openChannelSystem();
  const said: Said[] = [];
  for (const update of updates) said.push(...(await ask(system, update)));
  expect(said.map(({ text }) => text)).toEqual([CARD]);
});

test("who comes back to a question that stands is not asked again", async () => {
  await using system = await openChannelSystem();
  expect(await texts(system, `start ${LINK}`)).toEqual([QUESTION]);
  expect(await ask(system, joins([BOT, GUEST]))).toEqual([]);
  expect(await texts(system, "b")).toEqual([expect.stringMatching(/^Thank you/), "endOfConversation"]);
  expect(await ask(system, joins([BOT, GUEST]))).toEqual([]);
});

test("a new start puts an end to a session that was not answered", async () => {
  await using system = await openChannelSystem();
  for (let starts = 0; starts < 2; starts++) expect(await texts(system, `start ${LINK}`)).toEqual([QUESTION]);
  expect(system.changes).toEqual(["asked", "abandoned", "asked"]);
  expect(system.store.sessions.countByState()).toEqual([
    { state: "abandoned", number: 1 },
    { state: "asked", number: 1 },
  ]);
});

test("in a group another guest's answer changes nothing", async () => {
  await using system = await openChannelSystem();
  await texts(system, `start ${LINK}`);
  expect(await texts(system, "b", { from: { id: "neighbour" } })).toEqual([CARD]);
  expect(system.store.sessions.latest("emulator", "c")?.state).toBe("asked");
  expect(await texts(system, "a")).toEqual([expect.stringMatching(/fire/), "endOfConversation"]);
});

test("the same words in another conversation or on another channel are another guest's", async () => {
  await using system = await openChannelSystem();
  await texts(system, `start ${LINK}`);
  expect(await texts(system, "b", { conversation: { id: "d" } })).toEqual([CARD]);
  expect(await texts(system, "b", { channelId: "telegram" })).toEqual([CARD]);
  expect(system.store.sessions.latest("emulator", "c")?.state).toBe("asked");
});

test("a message that a channel delivers twice is answered kindly and counts once", async () => {
  await using system = await openChannelSystem();
  await texts(system, `start ${LINK}`);
  const message = activityOf("c", "b");
  await ask(system, message);
  expect((await ask(system, message)).map(({ text }) => text)).toEqual([CHOSEN]);
  expect(system.store.sessions.openCommands().length).toBe(1);
});

test("cards scanned at the same instant leave one open session", async () => {
  await using system = await openChannelSystem();
  const said = (await Promise.all([1, 2, 3].map(() => texts(system, `start ${LINK}`)))).flat();
  expect(said).toEqual([QUESTION, QUESTION, QUESTION]);
  expect(system.changes).toEqual(["asked", "abandoned", "asked", "abandoned", "asked"]);
  expect(system.store.sessions.countByState()).toEqual([
    { state: "abandoned", number: 2 },
    { state: "asked", number: 1 },
  ]);
});

test("a session that nobody answers closes without a word, and who comes late is asked kindly to scan again", async () => {
  const clock = manualClock();
  await using system = await openChannelSystem({ clock });
  await texts(system, `start ${LINK}`);
  system.sweep();
  await eventually(() => {
    clock.advance(60_000);
    expect(system.store.sessions.latest("emulator", "c")?.state).toBe("abandoned");
  });
  expect(system.changes).toEqual(["asked", "warned", "abandoned"]);
  expect(await texts(system, "b")).toEqual([expect.stringMatching(/scan the card again/)]);
  expect(system.store.sessions.openCommands()).toEqual([]);
  expect(await texts(system, `start ${LINK}`)).toEqual([QUESTION]);
});

test.for<[locale: unknown, question: RegExp, thanks: RegExp]>([
  ["de", /Welchen Duft/, /Holz/],
  ["de-AT", /Welchen Duft/, /Holz/],
  ["zh-TW", /香氛/, /木/],
  ["ja", /香り/, /木/],
  ["xx", /^Which scent/, /wood/],
  ["not a locale", /^Which scent/, /wood/],
  [undefined, /^Which scent/, /wood/],
  [7, /^Which scent/, /wood/],
])("a guest whose channel says locale %j is spoken to so", async ([locale, question, thanks]) => {
  await using system = await openChannelSystem();
  expect(await texts(system, `start ${LINK}`, { locale })).toEqual([expect.stringMatching(question)]);
  expect((await texts(system, "b", { locale }))[0]).toMatch(thanks);
});

test.for([
  "messageReaction",
  "typing",
  "event",
  "trace",
  "handoff",
  "command",
  "installationUpdate",
  "contactRelationUpdate",
  "endOfConversation",
  "messageUpdate",
  "constructor",
  "no such type",
])("of %s nothing follows", async (type) => {
  await using system = await openChannelSystem();
  await texts(system, `start ${LINK}`);
  expect(await ask(system, activityOf("c", "b", { type, name: "tokens/response", value: { choice: "wood" } }))).toEqual(
    [],
  );
  expect(system.store.sessions.latest("emulator", "c")?.state).toBe("asked");
});

test.for(["adaptiveCard/action", "signin/verifyState", "signin/tokenExchange", "application/search", "x", undefined])(
  "an invoke, here %s, is what this bot does not do",
  async (name) => {
    await using system = await openChannelSystem();
    const answer = await system.send(activityOf("c", "", { type: "invoke", name, value: 1, deliveryMode: "normal" }));
    expect([answer.status, await answer.json()]).toEqual([
      501,
      expect.objectContaining({ status: 501, detail: "This bot does nothing of that kind." }),
    ]);
  },
);
