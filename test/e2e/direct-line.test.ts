import { createHmac } from "node:crypto";
import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, test } from "vitest";
import { type Answer, beginChat, call, createChatGuest, post } from "../support/chat-guest.ts";
import { openStream } from "../support/chat-stream.ts";
import { eventually } from "../support/eventually.ts";
import type { Kit } from "../support/kit.ts";
import { KITS } from "../support/kits.ts";

const QUESTION = "bot: Which scent would you like? a) fire, b) wood, c) water, d) air";
const MESSAGE = { type: "message", from: { id: "guest" }, text: "b" };

type ErrorBody = { error: { code: string; message: string } };

/** What clients tell errors apart by; each comes with a sentence. */
function errorOf({ status, body }: Answer<ErrorBody>): [number, string] {
  expect(body).toEqual({
    error: { code: expect.any(String) as string, message: expect.stringMatching(/\.$/) as string },
  });
  return [status, body.error.code];
}

/** The same token with another time of expiry, signed as the bot signs. */
function withExpiry(token: string, key: string, exp: number): string {
  const [header = "", payload = ""] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as { iat: number };
  const changed = Buffer.from(JSON.stringify({ ...claims, exp })).toString("base64url");
  return `${header}.${changed}.${createHmac("sha256", key).update(`${header}.${changed}`).digest("base64url")}`;
}

