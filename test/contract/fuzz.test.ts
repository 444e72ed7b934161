import { createServer, type RequestListener } from "node:http";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { makeLink } from "../../bot/link.ts";
import { readAnswer } from "../../bot/question.ts";
import { listen } from "../../plumbing/listen.ts";
import { newSecret } from "../../plumbing/secret.ts";
import { beginChat } from "../support/chat-guest.ts";
import { SERIAL } from "../support/devices.ts";
import { directLineAt, resigned } from "../support/direct-line-api.ts";
import { listUsages } from "../support/erp-calls.ts";
import {
  activityWithoutAnswer,
  anyHeaders,
  anyLine,
  anyPath,
  anyQuery,
  anyText,
  anyWord,
  damaged,
  requestsTo,
} from "../support/fuzz-requests.ts";
import { erpOf, type Kit, openKit } from "../support/kit.ts";
import { type RawRequest, sendRaw, UPGRADE } from "../support/raw-http.ts";

/** The time holds for the search of a smaller example too, which is slow where a server falls silent. */
const EFFORT = { numRuns: 1_000, interruptAfterTimeLimit: 20_000 };
vi.setConfig({ testTimeout: 60_000 });

const JSON_TYPE = ["content-type", "application/json"] as const;
/** So many that none of them is full at the end. */
const CHATS = 8;

let kit: Kit;
beforeAll(async () => {
  kit = await openKit("safe");
});
afterAll(() => kit[Symbol.asyncDispose]());

const linkInUse = () => new URL(kit.launchUrl).pathname.split("/").at(-1) ?? "";

/** How many sessions there are in each state, and how many usages. */
async function tally(): Promise<string[]> {
  const metrics = await (await fetch(`${kit.urls.bot}/metrics`)).text();
  const sessions = metrics.split("\n").filter((line) => line.startsWith("bot_sessions{"));
  return [...sessions, `usages ${String((await listUsages(erpOf(kit))).length)}`];
}

type Judge = (status: number) => boolean;
const isNoFailure: Judge = (status) => status >= 100 && status < 500;
const isRefused: Judge = (status) => status >= 400 && status < 500;

/** The server answers each of these in time, as the judge finds right. */
const answers = (origin: string, requests: fc.Arbitrary<RawRequest>, judge: Judge) =>
  fc.asyncProperty(requests, async (request) => {
    const status = await sendRaw(origin, request);
    if (!judge(status)) throw new Error(`Answered with ${String(status)}.`);
  });

/** The bot answers, lives, and neither begins nor ends a session. A failure comes with the seed that repeats it. */
async function isHarmless(requests: fc.Arbitrary<RawRequest>, judge = isNoFailure): Promise<void> {
  const before = await tally();
  await fc.assert(answers(kit.urls.bot, requests, judge), EFFORT);
  expect((await fetch(`${kit.urls.bot}/livez`)).status).toBe(200);
  expect(await tally()).toEqual(before);
}

const pageSuffix = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom("", "/answer", "/token", "/session") },
  fc.constantFrom("/", "/x", "//"),
);

function badLinks(genuine: string): fc.Arbitrary<string> {
  const forged = makeLink(newSecret(), { serial: SERIAL, keyVersion: 1 });
  return fc
    .oneof(
      damaged(genuine),
      fc.constantFrom(forged, SERIAL),
      anyWord,
      anyPath.map((path) => path.slice(1)),
    )
    .filter((link) => URL.parse(link, "http://x/")?.pathname !== `/${genuine}`);
}

test("links that are not genuine", async () => {
  const targets = fc
    .tuple(badLinks(linkInUse()), pageSuffix, anyQuery)
    .map(([link, suffix, query]) => `/r/${link}${suffix}${query}`);
  // A preflight tells what any page may ask, whatever the link.
  const requests = requestsTo(targets).filter(({ method }) => method !== "OPTIONS");
  await isHarmless(requests, isRefused);
});

test("a genuine link without an answer", async () => {
  const targets = fc.tuple(pageSuffix, anyQuery).map(([suffix, query]) => `/r/${linkInUse()}${suffix}${query}`);
  const isSilent = ({ body }: RawRequest) => ![...new URLSearchParams(body).values()].some((text) => readAnswer(text));
  const { cookie } = await beginChat(kit.launchUrl);
  const [name = ""] = cookie.split("=");
  const cookies = fc.oneof(
    damaged(cookie),
    anyLine.map((value) => `${name}=${value}`),
  );
  const headers = fc.tuple(anyHeaders, cookies).map(([others, value]) => [...others, ["cookie", value] as const]);
  await isHarmless(requestsTo(targets, headers).filter(isSilent));
});

test("tokens that are not ours, wherever a token opens something", async () => {
  const { token, id, streamUrl } = await beginChat(kit.launchUrl);
  const { directLineSecret: secret, operatorKey } = kit.secrets;
  const ticket = new URL(streamUrl).searchParams.get("t") ?? "";
  const forged = fc.oneof(
    damaged(token),
    damaged(secret),
    fc.constantFrom(ticket, resigned(token, newSecret(), {}), `${token}${token}`, operatorKey),
    fc.dictionary(anyText, fc.jsonValue()).map((claims) => resigned(token, newSecret(), claims)),
    anyWord,
  );
  const credentials = fc.oneof(
    { weight: 4, arbitrary: forged.map((given) => `Bearer ${given}`) },
    fc.tuple(anyWord, fc.constantFrom(token, secret)).map(([scheme, given]) => `${scheme}! ${given}`),
  );
  const conversation = `/conversations/${id}`;
  const begins = ["/tokens/generate", "/tokens/refresh", "/conversations"];
  const paths = [...begins, conversation, `${conversation}/activities`, `${conversation}/upload?userId=x`];
  const requests = fc.record({
    method: fc.constantFrom("GET", "POST", "POST", "POST"),
    target: fc.constantFrom(...paths.map((path) => `/v3/directline${path}`)),
    headers: credentials.map((given) => [["authorization", given], JSON_TYPE] as const),
    body: fc.constant('{"type":"message","text":"b"}'),
  });
  await isHarmless(requests, isRefused);

  const streams = damaged(ticket).map((given) => {
    const target = `/v3/directline${conversation}/stream?t=${encodeURIComponent(given)}`;
    return { method: "GET", target, headers: UPGRADE, body: "" };
  });
  await isHarmless(streams, isRefused);
});

