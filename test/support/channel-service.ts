import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the bot brought to the service. */
type Brought = { path: string; authorization: string | undefined; body: { type: string; text?: string } };

/** A channel's service on this machine that takes every reply, or does what `answer` says instead. */
export async function openChannelService(answer: (res: ServerResponse) => void = takeIt) {
  const brought: Brought[] = [];
  async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const body = JSON.parse(await textOf(req)) as Brought["body"];
    brought.push({ path: req.url ?? "", authorization: req.headers.authorization, body });
    answer(res);
  }
  const server = createServer((req, res) => void take(req, res));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
  return {
    url: `${origin}/`,
    brought,
    texts: () => brought.map(({ body }) => body.text ?? body.type),
    [Symbol.asyncDispose]: () => {
      server.closeAllConnections();
      return new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** What a channel posts; with `expectReplies` the bot answers in the same response. */
export function activityOf(conversation: string, text: string, more: object = {}) {
  return {
    type: "message",
    id: crypto.randomUUID(),
    channelId: "emulator",
    serviceUrl: "http://127.0.0.1:9/",
    conversation: { id: conversation },
    from: { id: "guest", name: "Guest" },
    recipient: { id: "bot", name: "Bot" },
    deliveryMode: "expectReplies",
    locale: "en",
    text,
    ...more,
  };
}

function takeIt(res: ServerResponse): void {
  res.setHeader("content-type", "application/json");
  res.end(`{"id":"1"}`);
}

async function textOf(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
