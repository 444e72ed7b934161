import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import { HttpError } from "../plumbing/http-reply.ts";
import type { FlowHop, FlowStreamQuery } from "./contract.ts";
import type { FlowStore } from "./flow-store.ts";

export const MAX_STREAMS = 64;
/** Who has so much waiting does not read, and is cut; browsers come back and go on where they were. */
export const MAX_WAITING_BYTES = 1024 * 1024;
/** Who was away for longer does not see all that it missed. */
const MAX_MISSED = 10_000;
/** However long their payloads are, so many fit into what may wait. */
const PAGE = 100;
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 1_000;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  // Proxies that collect an answer before they hand it on would hold the hops back.
  "x-accel-buffering": "no",
};

/** `last` is the number up to which it has been told. */
type Stream = { res: ServerResponse; wants: (hop: FlowHop) => boolean; last: number };

type Flows = Pick<FlowStore, "onHops" | "hopsAfter" | "newestHop">;

export type FlowStreams = ReturnType<typeof openFlowStreams>;

/** Those who look at the live flow: server-sent events, one for each hop, numbered by it. */
export function openFlowStreams(flow: Flows) {
  const open = new Set<ServerResponse>();
  const live = new Set<Stream>();
  const heartbeat = setInterval(() => {
    for (const res of open) send(res, ":\n\n");
  }, HEARTBEAT_MS);
  heartbeat.unref();
  const forget = flow.onHops((hops) => {
    if (live.size === 0) return;
    for (const hop of hops) tell(hop, live);
  });

  function add(res: ServerResponse, query: FlowStreamQuery): void {
    const stream = { res, wants: wanted(query), last: startOf(query.after, flow.newestHop()) };
    open.add(res);
    res.once("close", () => {
      open.delete(res);
      live.delete(stream);
    });
    res.writeHead(200, HEADERS);
    res.write(`retry: ${String(RETRY_MS)}\n\n`);
    catchUp(flow, stream, query.flow).then(
      () => open.has(res) && live.add(stream),
      () => res.destroy(),
    );
  }

  return {
    /** @throws {HttpError} 503 when too many look already */
    open(res: ServerResponse, query: FlowStreamQuery): void {
      if (open.size < MAX_STREAMS) return add(res, query);
      throw new HttpError(503, `${String(MAX_STREAMS)} others look at the live flow already; close one of them.`);
    },

    listeners: () => open.size,

    close: (): void => {
      clearInterval(heartbeat);
      forget();
      for (const res of open) res.end();
      open.clear();
      live.clear();
    },
  };
}

function startOf(after: number | undefined, newest: number): number {
  return after === undefined ? newest : Math.min(newest, Math.max(after, newest - MAX_MISSED));
}

/** Writes what was missed. */
async function catchUp(flow: Flows, stream: Stream, flowId: string | undefined): Promise<void> {
  const { res } = stream;
  while (!res.destroyed) {
    const missed = flow.hopsAfter(stream.last, { flow: flowId, limit: PAGE });
    if (missed.length === 0) return;
    stream.last = missed.at(-1)?.n ?? stream.last;
    send(res, missed.filter(stream.wants).map(eventOf).join(""));
    await (res.writableNeedDrain ? drained(res) : nextTurn());
  }
}

function tell(hop: FlowHop, live: ReadonlySet<Stream>): void {
  let event: string | undefined;
  for (const { res, wants, last } of live) {
    if (hop.n > last && wants(hop)) send(res, (event ??= eventOf(hop)));
  }
}

function wanted({ flow, serial, failed }: FlowStreamQuery): (hop: FlowHop) => boolean {
  return (hop) =>
    (flow === undefined || hop.flowId === flow) &&
    (serial === undefined || hop.serial === serial) &&
    (failed === undefined || !hop.ok);
}

function eventOf(hop: FlowHop): string {
  return `id: ${String(hop.n)}\nevent: hop\ndata: ${JSON.stringify(hop)}\n\n`;
}

function drained(res: ServerResponse): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const end = (): void => {
    res.off("drain", end).off("close", end);
    resolve();
  };
  res.on("drain", end).on("close", end);
  return promise;
}

function send(res: ServerResponse, text: string): void {
  if (text === "" || res.destroyed) return;
  res.write(text);
  if (res.writableLength > MAX_WAITING_BYTES) res.destroy();
}
