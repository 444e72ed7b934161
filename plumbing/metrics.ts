import { Counter, Gauge, Registry } from "prom-client";

/** One figure at the moment of asking; several with one name differ by their labels. A counter only grows. */
export type Metric = {
  name: string;
  help: string;
  value: number;
  labels?: Record<string, string>;
  type?: "gauge" | "counter";
};

/** Prometheus' text format. */
export async function renderMetrics(metrics: readonly Metric[]): Promise<{ body: string; contentType: string }> {
  const registry = new Registry();
  for (const [name, group] of Map.groupBy(metrics, (metric) => metric.name)) {
    const { help = "", labels = {}, type } = group[0] ?? {};
    const options = { name, help, labelNames: Object.keys(labels), registers: [registry] };
    const figure = type === "counter" ? new Counter(options) : new Gauge(options);
    for (const metric of group) figure.inc(metric.labels ?? {}, metric.value);
  }
  return { body: await registry.metrics(), contentType: registry.contentType };
}
