import type { ServerResponse } from "node:http";
import type { Clock } from "../plumbing/clock.ts";
import { beginEvents, endStreams, isOpen, sendEvents } from "../plumbing/event-stream.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { Log } from "../plumbing/log.ts";
import type { PodView } from "./hand-contract.ts";

const MAX_STREAMS = 64;
/** What diffuses gets less all the time, which nobody is told of otherwise. */
const REFRESH_MS = 1_000;
const MAX_WAITING_BYTES = 64 * 1024;

export type PodStreams = ReturnType<typeof openPodStreams>;

/** What is told of a pod, for programs or for a page. */
type Telling = () => { event: string; data: unknown };

type Looker = { serial: string; tell: Telling; told: string };

/** Those who look at a pod: server-sent events, each with all that there is to see of it. */
export function openPodStreams(
  view: (serial: string) => PodView | undefined,
  { clock, log }: { clock: Clock; log: Log },
) {
  const tell = teller(log);
  const streams = new Map<ServerResponse, Looker>();
  const closing = new AbortController();
  const stale = new Set<string>();
  void refresh();

  async function refresh(): Promise<void> {
    while (!closing.signal.aborted) {
      await clock.sleep(REFRESH_MS, closing.signal);
      for (const [res, looker] of streams) tell(res, looker);
    }
  }

  /** Several changes of one turn are told once. */
  function changed(serial: string): void {
    if (streams.size === 0 || stale.has(serial)) return;
    stale.add(serial);
    setImmediate(() => {
      stale.delete(serial);
      for (const [res, looker] of streams) if (looker.serial === serial) tell(res, looker);
    });
  }

  return {
    changed,

    /** @throws {HttpError} 503 when too many look already */
    open(res: ServerResponse, serial: string, telling: Telling = () => ({ event: "pod", data: view(serial) })): void {
      if (streams.size >= MAX_STREAMS)
        throw new HttpError(503, `${String(MAX_STREAMS)} others look already; close one of them.`);
      const looker = { serial, tell: telling, told: "" };
      streams.set(res, looker);
      res.once("close", () => streams.delete(res));
      beginEvents(res);
      tell(res, looker);
    },

    close: (): void => {
      closing.abort();
      endStreams(streams.keys());
      streams.clear();
    },
  };
}

/** What looks as it did is not told again. What cannot be told ends that stream, and nothing else. */
function teller(log: Log) {
  return (res: ServerResponse, looker: Looker): void => {
    if (!isOpen(res)) return;
    try {
      const { event, data } = looker.tell();
      const text = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
      if (text !== looker.told) sendEvents(res, text, MAX_WAITING_BYTES);
      looker.told = text;
    } catch (err) {
      log.error({ err, serial: looker.serial }, "pod not told of");
      res.destroy();
    }
  };
}
