import { lazily } from "../plumbing/lazily.ts";

/** What a Direct Line token says: one conversation, one guest, one pod. */
export type TokenClaims = { conversationId: string; userId: string; serial: string };

export const TOKEN_LIFE_S = 1_800;
const ISSUER = "aromapod-bot";
/** A guest sends the same token a few times within seconds; verifying it costs more than everything else in a request. */
const MAX_REMEMBERED = 10_000;

export type Tokens = Awaited<ReturnType<typeof createTokens>>;

/** JWT-shaped, because Direct Line's clients read the `user` claim without verifying the token. */
export async function createTokens(secret: string) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", Buffer.from(secret), algorithm, false, ["sign", "verify"]);

  const jose = lazily(() => import("jose"));
  const verified = new Map<string, { claims: TokenClaims; expiresAt: number }>();

  async function issue({ conversationId, userId, serial }: TokenClaims): Promise<string> {
    const { SignJWT } = await jose();
    return new SignJWT({ conv: conversationId, user: userId, pod: serial })
      .setProtectedHeader({ alg: "HS256", typ: "JWT" })
      .setIssuer(ISSUER)
      .setIssuedAt()
      .setExpirationTime(`${String(TOKEN_LIFE_S)}s`)
      .sign(key);
  }

  async function verify(token: string): Promise<TokenClaims> {
    const { jwtVerify } = await jose();
    const { payload } = await jwtVerify(token, key, { issuer: ISSUER, algorithms: ["HS256"], typ: "JWT" });
    const { conv, user, pod, exp = 0 } = payload;
    const claims = { conversationId: String(conv), userId: String(user), serial: String(pod) };
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

  return { issue, read };
}
