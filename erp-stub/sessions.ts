import { createHmac } from "node:crypto";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { createCookie } from "../plumbing/cookie.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { hashSecret, newSecret, sameSecret } from "../plumbing/secret.ts";
import type { SessionStore, User } from "./session-store.ts";

export const SESSION_LIFE_MS = 8 * 3_600_000;

type Deps = { store: SessionStore; clock: Clock; publicUrl: string | undefined };

export type Sessions = ReturnType<typeof createSessions>;

/** Knows a browser again in which somebody signed in, and our own pages by the token in their forms. */
export function createSessions({ store, clock, publicUrl }: Deps) {
  const cookie = createCookie("katlai-user", publicUrl);
  const pageToken = (request: HttpRequest): string =>
    createHmac("sha256", cookie.read(request)).update("page token").digest("base64url");

  return {
    find: (request: HttpRequest): User | undefined => {
      const token = cookie.read(request);
      return token === "" ? undefined : store.find(hashSecret(token), isoTime(clock.now()));
    },

    /** The header that begins a session. */
    async begin(request: HttpRequest, userId: number): Promise<Record<string, string>> {
      const token = newSecret();
      const until = isoTime(clock.now() + SESSION_LIFE_MS);
      await store.begin({ tokenHash: hashSecret(token), userId, until }, isoTime(clock.now()));
      return cookie.set(request, token, SESSION_LIFE_MS / 1_000);
    },

    /** The header that ends it; a copy of the cookie is no longer good either. */
    async end(request: HttpRequest): Promise<Record<string, string>> {
      await store.end(hashSecret(cookie.read(request)));
      return cookie.set(request, "", 0);
    },

    /** What a form of ours carries; another site's page cannot read it. */
    pageToken,
    isPageToken: (request: HttpRequest, token: string): boolean => sameSecret(token, pageToken(request)),
  };
}