type Chat = { token: string; path: string };

async function chatWithPod(): Promise<Chat> {
  const { token, activitiesUrl } = await beginChat(kit.launchUrl);
  return { token, path: new URL(activitiesUrl).pathname };
}

async function chatWithoutPod(): Promise<Chat> {
  const { body } = await directLineAt(kit.urls.bot).post("/conversations", kit.secrets.directLineSecret, {});
  return { token: body.token, path: `/v3/directline/conversations/${body.conversationId}/activities` };
}

test.for([
  { where: "conversations with a pod", begin: chatWithPod },
  { where: "conversations without a pod", begin: chatWithoutPod },
])("activities that are no answer, in $where", async ({ begin }) => {
  const chats = await Promise.all(Array.from({ length: CHATS }, begin));
  const requests = fc.tuple(fc.constantFrom(...chats), activityWithoutAnswer).map(([{ token, path }, body]) => {
    const headers = [["authorization", `Bearer ${token}`], JSON_TYPE] as const;
    return { method: "POST", target: path, headers, body };
  });
  await isHarmless(requests, (status) => status === 200 || status === 400);
  for (const { token, path } of chats) {
    const read = { method: "GET", target: path, headers: [["authorization", `Bearer ${token}`]], body: "" } as const;
    expect(await sendRaw(kit.urls.bot, read)).toBe(200);
  }
});

test("activities of other channels that start nothing", async () => {
  const where = { channelId: "emulator", serviceUrl: "http://127.0.0.1:9/", deliveryMode: "expectReplies" };
  const requests = activityWithoutAnswer.map((body): RawRequest => {
    return { method: "POST", target: "/api/messages", headers: [JSON_TYPE], body: withFields(body, where) };
  });
  await isHarmless(requests);
});

/** The same activity from somewhere, when it is one at all. */
function withFields(body: string, fields: object): string {
  try {
    const value: unknown = JSON.parse(body);
    const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
    return isObject ? JSON.stringify({ conversation: { id: "x" }, from: { id: "y" }, ...value, ...fields }) : body;
  } catch {
    return body;
  }
}

test("query strings, wherever one is read", async () => {
  const { token, id, streamUrl } = await beginChat(kit.launchUrl);
  const conversation = `/v3/directline/conversations/${id}`;
  const { pathname, search } = new URL(streamUrl);
  const bearer = [["authorization", `Bearer ${token}`]] as const;
  const asked = fc.constantFrom(conversation, `${conversation}/activities`, "/readyz", "/metrics", "/api/sessions/x");
  const get = (target: string, headers: RawRequest["headers"]) => ({ method: "GET", target, headers, body: "" });
  await isHarmless(
    fc.oneof(
      fc.tuple(asked, anyQuery).map(([path, query]) => get(path + query, bearer)),
      anyQuery.map((query) => get(`${pathname}${query.replace("?", `${search}&`)}`, UPGRADE)),
    ),
  );
});

test("anything at all", async () => {
  await isHarmless(requestsTo(anyPath));
  await isHarmless(requestsTo(fc.constantFrom("/api/messages", "/v3/directline/conversations", "/r/x/answer")));
});

test("a host or a target that is no address", async () => {
  const get = (target: string, host: string) =>
    sendRaw(kit.urls.bot, { method: "GET", target, headers: [["host", host]], body: "" });
  for (const host of ["a b", "{", "localhost:99999", "localhost:80:80", "[::1]:99999", "[", "", "\u00ff"])
    expect([host, await get("/livez", host)]).toEqual([host, expect.toSatisfy(isRefused)]);
  for (const target of ["http://[", "http://localhost:99999/livez", "http://", "x", "//", "/%", "*"])
    expect([target, await get(target, "localhost")]).toEqual([target, expect.toSatisfy(isRefused)]);
});

test("control: a server that falls over what it cannot decode is found", async () => {
  await using server = await openServer(({ url = "" }, response) => {
    try {
      decodeURIComponent(url);
    } catch {
      response.statusCode = 500;
    }
    response.end();
  });
  const property = answers(server.url, requestsTo(anyPath), isNoFailure);
  const found = await fc.check(property, EFFORT);
  expect(String(found.errorInstance)).toBe("Error: Answered with 500.");
  expect(found.counterexample?.[0].target).toContain("%");
});

test("control: a server that is silent, and sessions that begin, are seen", async () => {
  await using server = await openServer(() => undefined);
  const request = { method: "GET", target: "/", headers: [], body: "" };
  await expect(sendRaw(server.url, request, 200)).rejects.toThrow("No answer within");
  const before = await tally();
  await beginChat(kit.launchUrl);
  expect(await tally()).not.toEqual(before);
});

async function openServer(answer: RequestListener) {
  const server = createServer(answer);
  const port = await listen(server, { host: "127.0.0.1", port: 0, setting: "port" });
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${String(port)}`, [Symbol.asyncDispose]: close };
}
