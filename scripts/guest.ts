import { setTimeout as delay } from "node:timers/promises";
import type { GuestView, TokenAnswer } from "../bot/contract.ts";
import { reach } from "./reach.ts";

/** An activity as a client sees it. */
export type SeenActivity = {
  id: string;
  type: string;
  text?: string;
  from: { role?: string };
  code?: string;
  suggestedActions?: { actions: { title: string }[] };
};

/** What a guest says: words, or what a tapped button carries. */
type Words = { text?: string; value?: unknown; locale?: string };

/** Longer than any limit of the bot holds. */
const PATIENCE_MS = 180_000;

/**
 * A guest who has nothing but the launch link: the page, Direct Line, and what the page tells about the session.
 * Told that there are too many, it waits as long as it is asked to; `onWait` hears how many seconds.
 */
export function createGuest(launchUrl: string, onWait: (seconds: number) => void) {
  const { origin, pathname } = new URL(launchUrl);
  const call = createCaller(origin, onWait);
  let activities = "";

  return {
    /** The page as a phone gets it. */
    openPage: async (): Promise<string> => {
      const answer = await reach(origin + pathname, { headers: { accept: "text/html" } });
      if (answer.ok) return answer.text();
      throw new Error(`The launch link answered ${String(answer.status)}; is it the one that "npm start" printed?`);
    },

    /** Begins the session, in a language; resolves with its id. */
    begin: async (locale?: string): Promise<string> => {
      const { conversationId, token } = await call<TokenAnswer>(`${pathname}/token`, { method: "POST" });
      activities = `/v3/directline/conversations/${conversationId}/activities`;
      await call("/v3/directline/conversations", { method: "POST", body: { locale }, token });
      return conversationId;
    },

    /** Everything said so far. */
    read: async (): Promise<SeenActivity[]> => (await call<{ activities: SeenActivity[] }>(activities)).activities,

    say: (words: Words) =>
      call(activities, { method: "POST", body: { type: "message", from: { id: "guest" }, ...words } }),

    session: () => call<GuestView>(`${pathname}/session`),
  };
}

/** Calls one origin, with the token and the cookie that it was given last. */
function createCaller(origin: string, onWait: (seconds: number) => void) {
  const headers: Record<string, string> = { accept: "application/json" };

  return async <T>(path: string, options: { method?: string; body?: unknown; token?: string } = {}): Promise<T> => {
    const { method = "GET", body, token } = options;
    if (token) headers["authorization"] = `Bearer ${token}`;
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const request = { method, headers: { ...headers, ...type }, ...content };
    const answer = await patiently(() => reach(origin + path, request), onWait);
    const [cookie] = answer.headers.get("set-cookie")?.split(";") ?? [];
    if (cookie) headers["cookie"] = cookie;
    if (answer.ok) return (await answer.json()) as T;
    throw new Error(`${method} ${path} answered ${String(answer.status)}: ${await answer.text()}`);
  };
}

/** The first answer that is no 429, or the 429 that asks for more patience than there is. */
async function patiently(ask: () => Promise<Response>, onWait: (seconds: number) => void): Promise<Response> {
  const giveUpAt = performance.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    const seconds = Number(answer.headers.get("retry-after"));
    const isTooMany = answer.status === 429 && seconds >= 1;
    if (!isTooMany || performance.now() + seconds * 1_000 > giveUpAt) return answer;
    await answer.body?.cancel();
    onWait(seconds);
    await delay(seconds * 1_000);
  }
}
