import { watchEventLoop } from "./event-loop.ts";
import type { Route } from "./http.ts";
import { text } from "./http-reply.ts";
import type { Metric } from "./metrics.ts";
import type { RequestCounts } from "./request-counts.ts";

type Health = {
  /** Each names a condition for being ready; liveness never depends on them. */
  checks: Record<string, () => boolean>;
  /** The service's own figures; those of its process and its requests come beside them. */
  metrics: () => Metric[];
  requests: RequestCounts;
};

/** `/livez`, `/readyz` (with `?verbose` a line per check) and `/metrics`. */
export function healthRoutes(health: Health): Route[] {
  watchEventLoop();
  return [
    { method: "GET", path: "/livez", handle: () => text("ok\n") },
    {
      method: "GET",
      path: "/readyz",
      handle: ({ query }) => {
        const results = Object.entries(health.checks).map(([name, check]) => ({ name, ok: check() }));
        const ready = results.every(({ ok }) => ok);
        const lines = results.map(({ name, ok }) => `[${ok ? "+" : "-"}]${name} ${ok ? "ok" : "failed"}\n`);
        const verdict = ready ? "ok\n" : "not ready\n";
        return text(query.has("verbose") ? lines.join("") + verdict : verdict, ready ? 200 : 503);
      },
    },
    {
      method: "GET",
      path: "/metrics",
      handle: async () => {
        // Loaded when somebody asks first: a start should not pay for it.
        const { renderMetrics } = await import("./metrics.ts");
        const { processMetrics } = await import("./process-metrics.ts");
        const metrics = [...health.metrics(), ...health.requests.metrics(), ...processMetrics()];
        const { body, contentType } = await renderMetrics(metrics);
        return text(body, 200, contentType);
      },
    },
  ];
}
