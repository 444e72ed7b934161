import type { ServerResponse } from "node:http";

const RETRY_MS = 1_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  // Proxies that collect an answer before they hand it on would hold the events back.
  "x-accel-buffering": "no",
};

/** Makes of an answer a stream of server-sent events; a browser that loses it comes back after a second. */
export function beginEvents(res: ServerResponse): void {
  res.writeHead(200, HEADERS);
  res.write(`retry: ${String(RETRY_MS)}\n\n`);
}

/** Who has more waiting than may wait does not read, and is cut. */
export function sendEvents(res: ServerResponse, text: string, maxWaitingBytes: number): void {
  if (text === "" || !isOpen(res)) return;
  res.write(text);
  if (res.writableLength > maxWaitingBytes) res.destroy();
}

export function isOpen(res: ServerResponse): boolean {
  return !res.writableEnded && !res.destroyed;
}

export function endStreams(streams: Iterable<ServerResponse>): void {
  for (const res of streams) res.end();
}
