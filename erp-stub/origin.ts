import type { HttpRequest } from "../plumbing/http-request.ts";

/** Where the caller has us: as the browser says of its page, else by the name that was called, which the edge has checked. */
export function originOf(request: HttpRequest): string {
  const scheme = request.header("x-forwarded-proto") === "https" ? "https" : "http";
  return request.header("origin") ?? `${scheme}://${request.header("host") ?? ""}`;
}
