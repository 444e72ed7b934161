import { createHmac, randomUUID } from "node:crypto";
import type { Clock } from "../plumbing/clock.ts";
import { createCookie } from "../plumbing/cookie.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { sameSecret } from "../plumbing/secret.ts";

export const SESSION_LIFE_MS = 8 * 3_600_000;
const NAME = "aromapod-operator";

type Options = { operatorKey: string; publicUrl: string | undefined };

/** Knows an operator's browser again by a signed cookie, and our own pages by the token in their forms. */
export function createOperatorSessions({ operatorKey, publicUrl }: Options, clock: Clock) {
  /** Signed out before their time, and until when that has to be remembered. */
  const ended = new Map<string, number>();
  const cookie = createCookie(NAME, publicUrl);
  const sign = (purpose: string, value: string) =>
    createHmac("sha256", operatorKey).update(`${purpose}\n${value}`).digest("base64url");

  /** The browser's session, as long as it is good. */
  function find(request: HttpRequest): { id: string; until: number } | undefined {
    const [id = "", until = "", signature = ""] = cookie.read(request).split(".");
    const isGood = sameSecret(signature, sign("operator session", `${id}.${until}`)) && Number(until) > clock.now();
    return isGood && !ended.has(id) ? { id, until: Number(until) } : undefined;
  }

  /** The token that a form of ours carries; another site's page cannot read it. */
  const pageToken = (request: HttpRequest): string => sign("page token", find(request)?.id ?? "");

  return {
    find,
    pageToken,
    isPageToken: (request: HttpRequest, token: string): boolean => sameSecret(token, pageToken(request)),

    /** The header that begins a session. */
    begin: (request: HttpRequest): Record<string, string> => {
      const claim = `${randomUUID()}.${String(clock.now() + SESSION_LIFE_MS)}`;
      return cookie.set(request, `${claim}.${sign("operator session", claim)}`, SESSION_LIFE_MS / 1_000);
    },

    /** The header that ends it; a copy of the cookie is no longer good either. */
    end: (request: HttpRequest): Record<string, string> => {
      const session = find(request);
      for (const [id, until] of ended) if (until <= clock.now()) ended.delete(id);
      if (session) ended.set(session.id, session.until);
      return cookie.set(request, "", 0);
    },
  };
}
