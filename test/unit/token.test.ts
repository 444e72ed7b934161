import { SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import { createTokens, type Tokens } from "../../bot/token.ts";

const SECRET = "s".repeat(43);
const DAY_S = 24 * 3_600;
const CLAIMS = { conversationId: "c", userId: "dl_guest", serial: "pod-1" };
const nowS = () => Math.floor(Date.now() / 1_000);

let tokens: Tokens;
beforeAll(async () => {
  tokens = await createTokens(SECRET);
});

/** A ticket or token as ours, with claims and times of the test's choice. */
function forged(claims: object, expiresAt: number, audience?: string): Promise<string> {
  const jwt = new SignJWT({ ...claims }).setProtectedHeader({ alg: "HS256", typ: "JWT" }).setIssuer("aromapod-bot");
  return (audience ? jwt.setAudience(audience) : jwt).setExpirationTime(expiresAt).sign(Buffer.from(SECRET));
}

test("a token says what it was granted for, for half an hour", async () => {
  const granted = await tokens.grant({ ...CLAIMS, trustedOrigins: ["https://a.example"] });
  expect(granted).toMatchObject({ conversationId: "c", expires_in: 1_800 });
  const claims = await tokens.read(granted?.token ?? "");
  expect(claims).toMatchObject({ ...CLAIMS, trustedOrigins: ["https://a.example"] });
  expect(Math.abs(Number((claims as { bornAt: number }).bornAt) - nowS())).toBeLessThanOrEqual(1);
});

test("clients read the guest's id from the token without verifying it", async () => {
  const { token = "" } = (await tokens.grant(CLAIMS)) ?? {};
  const payload = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { user: string };
  expect(payload.user).toBe("dl_guest");
});

test("refreshing makes no conversation older than a day", async () => {
  const bornAt = nowS() - DAY_S + 100;
  const last = await tokens.grant({ ...CLAIMS, bornAt });
  expect(last?.expires_in).toBeLessThanOrEqual(100);
  expect(await tokens.read(last?.token ?? "")).toMatchObject({ bornAt });
  expect(await tokens.grant({ ...CLAIMS, bornAt: nowS() - DAY_S })).toBeUndefined();
});

test("a ticket opens its conversation's stream for a minute, and is no token", async () => {
  const ticket = await tokens.ticket("c");
  expect(await tokens.readTicket(ticket)).toBe("c");
  expect(await tokens.read(ticket)).toBe("bad");
  const { exp, iat } = JSON.parse(Buffer.from(ticket.split(".")[1] ?? "", "base64url").toString()) as Record<
    "exp" | "iat",
    number
  >;
  expect(exp - iat).toBe(60);
});

test("a token is no ticket, and neither is an old one or somebody else's", async () => {
  const { token = "" } = (await tokens.grant(CLAIMS)) ?? {};
  const conv = { conv: "c" };
  for (const other of [token, "", "a.b.c", await forged(conv, nowS() - 1, "stream")])
    expect(await tokens.readTicket(other)).toBeUndefined();
  expect(await tokens.readTicket(await forged(conv, nowS() + 60, "stream"))).toBe("c");
  const others = await createTokens("x".repeat(43));
  expect(await others.readTicket(await tokens.ticket("c"))).toBeUndefined();
  expect(await others.read(token)).toBe("bad");
});

test.each([
  ["an unsigned one", () => `${Buffer.from('{"alg":"none","typ":"JWT"}').toString("base64url")}.e30.`],
  ["text", () => "token"],
  ["nothing", () => ""],
  ["one of another issuer", () => new SignJWT({}).setProtectedHeader({ alg: "HS256" }).sign(Buffer.from(SECRET))],
])("%s is bad", async (_, make) => {
  expect(await tokens.read(await make())).toBe("bad");
});
