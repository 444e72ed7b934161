import { isForwarded, requireKey } from "../plumbing/caller.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";

const WITHOUT_KEY = "Send the operator's key as a bearer token.";

export type Guard = ReturnType<typeof createGuard>;

/** Who may do what. Writing needs the operator's key; so does reading, when a proxy stands between us and the caller. */
export function createGuard({ operatorKey, isPublic }: { operatorKey: string; isPublic: boolean }) {
  /** @throws {HttpError} 401 */
  const requireOperator = (request: HttpRequest): void => requireKey(request, operatorKey, WITHOUT_KEY);

  /** @throws {HttpError} 401 */
  const requireReader = (request: HttpRequest): void => {
    if (isPublic || isForwarded(request)) requireOperator(request);
  };

  return { requireOperator, requireReader };
}
