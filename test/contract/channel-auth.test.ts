import { setTimeout as delay } from "node:timers/promises";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import nock from "nock";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { activityOf } from "../support/channel-service.ts";
import { LINK, openChannelSystem } from "../support/channel-system.ts";
import { manualClock } from "../support/clock.ts";
import { eventually } from "../support/eventually.ts";

const APP_ID = "5f1ec0de-0000-4000-8000-000000000001";
const APP = { MicrosoftAppId: APP_ID, MicrosoftAppPassword: "password-of-the-app" };
const ISSUER = "https://api.botframework.com";
const KEYS = "https://login.botframework.com";
const CONFIGURATION = "/v1/.well-known/openidconfiguration";
const LOGIN = "https://login.microsoftonline.com";
const EMULATOR_CONFIGURATION = "/common/v2.0/.well-known/openid-configuration";
const TENANT = "d6d49420-f39b-4df7-a1dc-d59a935871db";
const OUR_TENANT = "0f0e0d0c-0000-4000-8000-000000000001";
const FOREIGN_TENANT = "0f0e0d0c-0000-4000-8000-000000000002";
const SERVICE = "https://smba.example/emea/";

type Claims = Record<string, unknown>;
type Signing = { key?: CryptoKey; kid?: string; expiresAt?: string; alg?: string };

const rsa = await generateKeyPair("RS256");
const PUBLIC_KEY = await exportJWK(rsa.publicKey);
const KEY = { ...PUBLIC_KEY, kid: "k1", endorsements: ["msteams"] };
const foreign = await generateKeyPair("RS256");

beforeAll(() => {
  nock.disableNetConnect();
  nock.enableNetConnect("127.0.0.1");
});
afterEach(() => nock.cleanAll());
afterAll(() => nock.restore());

function sign(
  claims: Claims = {},
  { key = rsa.privateKey, kid = "k1", expiresAt = "1h", alg = "RS256" }: Signing = {},
) {
  return new SignJWT({ iss: ISSUER, aud: APP_ID, serviceurl: SERVICE, ...claims })
    .setProtectedHeader({ alg, kid, typ: "JWT" })
    .setExpirationTime(expiresAt)
    .sign(key);
}

const issuerOf = (tenant: string) => `https://sts.windows.net/${tenant}/`;
/** What Microsoft puts into a token that the Emulator gets with the bot's own password. */
const EMULATOR = { iss: issuerOf(TENANT), tid: TENANT, ver: "1.0", appid: APP_ID, serviceurl: undefined };

const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const said = (text: string, more: object = {}) =>
  activityOf("c1", text, { serviceUrl: SERVICE, channelId: "msteams", ...more });

const NOT_SIGNED_IN = expect.objectContaining({
  status: 401,
  detail: "Send a token of Bot Framework for this bot.",
}) as object;

/** Until the keys are there once, Bot Framework fetches them for each token; then it keeps them for the process's life. */
test.for<[what: string, prepare: () => unknown]>([
  ["the network is away", () => undefined],
  ["Microsoft has no answer", () => nock(KEYS).get(CONFIGURATION).reply(500, "internal-detail")],
  [
    "something else answers in Microsoft's place",
    () => nock(KEYS).get(CONFIGURATION).reply(200, "<html>sign in</html>"),
  ],
  [
    "the keys are away",
    () => {
      nock(KEYS)
        .get(CONFIGURATION)
        .reply(200, { jwks_uri: `${KEYS}/keys` });
      nock(KEYS).get("/keys").replyWithError("getaddrinfo ENOTFOUND internal-detail");
    },
  ],
])("while %s a token cannot be checked: 503, come again", async ([, prepare]) => {
  await using system = await openChannelSystem({ app: APP });
  prepare();
  const answer = await system.send(said("hello"), bearer(await sign()));
  const body = await answer.text();
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "30"]);
  expect(body).not.toMatch(/internal-detail|nock|fetch|botframework\.com|<html/i);
  expect(system.logged.join("")).toMatch(/keys not fetched/);
});

