import type { GuestView, TokenAnswer } from "../bot/contract.ts";

/** An activity as a client sees it. */
type SeenActivity = { id: string; type: string; text?: string; from: { role?: string }; code?: string };

/** A guest who has nothing but the launch link: the page, Direct Line, and what the page tells about the session. */
export function createGuest(launchUrl: string) {
  const { origin, pathname } = new URL(launchUrl);
  let cookie = "";
  let conversation: TokenAnswer | undefined;

  async function call<T>(path: string, options: { method?: string; body?: unknown } = {}): Promise<T> {
    const headers: Record<string, string> = { accept: "application/json" };
    if (cookie) headers["cookie"] = cookie;
    if (conversation) headers["authorization"] = `Bearer ${conversation.token}`;
    if (options.body !== undefined) headers["content-type"] = "application/json";
    const body = options.body === undefined ? {} : { body: JSON.stringify(options.body) };
    const answer = await fetch(origin + path, { method: options.method ?? "GET", headers, ...body });
    const setCookie = answer.headers.get("set-cookie");
    if (setCookie) cookie = setCookie.split(";")[0] ?? "";
    if (!answer.ok)
      throw new Error(`${options.method ?? "GET"} ${path} answered ${String(answer.status)}: ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  const activities = (id: string) => `/v3/directline/conversations/${id}/activities`;
  const current = (): TokenAnswer => {
    if (!conversation) throw new Error("The guest has not begun a conversation.");
    return conversation;
  };

  return {
    /** The page as a phone gets it. */
    async openPage(): Promise<string> {
      const answer = await fetch(origin + pathname, { headers: { accept: "text/html" } });
      if (!answer.ok)
        throw new Error(`The launch link answered ${String(answer.status)}; is it the one that "npm start" printed?`);
      return answer.text();
    },

    /** Begins the session; resolves with its id. */
    async begin(): Promise<string> {
      conversation = await call<TokenAnswer>(`${pathname}/token`, { method: "POST" });
      await call("/v3/directline/conversations", { method: "POST", body: {} });
      return conversation.conversationId;
    },

    /** Everything said so far. */
    async read(): Promise<SeenActivity[]> {
      const set = await call<{ activities: SeenActivity[] }>(activities(current().conversationId));
      return set.activities;
    },

    async say(text: string): Promise<void> {
      await call(activities(current().conversationId), {
        method: "POST",
        body: { type: "message", from: { id: "guest" }, text },
      });
    },

    session: () => call<GuestView>(`${pathname}/session`),
  };
}
