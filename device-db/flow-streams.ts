import type { ServerResponse } from "node:http";
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../plumbing/clock.ts";
import { beginEvents, endStreams, isOpen, sendEvents } from "../plumbing/event-stream.ts";
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

type Stream = { res: ServerResponse; wants: (hop: FlowHop) => boolean };

type Flows = Pick<FlowStore, "onHops" | "hopsAfter" | "newestHop">;

export type FlowStreams = ReturnType<typeof openFlowStreams>;

/** Those who look at the live flow: server-sent events, one for each hop, numbered by it. */
export function openFlowStreams(flow: Flows, clock: Clock) {
  const open = new Set<ServerResponse>();
  const live = new Set<Stream>();
  const closing = new AbortController();
  const stopHearing = flow.onHops((hops) => {
    if (live.size === 0) return;
    for (const hop of hops) tell(hop, live);
  });
  void keepAwake(open, clock, closing.signal);

  function add(res: ServerResponse, query: FlowStreamQuery): void {
    const stream = { res, wants: wanted(query) };
    open.add(res);
    res.once("close", () => {
      open.delete(res);
      live.delete(stream);
    });
    beginEvents(res);
    catchUp(stream, query, flow).then(
      () => isOpen(res) && live.add(stream),
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
      closing.abort();
      stopHearing();
      endStreams(open);
      open.clear();
      live.clear();
    },
  };
}

/** Proxies end what is silent for long, and of who is gone without a word nobody would hear. */
async function keepAwake(open: ReadonlySet<ServerResponse>, clock: Clock, closing: AbortSignal): Promise<void> {
  while (!closing.aborted) {
    await clock.sleep(HEARTBEAT_MS, closing);
    for (const res of open) send(res, ":\n\n");
  }
}

/** Writes what was missed. A hop is told in the turn that it is kept in, so none comes between the end of this and the next. */
async function catchUp({ res, wants }: Stream, query: FlowStreamQuery, flow: Flows): Promise<void> {
  let last = startOf(query, flow.newestHop());
  while (isOpen(res)) {
    const missed = flow.hopsAfter(last, { flow: query.flow, limit: PAGE });
    if (missed.length === 0) return;
    last = missed.at(-1)?.n ?? last;
    send(res, missed.filter(wants).map(eventOf).join(""));
    await (res.writableNeedDrain ? drained(res) : nextTurn());
  }
}

function startOf({ after, flow }: FlowStreamQuery, newest: number): number {
  if (after === undefined) return newest;
  return Math.min(newest, flow === undefined ? Math.max(after, newest - MAX_MISSED) : after);
}

function tell(hop: FlowHop, live: ReadonlySet<Stream>): void {
  let event: string | undefined;
  for (const { res, wants } of live) if (wants(hop)) send(res, (event ??= eventOf(hop)));
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
  sendEvents(res, text, MAX_WAITING_BYTES);
}