test("keys that take too long are 504 after fifteen seconds, and a guest who was told so is not heard afterwards", async () => {
  const clock = manualClock();
  await using system = await openChannelSystem({ app: APP, clock });
  const asked = nock(KEYS)
    .get(CONFIGURATION)
    .reply(200, { jwks_uri: `${KEYS}/keys` });
  const late = nock(KEYS)
    .get("/keys")
    .delay(300)
    .reply(200, { keys: [KEY] });
  const waiting = system.send(said(`start ${LINK}`), bearer(await sign()));
  await eventually(() => expect(asked.isDone()).toBe(true));
  clock.advance(15_000);
  expect((await waiting).status).toBe(504);
  await eventually(() => expect(late.isDone()).toBe(true));
  await delay(500);
  expect(system.store.sessions.latest("msteams", "c1")).toBe(undefined);
});

test("with the keys, a channel's token opens the door, and replies go to its service with a token of the bot", async () => {
  serveKeys();
  const brought = serveChannel();
  await using system = await openChannelSystem({ app: APP });
  const token = await sign();
  expect((await system.send(said(`start ${LINK}`, { deliveryMode: "normal" }), bearer(token))).status).toBe(200);
  expect((await system.send(said("b", { deliveryMode: "normal" }), bearer(token))).status).toBe(200);
  expect(brought).toEqual([
    ["Bearer token-of-the-bot", expect.stringMatching(/^Which scent/)],
    ["Bearer token-of-the-bot", expect.stringMatching(/^Thank you/)],
    ["Bearer token-of-the-bot", "endOfConversation"],
  ]);
  expect(system.store.sessions.latest("msteams", "c1")?.state).toBe("ended");
});

test("a password that Microsoft does not take is 502, and told in full to the log only", async () => {
  serveKeys();
  const refused = { error: "invalid_client", error_description: "AADSTS7000215: Invalid client secret provided." };
  nock(LOGIN)
    .persist()
    .post(/\/oauth2\/v2.0\/token/)
    .reply(401, refused);
  const MicrosoftAppId = "5f1ec0de-0000-4000-8000-000000000002";
  await using system = await openChannelSystem({ app: { ...APP, MicrosoftAppId } });
  const token = await sign({ aud: MicrosoftAppId });
  const answer = await system.send(said("hello", { deliveryMode: "normal" }), bearer(token));
  expect([answer.status, await answer.text()]).toEqual([502, expect.not.stringMatching(/AADSTS|client|token/)]);
  expect(system.logged.join("")).toMatch(/AADSTS7000215/);
});

test("the Emulator opens the door with the bot's own token, of Microsoft's tenant or of the bot's", async () => {
  serveKeys();
  const app = { ...APP, MicrosoftAppType: "SingleTenant", MicrosoftAppTenantId: OUR_TENANT };
  await using system = await openChannelSystem({ app });
  for (const tid of [TENANT, OUR_TENANT]) {
    const token = await sign({ ...EMULATOR, iss: issuerOf(tid), tid });
    const answer = await system.send(said("hello", { channelId: "emulator" }), bearer(token));
    expect([tid, answer.status]).toEqual([tid, 200]);
  }
});

test("a good token is good for the channels that its key is for, and no other", async () => {
  serveKeys();
  await using system = await openChannelSystem({ app: APP });
  const ask = async (channelId: unknown) =>
    (await system.send(said("hello", { channelId }), bearer(await sign()))).status;
  expect([await ask("msteams"), await ask("telegram"), await ask("directline"), await ask("AseChannel")]).toEqual([
    200, 401, 401, 401,
  ]);
});

test("a good token without a service to reply to is a bad request", async () => {
  serveKeys();
  await using system = await openChannelSystem({ app: APP });
  for (const serviceUrl of [undefined, "", "file:///etc/passwd", 7]) {
    expect((await system.send(said("hello", { serviceUrl }), bearer(await sign()))).status).toBe(400);
  }
});

