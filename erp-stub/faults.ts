/** Faults on demand: one for each call of an endpoint, as long as somebody has ordered any. */
import type { Clock } from "../plumbing/clock.ts";
import { HttpError, json, type Reply, text } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Fault, FaultKind, NewFault } from "./fault-contract.ts";

export const MAX_FAULTS = 20;
const PIECES = 20;
const FAILURE = "Something went wrong here, as it was told to.";
const PAGE = "<!doctype html><title>Welcome</title><h1>Welcome</h1>";

type Endpoint = Exclude<Fault["endpoint"], "both">;
type Handle<Rest extends unknown[]> = (
  request: HttpRequest,
  ...rest: Rest
) => Reply | undefined | Promise<Reply | undefined>;

/** What stands around a handler, so that a fault may act on its calls. */
export type WithFaults = <Rest extends unknown[]>(handle: Handle<Rest>, endpoint: Endpoint) => Handle<Rest>;

export const withoutFaults: WithFaults = (handle) => handle;

export type Faults = ReturnType<typeof createFaults>;

export function createFaults(clock: Clock) {
  const { take, ...list } = createFaultList();

  const withFaults: WithFaults =
    (handle, endpoint) =>
    (request, ...rest) => {
      const fault = take(endpoint);
      if (!fault) return handle(request, ...rest);
      const again = readableTwice(request);
      const run = async (): Promise<Reply | undefined> => handle(again, ...rest);
      return ACTIONS[fault.kind]({ run, request, clock, ms: fault.ms ?? 0 });
    };

  return { ...list, withFaults };
}

function createFaultList() {
  let faults: Fault[] = [];
  let lastId = 0;

  /** Whether there was one. */
  function remove(id: number): boolean {
    const kept = faults.filter((fault) => fault.id !== id);
    const wasThere = kept.length < faults.length;
    faults = kept;
    return wasThere;
  }

  return {
    list: (): readonly Fault[] => faults,

    /** The fault that acts from now on, or `undefined` as there are too many. */
    add(fault: NewFault): Fault | undefined {
      if (faults.length >= MAX_FAULTS) return undefined;
      lastId += 1;
      const added = { id: lastId, ...fault, left: fault.times };
      faults.push(added);
      return added;
    },

    remove,

    clear(): void {
      faults = [];
    },

    /** The oldest that concerns the endpoint; it has one call less left. */
    take: (endpoint: Endpoint): Fault | undefined => {
      const fault = faults.find((each) => each.endpoint === endpoint || each.endpoint === "both");
      if (!fault || fault.left === null) return fault;
      fault.left -= 1;
      if (fault.left === 0) remove(fault.id);
      return fault;
    },
  };
}

type Call = { run: () => Promise<Reply | undefined>; request: HttpRequest; clock: Clock; ms: number };

const ACTIONS: Record<FaultKind, (call: Call) => Promise<Reply | undefined>> = {
  async latency({ run, clock, ms }) {
    const reply = await run();
    await clock.sleep(ms);
    return reply;
  },
  "error-before": () => Promise.reject(new HttpError(500, FAILURE)),
  async "error-after"({ run }) {
    await run();
    return json({ error: FAILURE }, 500);
  },
  async cut({ run, request }) {
    await run();
    request.raw.req.socket.destroy();
    return undefined;
  },
  async duplicate({ run }) {
    await run();
    return run();
  },
  async slow({ run, ...call }) {
    const reply = await run();
    if (reply) await dribble(reply, call);
    return undefined;
  },
  async "wrong-body"({ run }) {
    await run();
    return text(PAGE, 200, "text/html; charset=utf-8");
  },
};

async function dribble(reply: Reply, { request, clock, ms }: Omit<Call, "run">): Promise<void> {
  const { res } = request.raw;
  const body = Buffer.from(reply.body);
  const size = Math.ceil(body.length / PIECES);
  res.writeHead(reply.status, { ...reply.headers, "content-length": body.length });
  res.flushHeaders();
  for (let at = 0; at < body.length && !res.destroyed; at += size) {
    await clock.sleep(ms / PIECES);
    res.write(body.subarray(at, at + size));
  }
  res.end();
}

/** The body of a request comes once. */
function readableTwice(request: HttpRequest): HttpRequest {
  return {
    ...request,
    json: once((maxBytes?: number) => request.json(maxBytes)),
    form: once(() => request.form()),
    text: once((maxBytes: number) => request.text(maxBytes)),
  };
}

function once<Args extends unknown[], Value>(
  read: (...args: Args) => Promise<Value>,
): (...args: Args) => Promise<Value> {
  let value: Promise<Value> | undefined;
  return (...args) => {
    value ??= read(...args);
    return value;
  };
}
