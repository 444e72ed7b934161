import { clientAddress, comesFromOwnPage, isForwarded, requireKey } from "../plumbing/caller.ts";
import type { Clock } from "../plumbing/clock.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { sameSecret } from "../plumbing/secret.ts";
import { createWindows } from "../plumbing/windows.ts";
import { createOperatorSessions } from "./operator-session.ts";

const WITHOUT_KEY = "Send the operator's key as a bearer token.";
const STALE_PAGE = "This page is from another time or place: load it again, then repeat what you wanted.";
/** A key is pasted, not guessed. */
export const TRIES_PER_ADDRESS = 5;

export type Guard = ReturnType<typeof createGuard>;

/**
 * Who may do what. A writer sends the operator's key, or is a page of ours; a reader on this machine needs nothing.
 * When a proxy stands between us and the caller, a page needs a session too, and so does a reader.
 */
export function createGuard(config: { operatorKey: string; publicUrl: string | undefined }, clock: Clock) {
  const { operatorKey, publicUrl } = config;
  const sessions = createOperatorSessions(config, clock);
  const tries = createWindows(TRIES_PER_ADDRESS);

  const needsSession = (request: HttpRequest): boolean => publicUrl !== undefined || isForwarded(request);

  /** Whether a browser may see the pages. */
  const mayLook = (request: HttpRequest): boolean => !needsSession(request) || sessions.find(request) !== undefined;

  /** @throws {HttpError} 401 without the key, or 403 for what is no page of ours */
  function requireOperator(request: HttpRequest, pageToken = request.header("x-page-token")): void {
    if (pageToken === undefined || !mayLook(request)) return requireKey(request, operatorKey, WITHOUT_KEY);
    if (!comesFromOwnPage(request) || !sessions.isPageToken(request, pageToken)) throw new HttpError(403, STALE_PAGE);
  }

  /** @throws {HttpError} 401 */
  function requireReader(request: HttpRequest): void {
    if (!mayLook(request)) requireKey(request, operatorKey, WITHOUT_KEY);
  }

  /**
   * The header that begins a session, or `undefined` for a wrong key.
   *
   * @throws {HttpError} 429 after a few wrong ones from the same address, whatever comes then
   */
  function signIn(request: HttpRequest, key: string): Record<string, string> | undefined {
    const address = clientAddress(request, needsSession(request));
    const waitS = Math.ceil(tries.waitMs(address, clock.now()) / 1_000);
    if (waitS > 0) {
      const sentence = `Too many tries: please wait ${String(waitS)} seconds.`;
      throw new HttpError(429, sentence, { "retry-after": String(waitS) });
    }
    if (sameSecret(key, operatorKey)) return sessions.begin(request);
    tries.count(address, clock.now());
    return undefined;
  }

  return {
    requireOperator,
    requireReader,
    mayLook,
    isSignedIn: (request: HttpRequest): boolean => sessions.find(request) !== undefined,
    pageToken: sessions.pageToken,
    signIn,
    signOut: sessions.end,
    comesFromOwnPage,
  };
}
