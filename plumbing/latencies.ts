/** Each bucket is so much wider than the one before: what is told is that much too large at most. */
const GROWTH = 1.04;
const SMALLEST_MS = 0.05;
const BUCKETS = 400;

export type Quantiles = { count: number; p50Ms: number; p95Ms: number; p99Ms: number };

/** Any number of latencies in a few kilobytes. Quantiles are the upper bounds of their buckets, 0 when there is nothing. */
export function createLatencies() {
  const counts = new Uint32Array(BUCKETS);
  let total = 0;

  function add(ms: number): void {
    const bucket = Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH));
    const at = Math.min(BUCKETS - 1, bucket);
    counts[at] = (counts[at] ?? 0) + 1;
    total += 1;
  }

  function quantile(share: number): number {
    if (total === 0) return 0;
    let left = Math.ceil(share * total);
    const at = counts.findIndex((count) => (left -= count) <= 0);
    return SMALLEST_MS * GROWTH ** at;
  }

  const quantiles = (): Quantiles => ({
    count: total,
    p50Ms: quantile(0.5),
    p95Ms: quantile(0.95),
    p99Ms: quantile(0.99),
  });

  return { add, quantiles };
}
