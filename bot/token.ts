import { jwtVerify, SignJWT } from "jose";

/** What a Direct Line token says: one conversation, one guest, one pod. */
export type TokenClaims = { conversationId: string; userId: string; serial: string };

export const TOKEN_LIFE_S = 1_800;
const ISSUER = "aromapod-bot";

export type Tokens = Awaited<ReturnType<typeof createTokens>>;

/** JWT-shaped, because Direct Line's clients read the `user` claim without verifying the token. */
export async function createTokens(secret: string) {
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("raw", Buffer.from(secret), algorithm, false, ["sign", "verify"]);

  return {
    issue: ({ conversationId, userId, serial }: TokenClaims): Promise<string> =>
      new SignJWT({ conv: conversationId, user: userId, pod: serial })
        .setProtectedHeader({ alg: "HS256", typ: "JWT" })
        .setIssuer(ISSUER)
        .setIssuedAt()
        .setExpirationTime(`${String(TOKEN_LIFE_S)}s`)
        .sign(key),

    /** The claims of a token of ours, `"expired"`, or `"bad"`. */
    async read(token: string): Promise<TokenClaims | "expired" | "bad"> {
      try {
        const { payload } = await jwtVerify(token, key, { issuer: ISSUER, algorithms: ["HS256"], typ: "JWT" });
        return {
          conversationId: String(payload["conv"]),
          userId: String(payload["user"]),
          serial: String(payload["pod"]),
        };
      } catch (error) {
        return (error as { code?: string }).code === "ERR_JWT_EXPIRED" ? "expired" : "bad";
      }
    },
  };
}
