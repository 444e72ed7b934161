import { hostName, isForwarded, isLoopbackName } from "./caller.ts";
import type { HttpRequest } from "./http-request.ts";

/**
 * A cookie for the whole origin, out of scripts' reach. `__Host-` needs a secure context: https, or the loopback;
 * elsewhere it goes without.
 */
export function createCookie(name: string, publicUrl: string | undefined) {
  function isSecure(request: HttpRequest): boolean {
    if (isLoopbackName(hostName(request.header("host"))) && !isForwarded(request)) return true;
    return request.header("x-forwarded-proto") === "https" || publicUrl?.startsWith("https:") === true;
  }

  const nameFor = (request: HttpRequest) => (isSecure(request) ? `__Host-${name}` : name);

  return {
    read: (request: HttpRequest): string => request.cookie(nameFor(request)) ?? "",

    /** The header that sets it; an age of 0 takes it away. */
    set: (request: HttpRequest, value: string, maxAgeS: number): Record<string, string> => {
      const secure = isSecure(request) ? "; Secure" : "";
      const flags = `Path=/; Max-Age=${String(maxAgeS)}; HttpOnly; SameSite=Strict${secure}`;
      return { "set-cookie": `${nameFor(request)}=${value}; ${flags}` };
    },
  };
}
