import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import { refuseUpgrade } from "../plumbing/upgrade.ts";
import { type StoredActivity, watermarkOf } from "./activity-store.ts";

/** Real clients have been seen with nine sockets on one conversation. */
const MAX_SOCKETS = 16;
/** Of all conversations together; what connections remain is for those who ask, and a page without a stream asks. */
const MAX_STREAMS = 3_000;
/** Nothing but empty keep-alive frames is expected from a client. */
const MAX_FRAME_BYTES = 1_024;
/** A client that reads nothing must not fill our memory. */
const MAX_UNREAD_BYTES = 1_000_000;
const PING_EVERY_MS = 25_000;
const GOODBYE_MS = 500;
/** How long streams of an ended conversation stay open: a client that is closed at once comes back at once. */
const LINGER_MS = 30_000;

type Upgrade = { request: IncomingMessage; socket: Duplex; head: Buffer };

type ActivitySet = { activities: StoredActivity[]; watermark: string };

/** What a stream begins with, and whether nothing will follow. */
type Beginning = { replay: () => ActivitySet; isLast: boolean };

/** `from` is the watermark to report when there is nothing to say. */
export function activitySet(activities: StoredActivity[], from: number): ActivitySet {
  const last = activities.at(-1);
  return { activities, watermark: String(last ? watermarkOf(last) : from) };
}

export type Streams = ReturnType<typeof createStreams>;

/** The WebSocket side of Direct Line: every socket of a conversation gets everything, older sockets stay open. */
export function createStreams({ lingerMs = LINGER_MS, maxStreams = MAX_STREAMS } = {}) {
  const server = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES, perMessageDeflate: false });
  const sockets = new Map<string, Set<WebSocket>>();
  const pings = startPings(server);
  // A stream that opened behind the goodbye would keep the listener from ending.
  let isClosing = false;

  function remember(conversation: string, socket: WebSocket): void {
    const open = sockets.getOrInsertComputed(conversation, () => new Set());
    open.add(socket);
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      open.delete(socket);
      if (open.size === 0 && sockets.get(conversation) === open) sockets.delete(conversation);
    });
  }

  /** Opens a stream that starts with what `replay` gives once the socket is open. */
  function open(upgrade: Upgrade, conversation: string, { replay, isLast }: Beginning): void {
    if (isClosing || server.clients.size >= maxStreams) return refuseUpgrade(upgrade.socket, "503 Service Unavailable");
    if ((sockets.get(conversation)?.size ?? 0) >= MAX_SOCKETS) {
      return refuseUpgrade(upgrade.socket, "429 Too Many Requests");
    }
    server.handleUpgrade(upgrade.request, upgrade.socket, upgrade.head, (socket) => {
      remember(conversation, socket);
      const missed = replay();
      if (missed.activities.length > 0) write(socket, JSON.stringify(missed));
      if (isLast) closeLater([socket], lingerMs);
    });
  }

  /** Tells every stream of a conversation; after the last activities they close. */
  function send(conversation: string, activities: StoredActivity[], areLast: boolean): void {
    const listening = sockets.get(conversation);
    if (!listening) return;
    const frame = JSON.stringify(activitySet(activities, 0));
    for (const socket of listening) write(socket, frame);
    if (areLast) closeLater([...listening], lingerMs);
  }

  /** Says goodbye to everybody. */
  function close(): void {
    isClosing = true;
    clearInterval(pings);
    for (const socket of server.clients) bidGoodbye(socket, 1001);
  }

  return { open, send, close };
}

/** Cuts who answers no ping: a phone that left the network says no goodbye. */
function startPings(server: WebSocketServer): NodeJS.Timeout {
  const unanswered = new WeakSet<WebSocket>();
  const ping = (socket: WebSocket): void => {
    if (unanswered.has(socket)) return socket.terminate();
    unanswered.add(socket);
    socket.once("pong", () => unanswered.delete(socket));
    socket.ping();
  };
  return setInterval(() => server.clients.forEach(ping), PING_EVERY_MS);
}

function write(socket: WebSocket, frame: string): void {
  if (socket.bufferedAmount > MAX_UNREAD_BYTES) socket.terminate();
  else socket.send(frame);
}

function closeLater(ended: WebSocket[], ms: number): void {
  setTimeout(() => {
    for (const socket of ended) bidGoodbye(socket, 1000);
  }, ms).unref();
}

/** Who does not answer within a moment is cut. */
function bidGoodbye(socket: WebSocket, code: number): void {
  socket.close(code);
  setTimeout(() => socket.terminate(), GOODBYE_MS).unref();
}
