import { expect } from "vitest";
import { launchChromium } from "../../scripts/scenarios/chromium.ts";
import { type DirectLineApi, directLineAt } from "../support/direct-line-api.ts";
import { openDirectLineJs } from "../support/direct-line-js.ts";
import { openKit } from "../support/kit.ts";

export const QUESTION = "bot: Which scent would you like? a) fire, b) wood, c) water, d) air";
export const THANKS = "bot: Thank you. I am asking your AromaPod for wood.";
export const END = "bot: endOfConversation";
export const NOT_UNDERSTOOD = `bot: Sorry, I did not understand that. ${QUESTION.slice("bot: ".length)}`;
export const SCAN_THE_CARD = expect.stringMatching(/^bot: Please scan the card in your room again/) as string;

type Granted = { conversationId: string; token: string };

export type World = Awaited<ReturnType<typeof openWorld>>;

/** A running kit, its Direct Line by plain requests, and a browser for the real client. */
export async function openWorld() {
  await using opening = new AsyncDisposableStack();
  const kit = opening.use(await openKit("safe"));
  const browser = opening.use(await launchChromium());
  const api = directLineAt(kit.urls.bot);
  const owned = opening.move();

  /** A token of the launch link; nothing has begun. */
  async function takeToken() {
    const answer = await fetch(`${kit.launchUrl}/token`, { method: "POST" });
    expect(answer.status).toBe(200);
    return (await answer.json()) as Granted;
  }

  return {
    kit,
    browser,
    api,
    secret: kit.secrets.directLineSecret,
    link: new URL(kit.launchUrl).pathname.split("/").at(-1) ?? "",
    takeToken,

    /** A conversation of the launch link, with its question asked. */
    begin: async () => beginConversation(api, await takeToken()),

    /** The real client in a page of the bot's own origin, or of another one that stands before it. */
    openClient: (options: Parameters<typeof openDirectLineJs>[2], origin = kit.urls.bot) =>
      openDirectLineJs(browser, origin, options),

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Starts the conversation of a token. */
export async function beginConversation(api: DirectLineApi, { token, conversationId }: Granted) {
  const { status, body } = await api.post("/conversations", token, { user: {} });
  expect(status).toBe(201);
  const path = `/conversations/${conversationId}`;
  return {
    token,
    conversationId,
    path,
    streamUrl: body.streamUrl,

    say: (text: string) => api.post(`${path}/activities`, token, message(text)),

    read: async (watermark = "") => {
      const answer = await api.get(`${path}/activities?watermark=${watermark}`, token);
      expect(answer.status).toBe(200);
      return answer.body;
    },
  };
}

export function message(text: string, more: object = {}) {
  return { type: "message", from: { id: "me" }, text, ...more };
}
