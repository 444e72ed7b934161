import { describe, expect, test } from "vitest";
import { createBreaker } from "../../device-db/breaker.ts";

const SECOND = 1_000;

function openBreaker(now = 0) {
  const breaker = createBreaker();
  for (let n = 0; n < 5; n++) breaker.failed(now);
  return breaker;
}

describe("the breaker", () => {
  test("opens after five failures in a row, not after four", () => {
    const breaker = createBreaker();
    for (let n = 0; n < 4; n++) breaker.failed(0);
    expect([breaker.state(0), breaker.allowed(0)]).toEqual(["closed", Infinity]);
    breaker.failed(0);
    expect([breaker.state(0), breaker.allowed(0)]).toEqual(["open", 0]);
  });

  test("opens when half of the last twenty failed, and not when fewer did", () => {
    const breaker = createBreaker();
    for (let n = 0; n < 10; n++) {
      breaker.succeeded();
      if (n < 9) breaker.failed(0);
    }
    expect(breaker.state(0)).toBe("closed");
    breaker.failed(0);
    expect(breaker.state(0)).toBe("open");
  });

  test("rests as long as the ERP asks, also after the clock was set back in an earlier rest", () => {
    const breaker = createBreaker();
    breaker.rest(3_600 * SECOND, 60 * SECOND);
    expect(breaker.allowed(0)).toBe(Infinity);
    breaker.rest(0, 30 * SECOND);
    expect([breaker.isResting(29 * SECOND), breaker.allowed(29 * SECOND)]).toEqual([true, 0]);
    expect(breaker.allowed(30 * SECOND)).toBe(Infinity);
  });

  test("lets one call try after ten seconds, and closes when it gets through", () => {
    const breaker = openBreaker();
    expect(breaker.allowed(10 * SECOND - 1)).toBe(0);
    expect([breaker.state(10 * SECOND), breaker.allowed(10 * SECOND)]).toEqual(["half-open", 1]);
    breaker.began(10 * SECOND);
    expect(breaker.allowed(11 * SECOND)).toBe(0);
    breaker.succeeded();
    expect([breaker.state(11 * SECOND), breaker.allowed(11 * SECOND)]).toEqual(["closed", Infinity]);
    breaker.failed(12 * SECOND);
    expect(breaker.state(12 * SECOND)).toBe("closed");
  });

  test("stays open twice as long after each try that fails, up to five minutes", () => {
    const breaker = openBreaker();
    let now = 0;
    for (const seconds of [10, 20, 40, 80, 160, 300, 300]) {
      expect(breaker.allowed(now + seconds * SECOND - 1)).toBe(0);
      now += seconds * SECOND;
      expect(breaker.allowed(now)).toBe(1);
      breaker.began(now);
      breaker.failed(now);
    }
  });

  test("does not take the calls that were under way when it opened for tries", () => {
    const breaker = openBreaker();
    for (let n = 0; n < 50; n++) breaker.failed(9 * SECOND);
    expect(breaker.allowed(10 * SECOND)).toBe(1);
    breaker.failed(10 * SECOND);
    expect(breaker.allowed(10 * SECOND)).toBe(1);
  });

  test("lets another try when nothing was heard of the one before for a minute", () => {
    const breaker = openBreaker();
    breaker.began(10 * SECOND);
    expect(breaker.allowed(69 * SECOND)).toBe(0);
    expect(breaker.allowed(70 * SECOND)).toBe(1);
  });

  test("rests as long as the ERP asks for", () => {
    const breaker = createBreaker();
    breaker.rest(0, 30 * SECOND);
    breaker.rest(0, 5 * SECOND);
    expect([breaker.allowed(29 * SECOND), breaker.allowed(30 * SECOND)]).toEqual([0, Infinity]);
  });

  test("is not stopped by a clock that is set back", () => {
    const breaker = openBreaker(86_400_000);
    expect(breaker.allowed(1_000)).toBe(1);
    const resting = createBreaker();
    resting.rest(86_400_000, SECOND);
    expect(resting.allowed(1_000)).toBe(Infinity);
  });
});