test.for<[what: string, header: () => string | Promise<string>]>([
  ["no header", () => ""],
  ["junk", () => "Bearer junk"],
  ["a junk token", () => "Bearer a.b.c"],
  ["a token of a literal", () => `Bearer ${encode({ alg: "RS256" })}.${encode(null)}.c2ln`],
  ["another scheme", async () => `Basic ${await sign()}`],
  ["two tokens", async () => `Bearer ${await sign()} ${await sign()}`],
  ["no algorithm", () => `Bearer ${encode({ alg: "none" })}.${encode({ iss: ISSUER, aud: APP_ID })}.`],
  ["a foreign key under a known name", () => signed({}, { key: foreign.privateKey })],
  ["a key that nobody knows", () => signed({}, { key: foreign.privateKey, kid: "k2" })],
  ["another issuer", () => signed({ iss: "https://issuer.example" })],
  ["another bot's token", () => signed({ aud: "00000000-0000-4000-8000-000000000000" })],
  ["no audience", () => signed({ aud: undefined })],
  ["a token for another service", () => signed({ serviceurl: "https://attacker.example/" })],
  ["an expired token", () => signed({}, { expiresAt: "-10 minutes" })],
  ["another bot as a skill's caller", () => signed({ ver: "1.0", appid: "other" })],
  ["the Emulator without an app", () => signed({ ...EMULATOR, appid: undefined })],
  ["the Emulator with another app", () => signed({ ...EMULATOR, appid: "00000000-0000-4000-8000-000000000000" })],
  ["the Emulator with a foreign key", () => signed(EMULATOR, { key: foreign.privateKey })],
  [
    "the Emulator of a foreign tenant",
    () => signed({ ...EMULATOR, iss: issuerOf(FOREIGN_TENANT), tid: FOREIGN_TENANT }),
  ],
])("%s is 401 with our sentence", async ([, header]) => {
  serveKeys();
  await using system = await openChannelSystem({ app: APP });
  const authorization = await header();
  const answer = await system.send(said("hello"), authorization ? { authorization } : {});
  expect([answer.status, answer.headers.get("www-authenticate"), await answer.json()]).toEqual([
    401,
    "Bearer",
    NOT_SIGNED_IN,
  ]);
});

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");

async function signed(claims: Claims, signing: Signing = {}): Promise<string> {
  return `Bearer ${await sign(claims, signing)}`;
}

/** Microsoft's keys, with ours for one of them. */
function serveKeys(): void {
  nock(KEYS)
    .get(CONFIGURATION)
    .reply(200, { jwks_uri: `${KEYS}/keys` });
  nock(KEYS)
    .get("/keys")
    .reply(200, { keys: [KEY] });
  nock(LOGIN)
    .get(EMULATOR_CONFIGURATION)
    .reply(200, { jwks_uri: `${LOGIN}/keys` });
  nock(LOGIN)
    .get("/keys")
    .reply(200, { keys: [{ ...PUBLIC_KEY, kid: "k1" }] });
}

/** Where the bot gets a token for itself, and brings its replies with it. */
function serveChannel(): Brought {
  const brought: Brought = [];
  nock(LOGIN)
    .post(/^\/[^/]+\/oauth2\/v2.0\/token/)
    .reply(200, { token_type: "Bearer", expires_in: 3600, access_token: "token-of-the-bot" });
  nock("https://smba.example")
    .persist()
    .post(/^\/emea\/v3\/conversations\/c1\/activities\//)
    .reply(201, async (request: Request) => {
      const { type, text } = (await request.json()) as { type: string; text?: string };
      brought.push([request.headers.get("authorization") ?? "", text ?? type]);
      return { id: "1" };
    });
  return brought;
}

type Brought = [authorization: string, text: string][];
