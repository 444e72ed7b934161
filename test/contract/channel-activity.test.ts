import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { activityOf, openChannelService } from "../support/channel-service.ts";
import { LINK, openChannelSystem } from "../support/channel-system.ts";

let system: Awaited<ReturnType<typeof openChannelSystem>>;
beforeAll(async () => {
  system = await openChannelSystem();
});
afterAll(() => system[Symbol.asyncDispose]());

type Reply = { from: unknown; recipient: unknown; conversation: unknown; channelId: string; text: string };

async function ask(more: object) {
  const answer = await system.send({ ...activityOf("c", "hello"), ...more });
  return { status: answer.status, body: (await answer.json()) as { activities?: Reply[]; detail?: string } };
}

const NEEDED = `Send an activity with "type", "channelId", "conversation" and "from".`;

test.for<[field: string, value: unknown]>([
  ["type", undefined],
  ["type", null],
  ["type", 7],
  ["type", ""],
  ["channelId", undefined],
  ["channelId", ["emulator"]],
  ["channelId", "e".repeat(1_025)],
  ["conversation", "c"],
  ["conversation", null],
  ["conversation", {}],
  ["conversation", [{ id: "c" }]],
  ["conversation", { id: { id: "c" } }],
  ["from", undefined],
  ["from", "guest"],
  ["from", { id: "" }],
  ["from", { id: 7 }],
  ["from", { id: "g".repeat(1_025) }],
])("an activity with %s %j is a bad request with a sentence", async ([field, value]) => {
  expect(await ask({ [field]: value })).toEqual({ status: 400, body: expect.objectContaining({ detail: NEEDED }) });
});

test.for<[field: string, value: unknown]>([
  ["recipient", undefined],
  ["recipient", "bot"],
  ["recipient", { id: "bot", role: "skill", tenantId: 7 }],
  ["recipient", { id: {} }],
  ["from", { id: "guest", name: 7, role: "bot" }],
  ["conversation", { id: "c", isGroup: "yes", tenantId: {}, name: [], conversationType: 1 }],
  ["timestamp", "not a time"],
  ["timestamp", {}],
  ["localTimestamp", []],
  ["expiration", "x"],
  ["locale", { toString: 1 }],
  ["entities", "none"],
  ["attachments", [7]],
  ["attachments", { length: 1e9 }],
  ["membersAdded", 7],
  ["value", "wood"],
  ["text", { toString: null }],
  ["text", ["hello"]],
  ["channelData", { a: { b: null } }],
  ["id", 7],
  ["id", ""],
  ["replyToId", {}],
  ["deliveryMode", "expectReplies"],
  ["callerId", "urn:botframework:azure"],
  ["__proto__", { type: 7 }],
  ["relatesTo", "x"],
  ["textFormat", 7],
])("whatever is in %s, here %j, the guest is answered", async ([field, value]) => {
  const { status, body } = await ask({ [field]: value });
  expect([status, body.activities?.map(({ text }) => text)]).toEqual([
    200,
    [expect.stringMatching(/^Please scan the card/)],
  ]);
});

test.for([7, "bot", [7], [null], [{ id: 7 }], [{}], { id: "guest" }, [[{ id: "guest" }]]])(
  "nobody joins by membersAdded %j",
  async (membersAdded) => {
    expect(await ask({ type: "conversationUpdate", membersAdded })).toEqual({ status: 200, body: { activities: [] } });
  },
);

test("a value that is nested without end is no answer, and no harm", async () => {
  const nested = `${"[".repeat(30_000)}${"]".repeat(30_000)}`;
  const body = JSON.stringify(activityOf("n", "hello", { value: "" })).replace(`"value":""`, `"value":${nested}`);
  expect((await fetch(system.url, { method: "POST", body })).status).toBe(200);
});

test("a long answer is kept to what is worth keeping", async () => {
  await ask({ text: `start ${LINK}` });
  await ask({ text: "x".repeat(50_000), value: { choice: "wood" } });
  expect(system.store.sessions.latest("emulator", "c")).toMatchObject({ scent: "wood", answer: "x".repeat(2_000) });
});

test("a reply says again what the channel said of the conversation, and no more", async () => {
  const { body } = await ask({
    channelId: "msteams",
    conversation: {
      id: "19:x",
      isGroup: true,
      tenantId: "t",
      conversationType: "groupChat",
      name: "Room",
      aadObjectId: "a",
    },
    from: { id: "29:guest", name: "Guest", role: "bot", aadObjectId: "secret", properties: { a: 1 } },
    recipient: { id: "28:bot", name: "Bot", role: "skill" },
  });
  expect(body.activities?.[0]).toMatchObject({
    channelId: "msteams",
    conversation: { id: "19:x", isGroup: true, tenantId: "t", conversationType: "groupChat", name: "Room" },
    from: { id: "28:bot", name: "Bot" },
    recipient: { id: "29:guest", name: "Guest" },
  });
  expect(JSON.stringify(body)).not.toMatch(/aadObjectId|role|properties/);
});

test("no activity makes the bot fail", async () => {
  await using service = await openChannelService();
  const odd = fc.oneof(
    fc.anything({ maxDepth: 3 }),
    fc.constantFrom("", "start x", "b", "invoke", "message", null, -1),
  );
  const fields = [
    "type",
    "channelId",
    "conversation",
    "from",
    "recipient",
    "text",
    "value",
    "locale",
    "id",
    "timestamp",
  ];
  const more = fc.dictionary(fc.constantFrom(...fields, "membersAdded", "deliveryMode", "entities"), odd);
  const account = fc.record({ id: odd, name: odd, role: odd });
  const body = fc.oneof(
    more.map((some) => ({ ...activityOf("f", "b", { serviceUrl: service.url }), ...some })),
    account.map((from) => ({
      ...activityOf("f", "b", { serviceUrl: service.url }),
      from,
      recipient: from,
      membersAdded: [from, from],
    })),
    odd,
  );
  await fc.assert(
    fc.asyncProperty(body, async (sent) => {
      const { status } = await system.send(sent);
      expect([200, 400, 403, 501]).toContain(status);
    }),
    { numRuns: 500 },
  );
  expect(system.logged.filter((line) => line.includes(`"level":50`))).toEqual([]);
});
