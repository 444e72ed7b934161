import fc from "fast-check";
import { expect, test } from "vitest";
import { createLatencies } from "../../plumbing/latencies.ts";
import { quantile } from "../bench/statistics.ts";

test("quantiles are those of the values, or up to four hundredths more", () => {
  const values = fc.array(fc.double({ min: 0.05, max: 100_000, noNaN: true }), { minLength: 1, maxLength: 500 });
  fc.assert(
    fc.property(values, (ms) => {
      const latencies = createLatencies();
      for (const value of ms) latencies.add(value);
      const { count, p50Ms, p95Ms, p99Ms } = latencies.quantiles();
      expect(count).toBe(ms.length);
      for (const [found, share] of [
        [p50Ms, 0.5],
        [p95Ms, 0.95],
        [p99Ms, 0.99],
      ] as const) {
        const exact = quantile(ms, share);
        expect(found / exact).toBeGreaterThan(0.999_999);
        expect(found / exact).toBeLessThan(1.040_001);
      }
    }),
  );
});

test("nothing has been measured, or what is out of all bounds", () => {
  const latencies = createLatencies();
  expect(latencies.quantiles()).toEqual({ count: 0, p50Ms: 0, p95Ms: 0, p99Ms: 0 });
  latencies.add(0);
  expect(latencies.quantiles().p50Ms).toBe(0.05);
  latencies.add(1e12);
  expect(latencies.quantiles().p99Ms).toBeGreaterThan(100_000);
});
