import { createHash, createHmac } from "node:crypto";
import { hostName, isLoopbackName } from "../plumbing/caller.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { sameSecret } from "../plumbing/secret.ts";

/** Longer than any session lives, so that a guest who looks again sees how it ended. */
const LIFE_S = 3_600;

export type GuestCookies = ReturnType<typeof createGuestCookies>;

/** Knows the guest's session again: an HttpOnly cookie per link, signed so that only we can have set it. */
export function createGuestCookies(key: string, publicUrl: string | undefined) {
  const sign = (link: string, sessionId: string) =>
    createHmac("sha256", key).update(`guest cookie\n${link}\n${sessionId}`).digest("base64url");

  const publicHost = publicUrl && new URL(publicUrl).hostname;

  /** `__Host-` needs a secure context: https, or the loopback. */
  function nameFor(request: HttpRequest, link: string): { name: string; secure: boolean } {
    const host = hostName(request.header("host"));
    const secure = host === publicHost ? publicUrl?.startsWith("https:") === true : isLoopbackName(host);
    const suffix = createHash("sha256").update(link).digest("hex").slice(0, 12);
    return { name: `${secure ? "__Host-" : ""}aromapod-${suffix}`, secure };
  }

  return {
    /** The `Set-Cookie` header. */
    header: (request: HttpRequest, link: string, sessionId: string): Record<string, string> => {
      const { name, secure } = nameFor(request, link);
      const flags = `Path=/; Max-Age=${String(LIFE_S)}; HttpOnly; SameSite=Lax${secure ? "; Secure" : ""}`;
      return { "set-cookie": `${name}=${sessionId}.${sign(link, sessionId)}; ${flags}` };
    },

    /** The session of this browser for this link, begun or not. */
    sessionId: (request: HttpRequest, link: string): string | undefined => {
      const [sessionId = "", signature = ""] = (request.cookie(nameFor(request, link).name) ?? "").split(".");
      return signature !== "" && sameSecret(signature, sign(link, sessionId)) ? sessionId : undefined;
    },

    /** The guest of a session, the same for each of its tokens. Direct Line's clients want ids to begin like this. */
    userId: (sessionId: string): string =>
      `dl_${createHmac("sha256", key).update(`guest id\n${sessionId}`).digest("base64url").slice(0, 22)}`,
  };
}
