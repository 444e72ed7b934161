import type { ServerResponse } from "node:http";
import type { Clock } from "../plumbing/clock.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { PodView } from "./hand-contract.ts";

export const MAX_STREAMS = 64;
/** What diffuses gets less all the time, which nobody is told of otherwise. */
const REFRESH_MS = 1_000;
const RETRY_MS = 1_000;
const MAX_WAITING_BYTES = 64 * 1024;

const HEADERS = {
  "content-type": "text/event-stream; charset=utf-8",
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
  "x-accel-buffering": "no",
};

export type PodStreams = ReturnType<typeof openPodStreams>;

/** Those who look at a pod: server-sent events, each with the whole view of it. */
export function openPodStreams(view: (serial: string) => PodView | undefined, clock: Clock) {
  const streams = new Map<ServerResponse, string>();
  const closing = new AbortController();
  const stale = new Set<string>();
  void refresh();

  async function refresh(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(REFRESH_MS, closing.signal);
      for (const [res, serial] of streams) tell(res, serial);
    }
  }

  function tell(res: ServerResponse, serial: string): void {
    if (res.writableEnded || res.destroyed) return;
    res.write(`event: pod\ndata: ${JSON.stringify(view(serial))}\n\n`);
    if (res.writableLength > MAX_WAITING_BYTES) res.destroy();
  }

  /** Several changes of one turn are told once. */
  function changed(serial: string): void {
    if (streams.size === 0 || stale.has(serial)) return;
    stale.add(serial);
    setImmediate(() => {
      stale.delete(serial);
      for (const [res, looked] of streams) if (looked === serial) tell(res, serial);
    });
  }

  return {
    changed,

    /** @throws {HttpError} 503 when too many look already */
    open(res: ServerResponse, serial: string): void {
      if (streams.size >= MAX_STREAMS)
        throw new HttpError(503, `${String(MAX_STREAMS)} others look already; close one of them.`);
      streams.set(res, serial);
      res.once("close", () => streams.delete(res));
      res.writeHead(200, HEADERS);
      res.write(`retry: ${String(RETRY_MS)}\n\n`);
      tell(res, serial);
    },

    close: (): void => {
      closing.abort();
      for (const res of streams.keys()) res.end();
      streams.clear();
    },
  };
}