// The protocol is the bot's alone: one kit of each kind has both ways to run and both modes.
describe.each([KITS[0], KITS[3]])("Direct Line in $name", ({ open }) => {
  let kit: Kit;
  beforeAll(async () => {
    kit = await open();
    return () => kit[Symbol.asyncDispose]();
  });

  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const send = (url: string, init: RequestInit) => call<ErrorBody>(url, init).then(errorOf);

  test("without a token, and with garbage for one, nothing is told or taken", async () => {
    const { activitiesUrl, read } = await beginChat(kit.launchUrl);
    for (const headers of [{}, { authorization: "Bearer" }, { authorization: "Basic Z3Vlc3Q6" }, bearer("a.b.c")]) {
      expect(await send(activitiesUrl, post(MESSAGE, headers))).toEqual([401, "Unauthorized"]);
      expect(await send(activitiesUrl, { headers })).toEqual([401, "Unauthorized"]);
    }
    expect((await read()).activities).toHaveLength(1);
  });

  test("a token opens its own conversation only", async () => {
    const [mine, others] = [await beginChat(kit.launchUrl), await beginChat(kit.launchUrl)];
    expect(await send(others.activitiesUrl, post(MESSAGE, bearer(mine.token)))).toEqual([403, "Forbidden"]);
    expect(await send(others.activitiesUrl, { headers: bearer(mine.token) })).toEqual([403, "Forbidden"]);
    expect((await others.read()).activities).toHaveLength(1);
  });

  test("an expired token is told apart, so that clients know to scan again", async () => {
    const { token, activitiesUrl } = await beginChat(kit.launchUrl);
    const now = Math.floor(Date.now() / 1_000);
    const until = (exp: number) => ({ headers: bearer(withExpiry(token, kit.secrets.tokenKey, exp)) });
    expect(await send(activitiesUrl, until(now - 1))).toEqual([403, "TokenExpired"]);
    expect((await call(activitiesUrl, until(now + 60))).status).toBe(200);
    const brief = until(now + 3);
    expect((await call(activitiesUrl, brief)).status).toBe(200);
    await eventually(async () => expect(await send(activitiesUrl, brief)).toEqual([403, "TokenExpired"]));
    expect(await send(activitiesUrl, { headers: bearer(withExpiry(token, "x".repeat(43), now + 60)) })).toEqual([
      401,
      "Unauthorized",
    ]);
  });

  test("a conversation that was never started is not found", async () => {
    const { token, activitiesUrl } = await createChatGuest(kit.launchUrl);
    expect(await send(activitiesUrl, { headers: bearer(token) })).toEqual([404, "NotFound"]);
    expect(await send(activitiesUrl, post(MESSAGE, bearer(token)))).toEqual([404, "NotFound"]);
    expect(await send(activitiesUrl.replace("/activities", ""), { headers: bearer(token) })).toEqual([404, "NotFound"]);
  });

  test("what is no activity is refused with a reason, and counts as nothing", async () => {
    const { token, activitiesUrl, read } = await beginChat(kit.launchUrl);
    const raw = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
      send(activitiesUrl, {
        method: "POST",
        headers: { "content-type": "application/json", ...bearer(token), ...headers },
        body,
      });
    for (const garbage of [
      "{",
      "",
      "null",
      "[]",
      '"b"',
      "{}",
      '{"text":"b"}',
      '{"type":1,"text":"b"}',
      '{"type":"message","text":1}',
    ])
      expect([garbage, ...(await raw(garbage))]).toEqual([garbage, 400, "BadArgument"]);
    expect(await raw(JSON.stringify({ ...MESSAGE, text: "b".repeat(2_001) }))).toEqual([400, "BadArgument"]);
    expect(await raw(JSON.stringify({ ...MESSAGE, value: "x".repeat(70_000) }))).toEqual([413, "BadArgument"]);
    const zipped = new Uint8Array(gzipSync(JSON.stringify(MESSAGE)));
    expect((await raw(zipped, { "content-encoding": "gzip" }))[0]).toBe(415);
    expect((await read()).activities).toHaveLength(1);
  });

  test("starting again is the same conversation, and a refreshed token goes on with it", async () => {
    const guest = await beginChat(kit.launchUrl);
    expect(await guest.start()).toMatchObject({ status: 200, body: { conversationId: guest.id } });
    const refreshUrl = `${kit.urls.bot}/v3/directline/tokens/refresh`;
    const { body } = await call<{ token: string }>(refreshUrl, post({}, bearer(guest.token)));
    expect(body).toMatchObject({ conversationId: guest.id, expires_in: 1_800 });
    expect((await call(guest.activitiesUrl, { headers: bearer(body.token) })).status).toBe(200);
    expect((await guest.read()).activities).toHaveLength(1);
  });

  test("the stream gives the question, the guest's words and the reply, and again from a watermark", async () => {
    const guest = await beginChat(kit.launchUrl);
    await using stream = openStream(guest.streamUrl);
    await stream.hears([QUESTION]);
    const watermark = stream.watermark() ?? "";
    await guest.say("b");
    const rest = ["user: b", "bot: Thank you. I am asking your AromaPod for wood.", "bot: endOfConversation"];
    await stream.hears([QUESTION, ...rest]);

    await using resumed = openStream((await guest.resume(watermark)).body.streamUrl);
    await resumed.hears(rest);
    expect((await guest.read(watermark)).watermark).toBe(resumed.watermark());
    await using fromTheStart = openStream((await guest.resume("")).body.streamUrl);
    await fromTheStart.hears([QUESTION, ...rest]);
  });

  test("every stream of a conversation hears everything", async () => {
    const guest = await beginChat(kit.launchUrl);
    await using first = openStream(guest.streamUrl);
    await first.hears([QUESTION]);
    await using second = openStream(guest.streamUrl);
    await second.hears([QUESTION]);
    await guest.say("banana");
    const reply = `bot: Sorry, I did not understand that. ${QUESTION.slice("bot: ".length)}`;
    for (const stream of [first, second]) await stream.hears([QUESTION, "user: banana", reply]);
  });

  test("a stream needs the token of its conversation", async () => {
    const [mine, others] = [await beginChat(kit.launchUrl), await beginChat(kit.launchUrl)];
    const withoutToken = others.streamUrl.replace(/&t=.*$/, "");
    for (const url of [withoutToken, `${withoutToken}&t=garbage`, `${withoutToken}&t=${mine.token}`]) {
      await using stream = openStream(url);
      expect(await stream.ended).toBe("refused");
    }
  });
});
