import { describe, expect, test } from "vitest";
import type { Message } from "../../device-sim/behaviours/behaviour.ts";
import { POD_TOPICS } from "../../device-sim/contract.ts";
import { parseJson } from "../../plumbing/json.ts";
import { count, openBench, traceOf } from "../support/fault-bench.ts";

const MINUTE_MS = 60_000;

describe("silent", () => {
  test("it hears and says nothing", async () => {
    expect(await traceOf(["silent"])).toEqual(
      Array.from({ length: 20 }, (_, at) => `${String(at * 100)} heard ${String(at + 1)}`),
    );
  });

  test("for a share of what it says", async () => {
    const trace = await traceOf(["silent=30%"]);
    expect(count(trace, /heard/)).toBe(20);
    expect(count(trace, /said/)).toBeGreaterThan(8);
    expect(count(trace, /said/)).toBeLessThan(20);
  });
});

describe("late", () => {
  test("it says everything after that time, in order, and hears at once", async () => {
    const { say, hear, pass, trace } = openBench(["late=300ms"]);
    say(1);
    await pass(100);
    say(2);
    say(3);
    hear(4);
    await pass(1_000);
    expect(trace).toEqual(["100 heard 4", "300 said 1", "400 said 2", "400 said 3"]);
  });

  test("of two the times add up", async () => {
    const { say, pass, trace } = openBench(["late=300ms", "late=500ms"]);
    say(1);
    await pass(2_000);
    expect(trace).toEqual(["800 said 1"]);
  });
});

describe("duplicate", () => {
  test("it says and hears everything twice", () => {
    const { say, hear, trace } = openBench(["duplicate"]);
    say(1);
    hear(2);
    expect(trace).toEqual(["0 said 1", "0 said 1", "0 heard 2", "0 heard 2"]);
  });

  test("for a share of the messages, and never fewer than once", async () => {
    const trace = await traceOf(["duplicate=50%"]);
    for (let n = 1; n <= 20; n++) expect([1, 2]).toContain(count(trace, new RegExp(`said ${String(n)}$`)));
    expect(count(trace, /said|heard/)).toBeGreaterThan(45);
    expect(count(trace, /said|heard/)).toBeLessThan(75);
  });
});

describe("reorder", () => {
  test("a message waits for the next one, each way by itself", () => {
    const { say, hear, trace } = openBench(["reorder=100%"]);
    for (const n of [1, 2, 3, 4]) say(n);
    for (const n of [5, 6]) hear(n);
    expect(trace).toEqual(["0 said 2", "0 said 1", "0 said 4", "0 said 3", "0 heard 6", "0 heard 5"]);
  });

  test("what nothing follows goes on by itself, once", async () => {
    const { say, pass, trace } = openBench(["reorder=100%"]);
    say(1);
    await pass(900);
    expect(trace).toEqual([]);
    await pass(5_000);
    expect(trace).toEqual(["1000 said 1"]);
    say(2);
    await pass(500);
    say(3);
    await pass(5_000);
    expect(trace.slice(1)).toEqual(["6400 said 3", "6400 said 2"]);
  });

  test("loses and doubles nothing", async () => {
    const trace = await traceOf(["reorder=50%"]);
    const told = trace.map((line) => line.replace(/^\d+ /, "")).sort();
    const all = Array.from({ length: 20 }, (_, at) => [`said ${String(at + 1)}`, `heard ${String(at + 1)}`]);
    expect(told).toEqual(all.flat().sort());
    expect(trace).not.toEqual(await traceOf([]));
  });
});

describe("reboot", () => {
  test("the message is gone, whichever way it went", () => {
    const { say, hear, trace } = openBench(["reboot=100%"]);
    say(1);
    hear(2);
    expect(trace).toEqual(["0 rebooted", "0 rebooted"]);
  });

  test("now and then", async () => {
    const trace = await traceOf(["reboot=30%"]);
    expect(count(trace, /said|heard/) + count(trace, /rebooted/)).toBe(40);
    expect(count(trace, /rebooted/)).toBeGreaterThan(3);
    expect(count(trace, /rebooted/)).toBeLessThan(25);
  });
});

