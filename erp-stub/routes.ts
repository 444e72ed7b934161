import { requireKey } from "../plumbing/caller.ts";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import { healthRoutes } from "../plumbing/health.ts";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json, problem, type Reply } from "../plumbing/http-reply.ts";
import type { Metric } from "../plumbing/metrics.ts";
import type { RequestCounts } from "../plumbing/request-counts.ts";
import { createAllowList, looksLikeBrowser } from "./caller.ts";
import type { ErpConfig } from "./config.ts";
import { usageFilterSchema } from "./contract.ts";
import type { ErpStore, UsageFilter } from "./store.ts";
import { decideSwitch, parseSwitchCall, type SwitchDecision } from "./switch.ts";

const WITHOUT_KEY = "Send the ERP's API key as Authorization: Bearer.";
const SWITCH_PATH = "/device/switch";

type Parts = {
  config: Pick<ErpConfig, "mode" | "allow" | "apiKey">;
  store: ErpStore;
  clock: Clock;
  requests: RequestCounts;
};

export function erpRoutes(parts: Parts): Route[] {
  const { store, config, requests } = parts;
  return [
    { method: "GET", path: SWITCH_PATH, handle: switchHandler(parts) },
    {
      method: "GET",
      path: "/api/device-usages",
      handle: (request) => {
        requireKey(request, config.apiKey, WITHOUT_KEY);
        return json({ data: store.usages(parseUsageFilter(request.query)) });
      },
    },
    ...healthRoutes({ requests, checks: { store: store.isReadable }, metrics: () => metricsOf(store) }),
  ];
}

/** The documented endpoint has an error shape of its own; everything else answers RFC 9457. */
export function formatErpError(error: HttpError, path: string): Reply {
  return path === SWITCH_PATH ? json({ error: error.message }, error.status, error.headers) : problem(error);
}

function switchHandler({ config, store, clock }: Parts): Handler {
  const isAllowed = createAllowList(config.allow);

  return async (request) => {
    if (!isAllowed(request.remoteAddress)) {
      throw new HttpError(403, `${request.remoteAddress} may not call this address: add it to ERP_ALLOW.`);
    }
    if (looksLikeBrowser((name) => request.header(name))) {
      throw new HttpError(
        403,
        "Every call of this address writes, so it refuses browsers: send it with curl or a program.",
      );
    }
    const key = request.header("idempotency-key");
    const call = parseSwitchCall(request.query, config.mode === "safe" ? key : undefined);
    const receipt = { ref: key ? key : null, request: `GET ${request.url}` };
    const decision = await store.switchDevice(call, receipt, (rows) => decideSwitch(call, rows, isoTime(clock.now())));
    failpoint("erp.committed");
    return replyTo(decision);
  };
}

function replyTo(decision: SwitchDecision): Reply {
  if (decision.kind === "refused") return json(decision.error, decision.status);
  return json(decision.answer, 200, decision.kind === "replayed" ? { "idempotency-replayed": "true" } : {});
}

/** @throws {HttpError} 422 with one sentence that names every bad parameter */
function parseUsageFilter(query: URLSearchParams): UsageFilter {
  const repeated = Object.keys(usageFilterSchema.shape).filter((field) => query.getAll(field).length > 1);
  const parsed = usageFilterSchema.safeParse(Object.fromEntries(query));
  if (parsed.success && repeated.length === 0) return parsed.data;
  const problems = [
    ...repeated.map((field) => `${field} must not be given more than once`),
    ...(parsed.error?.issues ?? []).map(({ path, message }) => `${String(path[0])} ${message}`),
  ];
  throw new HttpError(422, `Bad filter: ${problems.join("; ")}.`);
}

function metricsOf(store: ErpStore): Metric[] {
  const usages = [...store.usageCounts()].map(([status, value]) => {
    return { name: "erp_usages", help: "Usages by their status.", value, labels: { status } };
  });
  const requests = store.requestCounts().map(({ label, count }) => {
    return {
      name: "erp_requests_total",
      help: "Journaled calls by the answer's status code.",
      value: count,
      labels: { code: String(label) },
      type: "counter" as const,
    };
  });
  return [...usages, ...requests];
}
