import { switchPath, type Usage, usageListSchema } from "../erp-stub/contract.ts";
import { parseJson } from "../plumbing/json.ts";
import type { ErpTarget } from "./config.ts";
import type { CallResult } from "./outcome.ts";

const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 10_000;
/** undici's own timers are coarse; this one is exact and covers the whole call. */
const DEADLINE_MS = 15_000;
const MAX_ANSWER_BYTES = 64 * 1024;
const MAX_HEADER_BYTES = 16 * 1024;
const LOAD_AFTER_MS = 1_500;

export type ErpCall = {
  id: string;
  serial: string;
  status: string;
  scent: string;
  startTime: string | null;
  endTime: string | null;
};

export type ErpClient = ReturnType<typeof openErpClient>;

/**
 * The ERP's documented call writes on GET. So: a fresh connection for each call, no HTTP/2, no retry, no redirect, no
 * cache, bounded sizes, one deadline; and whatever happens is a value, because what it proves is decided elsewhere.
 */
export function openErpClient(target: Pick<ErpTarget, "url" | "apiKey">) {
  const { get, close } = openGetter(target.url);

  return {
    /** `GET /device/switch` with the delivery's id as `Idempotency-Key`. */
    send({ id, serial, status, scent, startTime, endTime }: ErpCall): Promise<CallResult> {
      const schedule = { startTime: startTime ?? undefined, endTime: endTime ?? undefined };
      const path = switchPath({ serial, status, scent, ...schedule });
      return get(path, { "idempotency-key": id, "cache-control": "no-store" });
    },

    /** The usages that the ERP names when it is asked for a call's reference, or `undefined` when it could not say. */
    async findUsages(ref: string): Promise<Usage[] | undefined> {
      const headers = target.apiKey ? { authorization: `Bearer ${target.apiKey}` } : undefined;
      const result = await get(`/api/device-usages?ref=${encodeURIComponent(ref)}`, headers ?? {});
      if (result.kind === "failure" || result.status !== 200) return undefined;
      const list = usageListSchema.safeParse(parseJson(result.body));
      return list.success ? list.data.data : undefined;
    },

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

  async function get(path: string, headers: Record<string, string>): Promise<CallResult> {
    const { request, dispatcher, neverConnected } = await load();
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const answer = await request(origin + path, {
        dispatcher,
        signal,
        headers: { accept: "application/json", ...headers },
      });
      return { kind: "answer", status: answer.statusCode, body: await answer.body.text() };
    } catch (cause) {
      const error = cause as NodeJS.ErrnoException;
      const code = typeof error.code === "string" ? error.code : error.name;
      return { kind: "failure", connected: !neverConnected.has(error), code, message: error.message };
    }
  }

  async function close(): Promise<void> {
    clearTimeout(loading);
    await (await undici)?.dispatcher.close();
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
      done(...outcome);
    });
  const dispatcher = new Agent({
    pipelining: 0,
    allowH2: false,
    connect,
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  return { request, dispatcher, neverConnected };
}