describe("garbage", () => {
  test("comes in the place of no message, and before it", async () => {
    const bench = openBench(["garbage=100%"]);
    bench.line.say({ name: "up/state", payload: { diffusing: null }, retain: true });
    expect(bench.trace).toHaveLength(2);
    expect(bench.trace[0]).not.toBe(bench.trace[1]);
    expect(bench.trace[1]).toBe('0 said {"diffusing":null}');
    const trace = await traceOf(["garbage=100%"]);
    expect(count(trace, /said/)).toBe(40);
    expect(trace.filter((_, at) => at % 3 === 1)).toEqual((await traceOf([])).filter((line) => line.includes("said")));
    expect(count(trace, /heard/)).toBe(20);
  });

  test("is of several kinds", async () => {
    const { talk, trace } = openBench(["garbage=100%"]);
    await talk(100);
    for (const kind of [/said bytes [0-9a-f]{40}/, /said null/, /said \[\d+\]/, /said {"id":"not an id"/])
      expect(count(trace, kind)).toBeGreaterThan(0);
  });
});

test("garbage is never a message of the contract", () => {
  const { line, said } = openBench(["garbage=100%"]);
  const at = "2026-03-01T12:00:00.000Z";
  const good = {
    "up/reply": { commandId: "c1", outcome: "accepted", at },
    "up/event": { id: "e1", seq: 1, status: "checkin", scent: "wood", at },
    "up/state": { diffusing: null, at },
    "up/status": { state: "online", firmware: "1", at },
  } as const;
  for (let n = 0; n < 500; n++)
    for (const name of Object.keys(good) as (keyof typeof good)[])
      line.say({ name, payload: good[name], retain: false });
  const isMessage = ({ name, payload }: Message) =>
    POD_TOPICS[name].payload.safeParse(payload instanceof Uint8Array ? parseJson(Buffer.from(payload)) : payload)
      .success;
  expect(said.map(isMessage)).toEqual(said.map((_, n) => n % 2 === 1));
});

describe("offline", () => {
  test("lasts until it is taken off", async () => {
    const { line, pass, trace } = openBench(["offline"]);
    await pass(MINUTE_MS);
    expect(trace).toEqual(["0 held"]);
    line.put({ words: [], seed: 1 });
    expect(trace).toEqual(["0 held", "60000 let go"]);
  });

  test("or for a time", async () => {
    const { pass, trace } = openBench(["offline=2s"]);
    await pass(1_950);
    expect(trace).toEqual(["0 held"]);
    await pass(100);
    expect(trace).toEqual(["0 held", "2000 let go"]);
  });
});

test.for<[word: string, puts: string, takesOff: string]>([
  ["clock-skew", "skewed by 300000", "skewed by 0"],
  ["clock-skew=-1.5h", "skewed by -5400000", "skewed by 0"],
  ["empty-capsule", "wood has 0", "wood has 10"],
  ["empty-capsule=air", "air has 0", "air has 10"],
])("%s is put on at once and undone at the end, and leaves the messages alone", async ([word, puts, takesOff]) => {
  const { line, talk, trace } = openBench([word]);
  await talk(20);
  line.put({ words: [], seed: 1 });
  expect(trace).toEqual([`0 ${puts}`, ...(await traceOf([])), `2000 ${takesOff}`]);
});

describe("flaky-wifi", () => {
  test("the connection breaks again and again, as often as it says on average", async () => {
    const { pass, trace } = openBench(["flaky-wifi=500ms"]);
    await pass(10 * MINUTE_MS);
    expect(trace.every((line) => line.endsWith("cut"))).toBe(true);
    // A step of the bench comes on top of each.
    expect(trace.length).toBeGreaterThan(900);
    expect(trace.length).toBeLessThan(1_350);
    expect(new Set(trace.map((line, at) => parseInt(line) - parseInt(trace[at - 1] ?? "0"))).size).toBeGreaterThan(10);
  });

  test("but there is always time to come back", async () => {
    const { pass, trace } = openBench(["flaky-wifi=100ms"]);
    await pass(500);
    expect(trace.length).toBeGreaterThan(0);
    expect(trace.length).toBeLessThanOrEqual(10);
  });
});
