import { randomBytes } from "node:crypto";
import { HttpError } from "../plumbing/http-reply.ts";
import { readLocale } from "./activity-input.ts";

/** Direct Line's clients want ids of guests to begin like this. */
const USER_ID_SHAPE = /^dl_[\w.:@-]{1,64}$/;
const MAX_ORIGINS = 16;

type TokenRequest = { userId?: string; trustedOrigins?: string[]; locale?: string };

/**
 * What a client says of its user when it asks for a token or starts a conversation; all of it may be absent.
 *
 * @throws {HttpError} 400 with what is wrong
 */
export function readTokenRequest(body: unknown): TokenRequest {
  if (body === undefined || body === null) return {};
  if (typeof body !== "object" || Array.isArray(body)) throw new HttpError(400, "Send a JSON object, or nothing.");
  const { user, trustedOrigins, locale } = body as Record<string, unknown>;
  const spoken = readLocale(locale);
  return {
    ...readUser((user as { id?: unknown } | null | undefined)?.id),
    ...readOrigins(trustedOrigins),
    ...(spoken ? { locale: spoken } : {}),
  };
}

export function newUser(): string {
  return `dl_${randomBytes(12).toString("base64url")}`;
}

function readUser(id: unknown): Pick<TokenRequest, "userId"> {
  if (id === undefined || id === "") return {};
  if (typeof id === "string" && USER_ID_SHAPE.test(id)) return { userId: id };
  throw new HttpError(400, `"user.id" must begin with "dl_" and have at most 67 characters.`);
}

function readOrigins(origins: unknown): Pick<TokenRequest, "trustedOrigins"> {
  if (origins === undefined) return {};
  const isList = Array.isArray(origins) && origins.length <= MAX_ORIGINS;
  if (isList && origins.every((origin) => typeof origin === "string")) return { trustedOrigins: origins };
  throw new HttpError(400, `"trustedOrigins" must be a list of at most ${String(MAX_ORIGINS)} origins.`);
}
