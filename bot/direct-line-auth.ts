import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { sameSecret } from "../plumbing/secret.ts";
import { DirectLineError } from "./direct-line-error.ts";
import type { TokenClaims, Tokens } from "./token.ts";

type Keys = { tokens: Tokens; directLineSecret: string };

const JWT_SHAPE = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/**
 * What the request's token says.
 *
 * @throws {HttpError} with the status by which real clients behave well: 401 no token, 403 expired or foreign
 */
export async function readClaims(tokens: Tokens, request: HttpRequest): Promise<TokenClaims> {
  const claims = await tokens.read(bearerOf(request));
  if (claims === "bad") throw new HttpError(401, "This token is not one of ours.");
  if (claims === "expired") throw tokenExpired();
  const { id } = request.params;
  if (id !== undefined && id !== claims.conversationId) {
    throw new HttpError(403, "This token is for another conversation.");
  }
  const origin = request.header("origin");
  if (origin !== undefined && claims.trustedOrigins?.includes(origin) === false) {
    throw new HttpError(403, "This token is for pages of another origin.");
  }
  return claims;
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
