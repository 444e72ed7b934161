import type { JWTPayload } from "jose";
import { lazily } from "../plumbing/lazily.ts";
import type { TokenAnswer } from "./contract.ts";

/** What a Direct Line token says: one conversation, one guest and, from a launch link, one pod. */
export type TokenClaims = {
  conversationId: string;
  userId: string;
  serial?: string | undefined;
  /** The version of the pod's key in that link. */
  keyVersion?: number | undefined;
  /** Epoch seconds at which the first token of the conversation was made; now, unless it is told. */
  bornAt?: number | undefined;
  /** Only pages of these origins may use it. */
  trustedOrigins?: string[] | undefined;
};

/** The same as the token carries it; `conv` and `user` are always there. */
type Said = { conv: string; user: string; pod?: string; ver?: number; born?: number; origins?: string[] };

const TOKEN_LIFE_S = 1_800;
/** Refreshing does not help beyond this age. */
const CONVERSATION_LIFE_S = 24 * 3_600;
/** How long a stream's address may be opened; it needs no more, and addresses end up in logs. */
const TICKET_LIFE_S = 60;
const ISSUER = "aromapod-bot";
const STREAM = "stream";
/** A guest sends the same token a few times within seconds; verifying it costs more than everything else in a request. */
const MAX_REMEMBERED = 10_000;

const jose = lazily(() => import("jose"));

export type Tokens = Awaited<ReturnType<typeof createTokens>>;

/** JWT-shaped, because Direct Line's clients read the `user` claim without verifying the token. */
export async function createTokens(secret: string) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", Buffer.from(secret), algorithm, false, ["sign", "verify"]);

  const verified = new Map<string, { claims: TokenClaims; expiresAt: number }>();

  const sign = signer(key);

  /** A token of a conversation, the first or a further one; `undefined` when the conversation is too old. */
  async function grant(claims: TokenClaims): Promise<TokenAnswer | undefined> {
    const { conversationId: conv, userId: user, serial: pod, keyVersion: ver, trustedOrigins: origins } = claims;
    const now = Math.floor(Date.now() / 1_000);
    const bornAt = claims.bornAt ?? now;
    const expiresAt = Math.min(now + TOKEN_LIFE_S, bornAt + CONVERSATION_LIFE_S);
    if (expiresAt <= now) return undefined;
    const token = await sign({ conv, user, pod, ver, born: bornAt, origins }, expiresAt);
    return { conversationId: conv, token, expires_in: expiresAt - now };
  }

  async function verify(token: string): Promise<TokenClaims> {
    const { jwtVerify } = await jose();
    const { payload } = await jwtVerify(token, key, { issuer: ISSUER, algorithms: ["HS256"], typ: "JWT" });
    const { conv, user, pod, ver, born: bornAt, origins, aud, exp = 0 } = payload as JWTPayload & Said;
    if (aud !== undefined) throw new Error("This is no token for requests.");
    const guest = { conversationId: conv, userId: user, serial: pod, keyVersion: ver };
    const claims = { ...guest, bornAt, trustedOrigins: origins };
    if (verified.size >= MAX_REMEMBERED) verified.clear();
    verified.set(token, { claims, expiresAt: exp * 1_000 });
    return claims;
  }

  /** The claims of a token of ours, `"expired"`, or `"bad"`. */
  async function read(token: string): Promise<TokenClaims | "expired" | "bad"> {
    const known = verified.get(token);
    if (known) return known.expiresAt > Date.now() ? known.claims : "expired";
    try {
      return await verify(token);
    } catch (error) {
      return (error as { code?: string }).code === "ERR_JWT_EXPIRED" ? "expired" : "bad";
    }
  }

  return { grant, read, ...ticketsOf(key) };
}

function signer(key: CryptoKey) {
  return async (claims: object, expiresAt: number, audience?: string): Promise<string> => {
    const { SignJWT } = await jose();
    const jwt = new SignJWT({ ...claims })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(ISSUER)
      .setIssuedAt()
      .setExpirationTime(expiresAt);
    return (audience === undefined ? jwt : jwt.setAudience(audience)).sign(key);
  };
}

function ticketsOf(key: CryptoKey) {
  const sign = signer(key);
  return {
    /** What opens a stream of the conversation, again and again for a minute: clients reopen old addresses. */
    ticket: (conversationId: string): Promise<string> =>
      sign({ conv: conversationId }, Math.floor(Date.now() / 1_000) + TICKET_LIFE_S, STREAM),

    /** The conversation that a ticket of ours opens. */
    readTicket: async (given: string): Promise<string | undefined> => {
      const { jwtVerify } = await jose();
      const rules = { issuer: ISSUER, audience: STREAM, algorithms: ["HS256"], typ: "JWT" };
      const verified = await jwtVerify(given, key, rules).catch(() => undefined);
      return verified && String(verified.payload["conv"]);
    },
  };
}
