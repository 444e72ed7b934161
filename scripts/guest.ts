import { setTimeout as delay } from "node:timers/promises";
import type { GuestNote, GuestView, TokenAnswer } from "../bot/contract.ts";
import { parseJson } from "../plumbing/json.ts";
import { typed } from "./own-program.ts";
import { reach } from "./reach.ts";

/** A button as a client sees it. */
type SeenButton = { title: string; text?: string; displayText?: string; value?: unknown };

/** An activity as a client sees it. */
export type SeenActivity = {
  id: string;
  type: string;
  text?: string;
  from: { role?: string };
  code?: string;
  /** What it answers; the bot says some things without being asked. */
  replyToId?: string;
  suggestedActions?: { actions: SeenButton[] };
};

/** What a guest says: words, or what a tapped button carries. */
type Words = { text?: string; value?: unknown; locale?: string };

/** Longer than any limit of the bot holds. */
const PATIENCE_MS = 180_000;

/** The kit took what the guest did for wrong; `reason` is its own sentence about that. */
export class NotTakenError extends Error {
  override name = "NotTakenError";
  readonly reason: string;
  constructor(message: string, reason: string) {
    super(message);
    this.reason = reason;
  }
}

/**
 * A guest who has nothing but the launch link: the page, Direct Line, and what the page tells about the session.
 * Told that there are too many, it waits as long as it is asked to; `onWait` hears how many seconds.
 */
export function createGuest(launchUrl: string, onWait: (seconds: number) => void) {
  const { origin, pathname } = new URL(launchUrl);
  const ask = createCaller(origin, onWait);
  let activities = "";

  async function call<T>(path: string, options: Call = {}): Promise<T> {
    const answer = await ask(path, options);
    if (answer.ok) return (await answer.json()) as T;
    const body = await answer.text();
    const message = `${options.method ?? "GET"} ${path} answered ${String(answer.status)}: ${body}`;
    throw answer.status < 500 ? new NotTakenError(message, reasonIn(body)) : new Error(message);
  }

  return {
    /** The page as a phone gets it that asks for this language, as it does from then on. */
    openPage: async (language?: string): Promise<string> => {
      const wanted: Record<string, string> = language === undefined ? {} : { "accept-language": language };
      const answer = await ask(pathname, { keep: wanted, headers: { accept: "text/html" } });
      if (answer.ok) return answer.text();
      throw new Error(
        `The launch link answered ${String(answer.status)}; is it the one that "${typed("start")}" printed?`,
      );
    },

    /** Begins the session, in a language; resolves with its id. */
    begin: async (locale?: string): Promise<string> => {
      const { conversationId, token } = await call<TokenAnswer>(`${pathname}/token`, { method: "POST" });
      activities = `/v3/directline/conversations/${conversationId}/activities`;
      const keep = { authorization: `Bearer ${token}` };
      await call("/v3/directline/conversations", { method: "POST", body: { locale }, keep });
      return conversationId;
    },

    /** Everything said so far. */
    read: async (): Promise<SeenActivity[]> => (await call<{ activities: SeenActivity[] }>(activities)).activities,

    say: (words: Words) =>
      call(activities, { method: "POST", body: { type: "message", from: { id: "guest" }, ...words } }),

    session: () => call<GuestView & { note?: GuestNote }>(`${pathname}/session`),
  };
}

/** What a refusal says, in Direct Line's shape or in the kit's own. */
export function reasonIn(body: string): string {
  const { error, detail } = (parseJson(body) ?? {}) as { error?: { message?: string }; detail?: string };
  return error?.message ?? detail ?? body;
}

/** `keep` are headers that go with this call and all after it. */
type Call = { method?: string; body?: unknown; headers?: Record<string, string>; keep?: Record<string, string> };

/** Calls one origin, with the cookie that it was given last. */
function createCaller(origin: string, onWait: (seconds: number) => void) {
  const kept: Record<string, string> = { accept: "application/json" };

  return async (path: string, { method = "GET", body, headers, keep }: Call): Promise<Response> => {
    Object.assign(kept, keep);
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const type = body === undefined ? {} : { "content-type": "application/json" };
    const request = { method, headers: { ...kept, ...type, ...headers }, ...content };
    const answer = await patiently(() => reach(origin + path, request), onWait);
    const [cookie] = answer.headers.get("set-cookie")?.split(";") ?? [];
    if (cookie) kept["cookie"] = cookie;
    return answer;
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
