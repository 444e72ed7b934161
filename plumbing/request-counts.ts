import type { Metric } from "./metrics.ts";

/** 503 is an answer that is meant: not ready, or too many. */
const CLASSES = ["2xx", "3xx", "4xx", "5xx", "503"];
const NOT_NOW = 503;

export type RequestCounts = ReturnType<typeof countRequests>;

/** How many requests a service answered, by the class of the answer's status. */
export function countRequests() {
  const counts = CLASSES.map(() => 0);
  return {
    answered: (status: number): void => {
      const at = status === NOT_NOW ? CLASSES.length - 1 : Math.floor(status / 100) - 2;
      counts[at] = (counts[at] ?? 0) + 1;
    },
    metrics: (): Metric[] =>
      CLASSES.map((code, at) => ({
        name: "http_requests_total",
        help: "Requests answered, by class of status.",
        labels: { code },
        value: counts[at] ?? 0,
        type: "counter",
      })),
  };
}
