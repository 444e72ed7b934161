import { readdirSync } from "node:fs";
import { eventLoopFigures } from "./event-loop.ts";
import type { Metric } from "./metrics.ts";

/** Figures of the process, under the names that prom-client's own have. */
export function processMetrics(): Metric[] {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { p50, p99, max, activeSeconds } = eventLoopFigures();
  const startedAt = Date.now() / 1_000 - process.uptime();
  const counter = "counter";
  return [
    { name: "process_resident_memory_bytes", help: "Resident memory.", value: rss },
    {
      name: "process_cpu_seconds_total",
      help: "CPU time, user and system.",
      value: (user + system) / 1e6,
      type: counter,
    },
    { name: "process_start_time_seconds", help: "Start of the process, as Unix time.", value: startedAt },
    ...openFiles().map((value) => ({ name: "process_open_fds", help: "Open files and sockets.", value })),
    { name: "nodejs_heap_size_used_bytes", help: "Used part of the JavaScript heap.", value: heapUsed },
    { name: "nodejs_external_memory_bytes", help: "Memory of buffers outside the heap.", value: external },
    { name: "nodejs_eventloop_lag_p50_seconds", help: "Median lateness of timers since the last look.", value: p50 },
    { name: "nodejs_eventloop_lag_p99_seconds", help: "99th percentile of the same.", value: p99 },
    { name: "nodejs_eventloop_lag_max_seconds", help: "The longest of the same.", value: max },
    {
      name: "nodejs_eventloop_active_seconds_total",
      help: "Time in which the event loop was not waiting; its rate is the utilisation.",
      value: activeSeconds,
      type: counter,
    },
  ];
}

/** Nothing where the system does not say. */
function openFiles(): number[] {
  try {
    // The folder itself is open while it is read.
    return [readdirSync("/proc/self/fd").length - 1];
  } catch {
    return [];
  }
}
