import { Agent, request } from "undici";
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
export function openErpClient(target: ErpTarget) {
  const dispatcher = new Agent({
    pipelining: 0,
    allowH2: false,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: ANSWER_TIMEOUT_MS,
    bodyTimeout: ANSWER_TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
    maxHeaderSize: MAX_HEADER_BYTES,
  });

  async function get(path: string, headers: Record<string, string>): Promise<CallResult> {
    try {
      const signal = AbortSignal.timeout(DEADLINE_MS);
      const answer = await request(target.url + path, {
        dispatcher,
        signal,
        headers: { accept: "application/json", ...headers },
      });
      return { kind: "answer", status: answer.statusCode, body: await answer.body.text() };
    } catch (error) {
      const { code = "", syscall = "", message } = error as NodeJS.ErrnoException;
      return { kind: "failure", code: String(code), syscall, message };
    }
  }

  return {
    /** `GET /device/switch` with the delivery's id as `Idempotency-Key`. */
    send(call: ErpCall): Promise<CallResult> {
      const { id, serial, status, scent, startTime, endTime } = call;
      const path = switchPath({
        serial,
        status,
        scent,
        startTime: startTime ?? undefined,
        endTime: endTime ?? undefined,
      });
      return get(path, { "idempotency-key": id, "cache-control": "no-store" });
    },

    /** The usage that this call opened or changed, `"absent"`, or `undefined` when the ERP could not say. */
    async findUsage(ref: string): Promise<Usage | "absent" | undefined> {
      const headers = target.apiKey ? { authorization: `Bearer ${target.apiKey}` } : undefined;
      const result = await get(`/api/device-usages?ref=${encodeURIComponent(ref)}`, headers ?? {});
      if (result.kind === "failure" || result.status !== 200) return undefined;
      const list = usageListSchema.safeParse(parseJson(result.body));
      return list.success ? (list.data.data[0] ?? "absent") : undefined;
    },

    close: () => dispatcher.close(),
  };
}
