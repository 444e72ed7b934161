import { readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect } from "vitest";
import { lines, upgradeStatus } from "../support/direct-line-api.ts";
import { openLoneBot } from "./lone-bot.ts";
import { NOT_UNDERSTOOD, QUESTION, SCAN_THE_CARD, type World } from "./world.ts";

const HEADERS = "authorization, content-type, x-ms-bot-agent, x-requested-with";
const STRANGER = "https://evil.example";
const PIXEL = "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7";

const preflightFrom = (origin: string, method = "POST") => ({
  headers: { origin, "access-control-request-method": method, "access-control-request-headers": HEADERS },
});

/** Pages of other origins are let in when they are configured, and told so in a preflight. */
export async function configuredOrigin({ browser, kit, openClient }: World): Promise<void> {
  const origin = kit.urls.deviceDb;
  await using lone = await openLoneBot({ BOT_ORIGINS: `https://pages.example, ${origin}` });
  for (const path of ["/conversations", "/conversations/x/activities", "/tokens/refresh", "/tokens/generate"]) {
    const { status, headers } = await lone.api.ask("OPTIONS", path, preflightFrom(origin));
    expect([path, status]).toEqual([path, 204]);
    expect(headers.get("access-control-allow-origin")).toBe(origin);
    expect(headers.get("access-control-allow-headers")).toBe(HEADERS);
    expect(headers.get("access-control-allow-methods")).toBe("GET, POST, OPTIONS");
    expect(Number(headers.get("access-control-max-age"))).toBeGreaterThan(0);
    expect(headers.get("vary")).toMatch(/\borigin\b/i);
    expect(headers.has("access-control-allow-credentials")).toBe(false);
  }
  expect(browser.isConnected()).toBe(true);

  const { token } = (await lone.api.post("/tokens/generate", lone.secret)).body;
  await using client = await openClient({ token, domain: `${lone.url}/v3/directline` }, origin);
  await client.hears([SCAN_THE_CARD]);
  await client.say("one");
  await client.hears([SCAN_THE_CARD, "user: one", SCAN_THE_CARD]);
  const refusal = await lone.api.ask("GET", "/conversations/x", { headers: { origin } });
  expect([refusal.status, refusal.headers.get("access-control-allow-origin")]).toEqual([401, origin]);
}

/** All others are refused: their preflights, their requests, their streams. */
export async function otherOrigins({ api, begin, kit, takeToken }: World): Promise<void> {
  const { token, path, streamUrl, read } = await begin();
  for (const origin of [STRANGER, kit.urls.deviceDb, `${kit.urls.bot}0`, "null"]) {
    const { status, headers } = await api.ask("OPTIONS", "/conversations", preflightFrom(origin));
    expect([origin, status, headers.get("access-control-allow-origin")]).toEqual([origin, 403, null]);
    const asked = { token, body: { type: "message", text: "b" }, headers: { origin } };
    expect(await api.failure("POST", `${path}/activities`, asked)).toBe("403 Forbidden");
    expect(await api.failure("GET", path, { token, headers: { origin } })).toBe("403 Forbidden");
    expect([origin, await upgradeStatus(streamUrl, { origin })]).toEqual([origin, 403]);
  }
  expect(lines((await read()).activities)).toEqual([QUESTION]);

  const own = kit.urls.bot;
  expect((await api.ask("OPTIONS", "/conversations", preflightFrom(own))).status).toBe(204);
  const fresh = await takeToken();
  expect((await api.ask("POST", "/conversations", { ...fresh, headers: { origin: own } })).status).toBe(201);
  expect(await upgradeStatus(streamUrl, { origin: own })).toBe(101);
}

/** Who makes a token may say on whose pages it is good. */
export async function trustedOrigins({ api, secret, kit }: World): Promise<void> {
  const ofBot = kit.urls.bot;
  const tokenFor = async (origins: string[]) =>
    (await api.post("/tokens/generate", secret, { trustedOrigins: origins })).body.token;
  const start = (token: string, headers: Record<string, string>) =>
    api.ask("POST", "/conversations", { token, headers });
  expect((await start(await tokenFor(["https://hotel.example"]), { origin: ofBot })).status).toBe(403);
  expect((await start(await tokenFor(["https://hotel.example", ofBot]), { origin: ofBot })).status).toBe(201);
  expect((await start(await tokenFor(["https://hotel.example"]), {})).status).toBe(201);
}

/** Files are refused, and the real client goes on. */
export async function uploads({ api, begin, openClient }: World): Promise<void> {
  const { token, conversationId, path, read } = await begin();
  const files = () => readdirSync(tmpdir()).filter((name) => /upload|formidable|multipart/i.test(name));
  const before = files();
  await using client = await openClient({ token, conversationId });
  await client.hears([QUESTION]);
  const attachments = [{ contentType: "image/gif", contentUrl: PIXEL, name: "pixel.gif" }];
  expect(await client.post({ type: "message", from: { id: "me" }, text: "b", attachments })).toBe("failed with 415");
  await client.say("one");
  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD]);

  const body = new FormData();
  body.append("activity", new Blob(['{"type":"message","text":"b"}'], { type: "application/vnd.microsoft.activity" }));
  body.append("file", new Blob(["x".repeat(10_000)]), "x.txt");
  const multipart = await fetch(`${api.url}${path}/upload?userId=me`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}` },
    body,
  });
  expect([multipart.status, await multipart.json()]).toEqual([
    415,
    { error: { code: expect.any(String) as string, message: expect.any(String) as string } },
  ]);
  const raw = { token, body: "x", headers: { "content-type": "image/gif", "content-disposition": 'name="file"' } };
  expect(await api.failure("POST", `${path}/upload`, raw)).toMatch(/^415 /);
  expect(lines((await read()).activities)).toEqual([QUESTION, "user: one", NOT_UNDERSTOOD]);
  expect(files()).toEqual(before);
}

/** Cards to sign in with, and the streaming extension: not here. */
export async function absentParts({ api, begin, kit, openClient }: World): Promise<void> {
  const { token, conversationId } = await begin();
  expect(await api.failure("GET", "/session/getsessionid", { token })).toBe("404 NotFound");
  await using client = await openClient({ token, conversationId });
  await client.hears([QUESTION]);
  expect(await client.sessionId()).toBe("");
  await client.say("one");
  await client.hears([QUESTION, "user: one", NOT_UNDERSTOOD]);

  expect(await api.failure("GET", "/conversations/connect", { token })).toMatch(/^40[34] /);
  const connect = `${kit.urls.bot}/v3/directline/conversations/connect?token=${token}&conversationId=${conversationId}`;
  expect(await upgradeStatus(connect)).toBe(404);
  expect(await api.failure("PUT", "/conversations", { token, body: {} })).toMatch(/^405 /);
  for (const path of ["/", "/nothing", "/conversations/x/y/z", "/tokens/revoke"])
    expect([path, await api.failure("GET", path, { token })]).toEqual([path, "404 NotFound"]);
}
