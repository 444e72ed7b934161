import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { activityOf, openChannelService } from "../support/channel-service.ts";
import { LINK, openChannelSystem } from "../support/channel-system.ts";
import { manualClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";

const FIXED = "The replies could not be brought to the channel's service.";

const normally = (serviceUrl: string, more: object = {}) => ({ serviceUrl, deliveryMode: "normal", ...more });

function end(res: ServerResponse, status: number, headers: Record<string, string> = {}): void {
  res.writeHead(status, headers);
  res.end("internal-detail");
}

function drip(res: ServerResponse, status: number): void {
  res.writeHead(status, { "content-type": "application/json" });
  const dripping = setInterval(() => res.write("internal-detail "), 5);
  res.on("close", () => clearInterval(dripping));
}

function stateOf(system: Awaited<ReturnType<typeof openChannelSystem>>, conversation: string) {
  return system.store.sessions.latest("emulator", conversation)?.state;
}

test("replies of the ordinary kind go to the channel's service, as replies to what was said", async () => {
  await using system = await openChannelSystem();
  await using service = await openChannelService();
  const answer = await system.send(activityOf("a b", "hello", normally(service.url, { id: "a1" })));
  expect([answer.status, await answer.text()]).toEqual([200, ""]);
  expect(service.brought).toEqual([
    {
      path: "/v3/conversations/a%20b/activities/a1",
      authorization: undefined,
      body: expect.objectContaining({
        type: "message",
        text: expect.stringMatching(/^Please scan the card/) as string,
        from: { id: "bot", name: "Bot" },
        recipient: { id: "guest", name: "Guest" },
      }) as { type: string },
    },
  ]);
});

test.for<[what: string, answer: (res: ServerResponse, elsewhere: string) => void]>([
  ["refuses", (res) => end(res, 403)],
  ["fails and says when to come again", (res) => end(res, 503, { "retry-after": "3600" })],
  ["limits the pace", (res) => end(res, 429, { "retry-after-ms": "3600000" })],
  ["hangs up", (res) => res.socket?.destroy()],
  ["fails at length", (res) => drip(res, 500)],
  ["redirects", (res, elsewhere) => end(res, 307, { location: elsewhere })],
  ["moved", (res, elsewhere) => end(res, 301, { location: elsewhere })],
])("a service that %s is asked once, and its caller told nothing of it", async ([, answer]) => {
  await using system = await openChannelSystem();
  await using elsewhere = await openChannelService();
  await using service = await openChannelService((res) => answer(res, elsewhere.url));
  const said = await system.send(activityOf("c", `start ${LINK}`, normally(service.url)));
  expect([said.status, await said.json()]).toEqual([502, expect.objectContaining({ status: 502, detail: FIXED })]);
  expect([service.brought.length, elsewhere.brought]).toEqual([1, []]);
  expect(system.logged.join("")).toContain("replies not delivered");
  expect(stateOf(system, "c")).toBe("asked");
});

test("a service that nobody serves is 502, without the words of the network", async () => {
  await using system = await openChannelSystem();
  const gone = await openChannelService();
  await gone[Symbol.asyncDispose]();
  const answer = await system.send(activityOf("d", "hello", normally(gone.url)));
  const body = await answer.text();
  expect([answer.status, body]).toEqual([502, expect.stringContaining(FIXED)]);
  expect(body).not.toMatch(/ECONN|127\.0\.0\.1|at /);
});

test("a service that keeps the bot waiting is left after fifteen seconds, and what was decided stays decided", async () => {
  const clock = manualClock();
  await using system = await openChannelSystem({ clock });
  await system.send(activityOf("e", `start ${LINK}`));
  const left: string[] = [];
  await using silent = await openChannelService((res) => res.on("close", () => left.push("closed")));
  const waiting = system.send(activityOf("e", "b", normally(silent.url)));
  await eventually(() => expect(silent.brought.length).toBe(1));
  clock.advance(14_999);
  expect(stateOf(system, "e")).toBe("ended");
  expect(left).toEqual([]);
  clock.advance(1);
  const answer = await waiting;
  expect([answer.status, await answer.json()]).toEqual([504, expect.objectContaining({ status: 504 })]);
  await eventually(() => expect(left).toEqual(["closed"]));
  // The farewell and the end of the conversation were two replies; nothing follows the first.
  expect(silent.brought.length).toBe(1);
  const [late] = ((await (await system.send(activityOf("e", "a"))).json()) as { activities: { text: string }[] })
    .activities;
  expect(late?.text).toMatch(/^You have chosen already/);
});

test.for<[what: string, answer: (res: ServerResponse) => void]>([
  ["speaks no JSON", (res) => end(res, 200, { "content-type": "application/json" })],
  ["says nothing", (res) => end(res, 204)],
  ["never stops speaking", (res) => drip(res, 200)],
])("a service that takes the reply and then %s has taken it", async ([, answer]) => {
  await using system = await openChannelSystem();
  const left: string[] = [];
  await using service = await openChannelService((res) => {
    res.on("close", () => left.push("closed"));
    answer(res);
  });
  const said = await system.send(activityOf("f", "hello", normally(service.url)));
  expect([said.status, service.brought.length]).toEqual([200, 1]);
  await eventually(() => expect(left).toEqual(["closed"]));
});

test("a fault of our own is told to the guest kindly, in the guest's language, and in full to the log only", async () => {
  await using system = await openChannelSystem();
  await system.store.close();
  const answer = await system.send(activityOf("g", "hello", { locale: "de-AT" }));
  const { activities } = (await answer.json()) as { activities: { text: string }[] };
  expect([answer.status, activities.map(({ text }) => text)]).toEqual([
    200,
    [expect.stringMatching(/^Es tut uns leid|^Leider|^Entschuldigung/)],
  ]);
  expect(system.logged.join("")).toMatch(/turn failed/);
  expect(JSON.stringify(activities)).not.toMatch(/database|sqlite/i);
});

test.for([
  "https://attacker.example/",
  "http://127.0.0.1.attacker.example/",
  "http://127.0.0.1@attacker.example/",
  "http://127.0.0.1:80@attacker.example:80/",
  "http://user@127.0.0.1/",
  "http://localhost.attacker.example",
  "http://[::1].attacker.example/",
  "http://[::2]/",
  "http://0.0.0.0/",
  "http://10.0.0.9:3978/",
  "http://127.0.0.1/admin?x=",
  "http://127.0.0.1/admin#",
  "http://127.0.0.1/admin?",
  "ftp://127.0.0.1/",
  "file:///etc/passwd",
  "//127.0.0.1/",
  "127.0.0.1:80",
  "http://",
  "",
  7,
  ["http://127.0.0.1/"],
  undefined,
])("without an app id a reply does not go to %j", async (serviceUrl) => {
  await using system = await openChannelSystem();
  const answer = await system.send(activityOf("h", "hello", { serviceUrl }));
  expect([answer.status, await answer.json()]).toEqual([403, expect.objectContaining({ title: "Not allowed" })]);
});

test.for(["http://localhost:5000", "http://LOCALHOST:5000/", "http://[::1]:5000/", "http://127.1:5000/emulator/"])(
  "%s is this machine",
  async (serviceUrl) => {
    await using system = await openChannelSystem();
    expect((await system.send(activityOf("i", "hello", { serviceUrl }))).status).toBe(200);
  },
);

test("without an app id no page in a browser may use the bot to reach this machine's services", async () => {
  await using system = await openChannelSystem();
  const answer = await system.send(activityOf("j", "hello"), { origin: "https://attacker.example" });
  expect(answer.status).toBe(403);
});

test("without an app id a bot with a public address hears nobody", async () => {
  await using system = await openChannelSystem({ isPublic: true });
  expect((await system.send(activityOf("k", "hello"))).status).toBe(403);
});
