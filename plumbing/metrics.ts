import { Gauge, Registry } from "prom-client";

/** One figure at the moment of asking; several with one name differ by their labels. */
export type Metric = { name: string; help: string; value: number; labels?: Record<string, string> };

/** Prometheus' text format, with the process' memory and CPU time beside the service's own figures. */
export async function renderMetrics(metrics: readonly Metric[]): Promise<{ body: string; contentType: string }> {
  const registry = new Registry();
  for (const [name, group] of Map.groupBy([...metrics, ...processMetrics()], (metric) => metric.name)) {
    const { help = "", labels = {} } = group[0] ?? {};
    const gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [registry] });
    for (const metric of group) gauge.set(metric.labels ?? {}, metric.value);
  }
  return { body: await registry.metrics(), contentType: registry.contentType };
}

function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage();
  return [
    { name: "process_resident_memory_bytes", help: "Resident memory.", value: process.memoryUsage.rss() },
    { name: "process_cpu_seconds_total", help: "CPU time, user and system.", value: (user + system) / 1e6 },
  ];
}
