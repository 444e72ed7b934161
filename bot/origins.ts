import type { IncomingMessage } from "node:http";
import type { Handler } from "../plumbing/http.ts";
import { HttpError, type Reply } from "../plumbing/http-reply.ts";

const SHARED = { "access-control-expose-headers": "retry-after", vary: "Origin" };
const PREFLIGHT = {
  "access-control-allow-methods": "GET, POST, OPTIONS",
  // What Direct Line's clients send.
  "access-control-allow-headers": "authorization, content-type, x-ms-bot-agent, x-requested-with",
  "access-control-max-age": "600",
};

export type Origins = ReturnType<typeof createOrigins>;

/** Whose pages may use the chat: this server's own, and those of the origins that the settings name. */
export function createOrigins(listed: readonly string[], publicUrl: string | undefined) {
  /** Requests without `Origin` do not come from a page. */
  function admits({ headers }: IncomingMessage): boolean {
    const { origin, host } = headers;
    if (origin === undefined || origin === publicUrl || listed.includes(origin)) return true;
    return URL.parse(origin)?.host === host;
  }

  /** @throws {HttpError} 403 for a page that is not admitted */
  function headersFor(request: IncomingMessage): Record<string, string> {
    if (!admits(request)) throw new HttpError(403, "Pages of this origin may not use the chat; see BOT_ORIGINS.");
    const { origin } = request.headers;
    return origin === undefined ? {} : { ...SHARED, "access-control-allow-origin": origin };
  }

  /** Lets the pages read what is answered, errors too. */
  function shared(handle: Handler): Handler {
    return async (request) => {
      const headers = headersFor(request.raw.req);
      try {
        const reply = await handle(request);
        return reply && { ...reply, headers: { ...reply.headers, ...headers } };
      } catch (error) {
        if (error instanceof HttpError) Object.assign(error.headers, headers);
        throw error;
      }
    };
  }

  const preflight: Handler = ({ raw }): Reply => {
    return { status: 204, headers: { ...headersFor(raw.req), ...PREFLIGHT }, body: "" };
  };

  return { admits, shared, preflight };
}
