import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { sameSecret } from "../plumbing/secret.ts";
import { DirectLineError } from "./direct-line-error.ts";
import type { BotStore } from "./store.ts";
import type { TokenClaims, Tokens } from "./token.ts";

type Keys = { store: BotStore; tokens: Tokens; directLineSecret: string };

const JWT_SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * What the request's token says; with the secret in its place, whose conversation it is about.
 *
 * @throws {HttpError} with the status by which real clients behave well: 401 no token, 403 expired or foreign
 */
export async function readClaims(keys: Keys, request: HttpRequest): Promise<TokenClaims> {
  const { id } = request.params;
  if (id !== undefined && carriesSecret(keys, request)) return claimsFor(keys, id);
  const claims = await keys.tokens.read(bearerOf(request));
  if (claims === "bad") throw new HttpError(401, "This token is not one of ours.");
  if (claims === "expired") throw tokenExpired();
  if (id !== undefined && id !== claims.conversationId) {
    throw new HttpError(403, "This token is for another conversation.");
  }
  const origin = request.header("origin");
  if (origin !== undefined && claims.trustedOrigins?.includes(origin) === false) {
    throw new HttpError(403, "This token is for pages of another origin.");
  }
  return claims;
}

function claimsFor({ store }: Keys, id: string): TokenClaims {
  const conversation = store.conversations.find(id);
  if (!conversation) throw new HttpError(404, "This conversation was never started.");
  return { conversationId: id, userId: conversation.userId };
}

/** @throws {HttpError} 401 without the secret, 403 with a wrong one */
export function requireSecret({ directLineSecret }: Keys, request: HttpRequest): void {
  const given = bearerOf(request);
  if (sameSecret(given, directLineSecret)) return;
  if (JWT_SHAPE.test(given)) throw new HttpError(401, "Send the Direct Line secret; this is a token.");
  throw new HttpError(403, "This is not the Direct Line secret.");
}

export function carriesSecret({ directLineSecret }: Keys, request: HttpRequest): boolean {
  return sameSecret(bearerOf(request), directLineSecret);
}

export function tokenExpired(): HttpError {
  return new DirectLineError(403, "TokenExpired", "This token has expired.");
}

function bearerOf(request: HttpRequest): string {
  const [scheme, token = ""] = (request.header("authorization") ?? "").split(" ");
  if (scheme !== "Bearer" || token === "") throw new HttpError(401, "Send the token as a bearer token.");
  return token;
}
