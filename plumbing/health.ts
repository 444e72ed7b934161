import type { Route } from "./http.ts";
import { text } from "./http-reply.ts";
import type { Metric } from "./metrics.ts";

type Health = {
  /** Each names a condition for being ready; liveness never depends on them. */
  checks: Record<string, () => boolean>;
  metrics: () => Metric[];
};

/** `/livez`, `/readyz` (with `?verbose` a line per check) and `/metrics`. */
export function healthRoutes(health: Health): Route[] {
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
        const { body, contentType } = await renderMetrics(health.metrics());
        return text(body, 200, contentType);
      },
    },
  ];
}
