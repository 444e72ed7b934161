import { createHmac } from "node:crypto";
import { comesFromOwnPage, isForwarded, requireKey } from "../plumbing/caller.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { sameSecret } from "../plumbing/secret.ts";

const WITHOUT_KEY = "Send the operator's key as a bearer token.";
const STALE_PAGE = "This page is from another time or place: load it again, then repeat what you wanted.";

export type Guard = ReturnType<typeof createGuard>;

/** Whoever is on this machine may look. Hands are laid on a pod by who has the operator's key, or by a page of ours. */
export function createGuard(operatorKey: string) {
  const pageToken = createHmac("sha256", operatorKey).update("pod page token").digest("base64url");

  return {
    pageToken,

    /** @throws {HttpError} 401 for what comes through a proxy without the key */
    requireReader(request: HttpRequest): void {
      if (isForwarded(request)) requireKey(request, operatorKey, WITHOUT_KEY);
    },

    /** @throws {HttpError} 401 without the key, or 403 for what is no page of ours */
    requireOperator(request: HttpRequest, token = request.header("x-page-token")): void {
      if (token === undefined || isForwarded(request)) return requireKey(request, operatorKey, WITHOUT_KEY);
      if (!comesFromOwnPage(request) || !sameSecret(token, pageToken)) throw new HttpError(403, STALE_PAGE);
    },
  };
}
