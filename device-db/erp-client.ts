import { type Usage, usageListSchema } from "../erp-stub/contract.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import { parseJson } from "../plumbing/json.ts";
import type { ErpTarget } from "./config.ts";
import { requestOf } from "./erp-request.ts";
import type { CallResult } from "./outcome.ts";

const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** undici's own timers are coarse; this one is exact and covers the whole call. */
const DEADLINE_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;
/** All check-ins that a device ever had. */
const MAX_LIST_BYTES = 8 * 1024 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const LOAD_AFTER_MS = 1_500;

export type ErpClient = ReturnType<typeof openErpClient>;

/**
 * The ERP's documented call writes on GET. So: a fresh connection for each call, no HTTP/2, no retry, no redirect, no
 * cache, bounded sizes, one deadline; and whatever happens is a value, because what it proves is decided elsewhere.
 */
export function openErpClient(target: Pick<ErpTarget, "url" | "apiKey">) {
  const { get, close } = openGetter(target.url);
  const ownHeaders: Record<string, string> = target.apiKey ? { authorization: `Bearer ${target.apiKey}` } : {};

  /** The usages that the ERP names for this filter, or `undefined` when it could not say. */
  async function findUsages(filter: { ref: string } | { serial: string }): Promise<Usage[] | undefined> {
    const query = new URLSearchParams(filter).toString();
    const result = await get(`/api/device-usages?${query}`, ownHeaders, MAX_LIST_BYTES);
    if (result.kind === "failure" || result.status !== 200) return undefined;
    const list = usageListSchema.safeParse(parseJson(result.body));
    return list.success ? list.data.data : undefined;
  }

  return {
    send(row: Parameters<typeof requestOf>[0]): Promise<CallResult> {
      const { path, headers } = requestOf(row);
      return get(path, headers);
    },

    findUsages,

    /** How many check-ins of this device the ERP has, or `undefined` when it could not say. */
    async countCheckIns(serial: string): Promise<number | undefined> {
      const usages = await findUsages({ serial });
      return usages?.every((usage) => usage.serial === serial) ? usages.length : undefined;
    },

    /** Ends the calls under way too: their answers were not seen. */
    close,
  };
}

function openGetter(origin: string) {
  let undici: ReturnType<typeof openUndici> | undefined;
  const load = () => {
    undici ??= openUndici();
    return undici;
  };
  const loading = setTimeout(() => void load(), LOAD_AFTER_MS);
  loading.unref();

  async function get(path: string, headers: Record<string, string>, maxBytes = MAX_ANSWER_BYTES): Promise<CallResult> {
    const { request, dispatcherFor, neverConnected } = await load();
    // A signal that times out by itself would go on living for the whole time after each answer.
    const deadline = new AbortController();
    const timer = setTimeout(() => deadline.abort(new DOMException("no answer in time", "TimeoutError")), DEADLINE_MS);
    try {
      const answer = await request(origin + path, {
        dispatcher: dispatcherFor(maxBytes),
        signal: deadline.signal,
        headers: { accept: "application/json", ...headers },
      });
      const retryAfter = answer.headers["retry-after"];
      const body = await answer.body.text();
      return { kind: "answer", status: answer.statusCode, body, retryAfter: retryAfter?.toString() };
    } catch (cause) {
      const error = cause as NodeJS.ErrnoException;
      const code = typeof error.code === "string" ? error.code : error.name;
      return { kind: "failure", connected: !neverConnected.has(error), code, message: error.message };
    } finally {
      clearTimeout(timer);
    }
  }

  async function close(): Promise<void> {
    clearTimeout(loading);
    await (await undici)?.destroy();
  }

  return { get, close };
}

/** undici takes a tenth of a second to load, which a start need not wait for. */
async function openUndici() {
  const { Agent, buildConnector, request } = await import("undici");
  const neverConnected = new WeakSet<Error>();
  const connectorOfUndici = buildConnector({ timeout: CONNECT_TIMEOUT_MS, allowH2: false });
  // Connects as undici does, and remembers the errors of connections that never came about.
  const connect: typeof connectorOfUndici = (options, done) =>
    connectorOfUndici(options, (...outcome) => {
      if (outcome[0]) neverConnected.add(outcome[0]);
      // undici writes the request before it returns from here.
      done(...outcome);
      failpoint("delivery.sent");
    });
  const dispatchers = new Map<number, InstanceType<typeof Agent>>();
  const dispatcherFor = (maxResponseSize: number) =>
    dispatchers.getOrInsertComputed(maxResponseSize, () => {
      const timeouts = { headersTimeout: ANSWER_TIMEOUT_MS, bodyTimeout: ANSWER_TIMEOUT_MS };
      return new Agent({
        pipelining: 0,
        allowH2: false,
        connect,
        ...timeouts,
        maxResponseSize,
        maxHeaderSize: MAX_HEADER_BYTES,
      });
    });
  const destroy = () => Promise.all([...dispatchers.values()].map((dispatcher) => dispatcher.destroy()));
  return { request, dispatcherFor, neverConnected, destroy };
}
