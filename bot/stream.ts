import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { type StoredActivity, watermarkOf } from "./activity-store.ts";

/** Real clients have been seen with nine sockets on one conversation. */
const MAX_SOCKETS = 16;
/** Nothing but empty keep-alive frames is expected from a client. */
const MAX_FRAME_BYTES = 1_024;
const PING_EVERY_MS = 25_000;
const GOODBYE_MS = 500;

type Upgrade = { request: IncomingMessage; socket: Duplex; head: Buffer };

type ActivitySet = { activities: StoredActivity[]; watermark: string };

/** `from` is the watermark to report when there is nothing to say. */
export function activitySet(activities: StoredActivity[], from: number): ActivitySet {
  const last = activities.at(-1);
  return { activities, watermark: String(last ? watermarkOf(last) : from) };
}

export type Streams = ReturnType<typeof createStreams>;

/** The WebSocket side of Direct Line: every socket of a conversation gets everything, older sockets stay open. */
export function createStreams() {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const sockets = new Map<string, Set<WebSocket>>();

  function remember(conversation: string, socket: WebSocket): void {
    const open = sockets.getOrInsertComputed(conversation, () => new Set());
    open.add(socket);
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      open.delete(socket);
      if (open.size === 0 && sockets.get(conversation) === open) sockets.delete(conversation);
    });
  }

  const pings = setInterval(() => {
    for (const socket of server.clients) socket.ping();
  }, PING_EVERY_MS);

  /** Opens a stream that starts with what `replay` gives once the socket is open. */
  function open(upgrade: Upgrade, conversation: string, replay: () => ActivitySet): void {
    if ((sockets.get(conversation)?.size ?? 0) >= MAX_SOCKETS) {
      upgrade.socket.end("HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) => {
      remember(conversation, socket);
      const missed = replay();
      if (missed.activities.length > 0) socket.send(JSON.stringify(missed));
    });
  }

  function send(conversation: string, activities: StoredActivity[]): void {
    const listening = sockets.get(conversation);
    if (!listening) return;
    const frame = JSON.stringify(activitySet(activities, 0));
    for (const socket of listening) socket.send(frame);
  }

  /** Says goodbye; who does not answer within a moment is cut. */
  function close(): void {
    clearInterval(pings);
    for (const socket of server.clients) {
      socket.close(1001);
      setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
    }
  }

  return { open, send, close };
}
