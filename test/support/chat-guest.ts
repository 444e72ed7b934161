import { randomUUID } from "node:crypto";
import type { TokenAnswer } from "../../bot/contract.ts";

type SeenActivity = {
  id: string;
  type: string;
  text?: string;
  from: { role: string };
  code?: string;
  channelData?: unknown;
};
export type ActivitySet = { activities: SeenActivity[]; watermark: string };
type Conversation = TokenAnswer & { streamUrl: string };
export type Answer<T = unknown> = { status: number; headers: Headers; body: T };

const DIRECT_LINE = "/v3/directline";

/** A request with its answer read as JSON. */
export async function call<T>(url: string, init: RequestInit = {}): Promise<Answer<T>> {
  const response = await fetch(url, init);
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

export function post(body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}

async function takeToken(launchUrl: string) {
  const { status, headers, body } = await call<TokenAnswer>(`${launchUrl}/token`, { method: "POST" });
  if (status !== 200) throw new Error(`The token was answered with ${String(status)}: ${JSON.stringify(body)}`);
  const [cookie = ""] = (headers.get("set-cookie") ?? "").split(";");
  return { ...body, cookie };
}

/** A guest with a token of a launch link, who may begin the conversation, write, and read what was said. */
export async function createChatGuest(launchUrl: string) {
  const { conversationId: id, token, cookie } = await takeToken(launchUrl);
  const conversations = `${new URL(launchUrl).origin}${DIRECT_LINE}/conversations`;
  const authorization = { authorization: `Bearer ${token}` };

  return {
    id,
    token,
    cookie,
    activitiesUrl: `${conversations}/${id}/activities`,

    /** Starts the conversation; again and again it is the same one. */
    start: () => call<Conversation>(conversations, post({}, authorization)),

    /** The conversation with a stream that begins after a watermark. */
    resume: (watermark: string) =>
      call<Conversation>(`${conversations}/${id}?watermark=${watermark}`, { headers: authorization }),

    say: (text: string, clientActivityID: string = randomUUID()) =>
      call<{ id: string; error?: { code: string; message: string } }>(
        `${conversations}/${id}/activities`,
        post({ type: "message", from: { id: "guest" }, text, channelData: { clientActivityID } }, authorization),
      ),

    read: async (watermark = ""): Promise<ActivitySet> => {
      const url = `${conversations}/${id}/activities?watermark=${watermark}`;
      return (await call<ActivitySet>(url, { headers: authorization })).body;
    },
  };
}

/** A guest whose conversation has begun. */
export async function beginChat(launchUrl: string) {
  const guest = await createChatGuest(launchUrl);
  const { status, body } = await guest.start();
  if (status !== 201) throw new Error(`The start was answered with ${String(status)}: ${JSON.stringify(body)}`);
  return { ...guest, streamUrl: body.streamUrl };
}
