import { randomBytes } from "node:crypto";
import { HttpError } from "../plumbing/http-reply.ts";
import { readLocale } from "./activity-input.ts";

/** Direct Line's clients want ids of guests to begin like this. */
const USER_ID_SHAPE = /^dl_[\w.:@-]{1,64}$/;
const MAX_ORIGINS = 16;

/**
 * For whom a token is wanted; all of it may be absent.
 *
 * @throws {HttpError} 400 with what is wrong
 */
export function readTokenRequest(body: unknown): { userId?: string; trustedOrigins?: string[] } {
  const { user, trustedOrigins } = fieldsOf(body);
  return { ...readUser(idOf(user)), ...readOrigins(trustedOrigins) };
}

/**
 * What a client says as it starts a conversation. Web Chat makes up ids of another shape: they name nobody.
 *
 * @throws {HttpError} 400 when it is no such request at all
 */
export function readStartRequest(body: unknown): { userId?: string; locale?: string } {
  const { user, locale } = fieldsOf(body);
  const id = idOf(user);
  const spoken = readLocale(locale);
  return { ...(isUserId(id) ? { userId: id } : {}), ...(spoken ? { locale: spoken } : {}) };
}

export function newUser(): string {
  return `dl_${randomBytes(12).toString("base64url")}`;
}

function fieldsOf(body: unknown): Record<string, unknown> {
  if (body === undefined || body === null) return {};
  if (typeof body === "object" && !Array.isArray(body)) return body as Record<string, unknown>;
  throw new HttpError(400, "Send a JSON object, or nothing.");
}

function idOf(user: unknown): unknown {
  return (user as { id?: unknown } | null | undefined)?.id;
}

function isUserId(id: unknown): id is string {
  return typeof id === "string" && USER_ID_SHAPE.test(id);
}

function readUser(id: unknown): { userId?: string } {
  if (id === undefined || id === "") return {};
  if (isUserId(id)) return { userId: id };
  throw new HttpError(400, `"user.id" must begin with "dl_" and have at most 67 characters.`);
}

function readOrigins(origins: unknown): { trustedOrigins?: string[] } {
  if (origins === undefined) return {};
  const isList = Array.isArray(origins) && origins.length <= MAX_ORIGINS;
  if (isList && origins.every((origin) => typeof origin === "string")) return { trustedOrigins: origins };
  throw new HttpError(400, `"trustedOrigins" must be a list of at most ${String(MAX_ORIGINS)} origins.`);
}
