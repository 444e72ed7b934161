import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

const PAGE = '<!doctype html><html lang="en"><title>Room</title><p>Which scent would you like?</p></html>';
const QUESTION = { activities: [{ type: "message", from: { role: "bot" }, text: "Which scent would you like?" }] };
const THANKS = {
  activities: [
    { type: "message", from: { role: "bot" }, text: "Thank you." },
    { type: "endOfConversation", from: { role: "bot" } },
  ],
};

/**
 * What guests are to the kit, with nothing behind it: node:http and WebSockets that say the same. No tokens, no bot, no
 * store, no pod: what a reply costs at least between these processes.
 */
export async function startFloorChat(pods: number) {
  const sockets = new Map<string, WebSocket>();
  const streams = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  const server = createServer((req, res) => void answer(req, res).catch(() => res.destroy()));

  async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
    for await (const _ of req);
    const path = req.url ?? "/";
    if (path.endsWith("/activities")) {
      sockets.get(path.split("/")[4] ?? "")?.send(JSON.stringify(THANKS));
      return send(res, { id: randomUUID() });
    }
    if (path.endsWith("/token")) return send(res, withToken(randomUUID()));
    if (path.endsWith("/conversations")) {
      const id = (req.headers.authorization ?? "").replace("Bearer ", "");
      return send(res, { ...withToken(id), streamUrl: `ws://${req.headers.host ?? ""}/${id}` });
    }
    if (path.endsWith("/session")) return send(res, { state: "ended", command: { state: "accepted" } });
    res.writeHead(200, { "content-type": "text/html" }).end(PAGE);
  }

  server.on("upgrade", (req, socket, head) => {
    streams.handleUpgrade(req, socket, head, (stream) => {
      const id = (req.url ?? "").slice(1);
      sockets.set(id, stream);
      stream.on("close", () => sockets.delete(id));
      stream.send(JSON.stringify(QUESTION));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    launchPaths: Array.from({ length: pods }, (_, pod) => `/r/${String(pod)}`),
    close: async (): Promise<void> => {
      for (const stream of streams.clients) stream.terminate();
      server.close();
      server.closeAllConnections();
    },
  };
}

function withToken(id: string) {
  return { conversationId: id, token: id };
}

function send(res: ServerResponse, body: object): void {
  res.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
}
