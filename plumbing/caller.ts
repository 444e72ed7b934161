import { HttpError } from "./http-reply.ts";
import type { HttpRequest } from "./http-request.ts";
import { sameSecret } from "./secret.ts";

const LOOPBACK_NAMES = ["127.0.0.1", "localhost", "[::1]"];
const LOOPBACK_ADDRESSES = ["127.0.0.1", "::1", "::ffff:127.0.0.1"];
const FORWARDING_HEADERS = [
  "forwarded",
  "via",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-real-ip",
];
const BEARER = "Bearer ";

/** The name in a `Host` header, without the port. */
export function hostName(header: string | undefined): string {
  return (header ?? "").replace(/:\d+$/, "").toLowerCase();
}

/** Whether a host name, as in a URL, is this machine's own. */
export function isLoopbackName(name: string): boolean {
  return LOOPBACK_NAMES.includes(name);
}

export function comesFromThisMachine({ remoteAddress }: HttpRequest): boolean {
  return LOOPBACK_ADDRESSES.includes(remoteAddress);
}

/** Whether a proxy stands between us and the caller, so that its address says nothing. */
export function isForwarded(request: HttpRequest): boolean {
  return FORWARDING_HEADERS.some((name) => request.header(name) !== undefined);
}

/** Where a request comes from; a proxy of ours on this machine wrote that as the last entry of its header. */
export function clientAddress(request: HttpRequest, behindProxy: boolean): string {
  const forwarded =
    behindProxy && comesFromThisMachine(request)
      ? request.header("x-forwarded-for")?.split(",").at(-1)?.trim()
      : undefined;
  return forwarded || request.remoteAddress;
}

/** @throws {HttpError} 401 with the sentence, unless the request carries this key as a bearer token */
export function requireKey(request: HttpRequest, key: string, sentence: string): void {
  const header = request.header("authorization") ?? "";
  if (header.startsWith(BEARER) && sameSecret(header.slice(BEARER.length), key)) return;
  throw new HttpError(401, sentence, { "www-authenticate": "Bearer" });
}

/** Browsers say where a form was sent from. A proxy may have put another name into `Host`. */
export function comesFromOwnPage(request: HttpRequest): boolean {
  const site = request.header("sec-fetch-site");
  if (site !== undefined) return site === "same-origin";
  const origin = request.header("origin");
  if (origin === undefined) return true;
  const hosts = [request.header("host"), request.header("x-forwarded-host")];
  return URL.canParse(origin) && hosts.includes(new URL(origin).host);
}
