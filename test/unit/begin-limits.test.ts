import fc from "fast-check";
import { expect, test } from "vitest";
import { BEGINS_PER_ADDRESS, BEGINS_PER_POD, createBeginLimits } from "../../bot/begin-limits.ts";
import { MAX_WINDOWS, WINDOW_MS } from "../../plumbing/windows.ts";
import { manualClock } from "../support/clock.ts";

const POD = "HKAP0100000001";
const PHONE = "192.0.2.7";

function openLimits() {
  const clock = manualClock();
  const limits = createBeginLimits(clock);
  const otherPod = (at: number) => `HKAP0${String(200_000_000 + at)}`;
  /** The waits of so many guests in a row, each with its own pod and address where none is given. */
  const begin = (count: number, { serial, address }: { serial?: string; address?: string } = {}) => {
    const wait = (_: unknown, at: number) =>
      limits.secondsToWait(serial ?? otherPod(at), address ?? `198.51.100.${String(at)}`);
    return Array.from({ length: count }, wait);
  };
  return { clock, begin, limits };
}

test("the limits are those of the documents", () => {
  expect({ BEGINS_PER_POD, BEGINS_PER_ADDRESS, WINDOW_MS }).toEqual({
    BEGINS_PER_POD: 300,
    BEGINS_PER_ADDRESS: 3_000,
    WINDOW_MS: 60_000,
  });
});

test.for([
  ["pod", { serial: POD }, BEGINS_PER_POD],
  ["address", { address: PHONE }, BEGINS_PER_ADDRESS],
] as const)("a %s begins as many as it may within a minute of its first, and again as many after", ([, key, limit]) => {
  const { clock, begin } = openLimits();
  expect(begin(1, key)).toEqual([0]);
  clock.advance(WINDOW_MS - 1);
  expect(begin(limit - 1, key).every((wait) => wait === 0)).toBe(true);
  expect(begin(2, key)).toEqual([1, 1]);
  clock.advance(1);
  expect(begin(limit, key).every((wait) => wait === 0)).toBe(true);
  expect(begin(1, key)).toEqual([60]);
});

test("the wait is told in whole seconds, never too few", () => {
  const { clock, begin } = openLimits();
  begin(BEGINS_PER_POD, { serial: POD });
  const waits = [0, 1, 998, 1, 57_999, 1, 999, 1].map((ms) => {
    clock.advance(ms);
    return begin(1, { serial: POD })[0];
  });
  expect(waits).toEqual([60, 60, 60, 59, 2, 1, 1, 0]);
});

test("who is refused by one limit does not use up the other", () => {
  const { begin } = openLimits();
  begin(BEGINS_PER_POD, { serial: POD });
  begin(5_000, { serial: POD, address: PHONE });
  expect(begin(BEGINS_PER_ADDRESS, { address: PHONE }).every((wait) => wait === 0)).toBe(true);

  const another = "HKAP0100000002";
  expect(begin(1_000, { serial: another, address: PHONE }).every((wait) => wait === 60)).toBe(true);
  expect(begin(BEGINS_PER_POD, { serial: another }).every((wait) => wait === 0)).toBe(true);
});

test("the longer of two waits is told", () => {
  const { clock, begin } = openLimits();
  begin(BEGINS_PER_POD, { serial: POD });
  clock.advance(20_000);
  begin(BEGINS_PER_ADDRESS, { address: PHONE });
  expect(begin(1, { serial: POD, address: PHONE })).toEqual([60]);
  expect(begin(1, { serial: POD })).toEqual([40]);
});

test("a clock that is set back makes nobody wait longer than a minute", () => {
  const { clock, begin } = openLimits();
  begin(BEGINS_PER_POD, { serial: POD });
  clock.shift(-3_600_000);
  expect(begin(1, { serial: POD })).toEqual([0]);
});

test("a flood of keys makes the oldest forgotten, and only when there are too many", () => {
  const { begin, limits } = openLimits();
  const strangers = (from: number, to: number) => {
    for (let at = from; at < to; at++) limits.secondsToWait(`HKAP1${String(at)}`, PHONE + String(at));
  };
  begin(BEGINS_PER_POD, { serial: POD });
  strangers(0, MAX_WINDOWS - 1);
  expect(begin(1, { serial: POD })).toEqual([60]);
  strangers(MAX_WINDOWS, MAX_WINDOWS + 1);
  expect(begin(1, { serial: POD })).toEqual([0]);
});

test("whatever comes when, a pod never has more than its limit within a window", () => {
  const arrivals = fc.array(fc.tuple(fc.nat(20_000), fc.integer({ min: 1, max: 200 })), { maxLength: 30 });
  fc.assert(
    fc.property(arrivals, (bursts) => {
      const { clock, begin } = openLimits();
      let model = { startedAt: Number.NEGATIVE_INFINITY, begins: 0 };
      for (const [pauseMs, guests] of bursts) {
        clock.advance(pauseMs);
        if (clock.now() >= model.startedAt + WINDOW_MS) model = { startedAt: clock.now(), begins: 0 };
        const begun = begin(guests, { serial: POD }).filter((wait) => wait === 0).length;
        expect(begun).toBe(Math.min(guests, BEGINS_PER_POD - model.begins));
        model.begins += begun;
      }
    }),
  );
});
