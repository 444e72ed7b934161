import { createHmac, randomUUID } from "node:crypto";
import { hostName, isForwarded, isLoopbackName } from "../plumbing/caller.ts";
import type { Clock } from "../plumbing/clock.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { sameSecret } from "../plumbing/secret.ts";

export const SESSION_LIFE_MS = 8 * 3_600_000;
const NAME = "aromapod-operator";

type Options = { operatorKey: string; publicUrl: string | undefined };

/** Knows an operator's browser again by a signed cookie, and our own pages by the token in their forms. */
export function createOperatorSessions({ operatorKey, publicUrl }: Options, clock: Clock) {
  /** Signed out before their time, and until when that has to be remembered. */
  const ended = new Map<string, number>();
  const sign = (purpose: string, value: string) =>
    createHmac("sha256", operatorKey).update(`${purpose}\n${value}`).digest("base64url");

  /** `__Host-` needs a secure context: https, or the loopback. */
  function isSecure(request: HttpRequest): boolean {
    const host = hostName(request.header("host"));
    if (isLoopbackName(host) && !isForwarded(request)) return true;
    return request.header("x-forwarded-proto") === "https" || publicUrl?.startsWith("https:") === true;
  }

  const nameFor = (request: HttpRequest) => (isSecure(request) ? `__Host-${NAME}` : NAME);

  function setCookie(request: HttpRequest, value: string, maxAgeS: number): Record<string, string> {
    const flags = `Path=/; Max-Age=${String(maxAgeS)}; HttpOnly; SameSite=Strict${isSecure(request) ? "; Secure" : ""}`;
    return { "set-cookie": `${nameFor(request)}=${value}; ${flags}` };
  }

  /** The browser's session, as long as it is good. */
  function find(request: HttpRequest): { id: string; until: number } | undefined {
    const [id = "", until = "", signature = ""] = (request.cookie(nameFor(request)) ?? "").split(".");
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
      return setCookie(request, `${claim}.${sign("operator session", claim)}`, SESSION_LIFE_MS / 1_000);
    },

    /** The header that ends it; a copy of the cookie is no longer good either. */
    end: (request: HttpRequest): Record<string, string> => {
      const session = find(request);
      for (const [id, until] of ended) if (until <= clock.now()) ended.delete(id);
      if (session) ended.set(session.id, session.until);
      return setCookie(request, "", 0);
    },
  };
}
