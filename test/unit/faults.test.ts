import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BEHAVIOURS } from "../../device-sim/behaviours/all.ts";
import { faultProblem } from "../../device-sim/faults.ts";
import { count, openBench, traceOf } from "../support/fault-bench.ts";
import { readFacts } from "../support/source-facts.ts";

const FOLDER = join(import.meta.dirname, "../../device-sim/behaviours");
const MINUTE_MS = 60_000;

describe("without behaviours", () => {
  test("all passes at once, as it is", () => {
    const { say, hear, trace, line } = openBench([]);
    say(1);
    hear(2);
    expect(trace).toEqual(["0 said 1", "0 heard 2"]);
    expect(line.worn()).toEqual({ words: [], seed: 1 });
  });
});

describe("several behaviours", () => {
  test("have what is said in the order given, and what is heard the other way round", async () => {
    const lateTwice = openBench(["late=300ms", "duplicate"]);
    lateTwice.say(1);
    await lateTwice.pass(1_000);
    expect(lateTwice.trace).toEqual(["300 said 1", "300 said 1"]);
    const swapped = openBench(["duplicate", "reorder=100%"]);
    swapped.say(1);
    swapped.hear(2);
    swapped.hear(3);
    // Said twice, then overtaken by itself; overtaken first, then heard twice.
    expect(swapped.trace).toEqual(["0 said 1", "0 said 1", "0 heard 3", "0 heard 3", "0 heard 2", "0 heard 2"]);
  });

  test.for<[words: string[], said: string[]]>([
    [
      ["silent", "garbage=100%"],
      ["silent", "duplicate"],
    ],
    [
      ["duplicate", "silent"],
      ["late", "silent"],
    ],
  ])("that end in silence say nothing: %j", async ([first, second]) => {
    for (const words of [first, second]) expect(count(await traceOf(words), /said/)).toBe(0);
  });

  test("are all undone, each once", () => {
    const { line, trace } = openBench(["offline", "clock-skew", "empty-capsule"]);
    line.put({ words: ["offline"], seed: 1 });
    line.put({ words: [], seed: 1 });
    line.put({ words: [], seed: 1 });
    const [putOn, takenOff] = ["held, skewed by 300000, wood has 0", "let go, skewed by 0, wood has 10"];
    expect(trace.map((what) => what.slice(2)).join(", ")).toBe(`${putOn}, ${takenOff}, held, let go`);
  });
});

const ENDS: [string, (line: ReturnType<typeof openBench>["line"]) => void][] = [
  ["taken off", (line) => line.put({ words: [], seed: 1 })],
  ["closed", (line) => line.close()],
];

describe.each(ENDS)("once %s", (_how, end) => {
  test.for(["late=1s", "reorder=100%", "flaky-wifi=500ms", "offline=1s"])("%s does nothing later", async (word) => {
    const running = openBench([word]);
    running.say(1);
    await running.pass(2_000);
    expect(count(running.trace, /said|cut|let go/)).toBeGreaterThan(0);
    const { line, say, pass, trace } = openBench([word]);
    say(1);
    end(line);
    const before = trace.length;
    await pass(MINUTE_MS);
    expect(trace.slice(before)).toEqual([]);
  });

  test("messages pass as they are", () => {
    const { line, say, hear, trace } = openBench(["silent", "reboot=100%", "late", "garbage=100%"]);
    end(line);
    say(1);
    hear(2);
    expect(trace).toEqual(["0 said 1", "0 heard 2"]);
  });
});

describe("a word", () => {
  const known = Object.keys(BEHAVIOURS).join(", ");
  const time = "a time such as 500ms, 2s or 5m, 24h at most";
  const often = "a share such as 30%, 100% at most";

  test.for<[word: string, problem: string]>([
    ["lazy", `There is no behaviour "lazy"; known are ${known}.`],
    ["", `There is no behaviour ""; known are ${known}.`],
    ["toString", `There is no behaviour "toString"; known are ${known}.`],
    ["Late=2s", `There is no behaviour "Late"; known are ${known}.`],
    ...["late=", "late=soon", "late=2", "late=-1s", "late=25h", "late=2s ", "late=2s=3s", "late=1e3ms"].map(
      (word): [string, string] => [word, `"${word}" does not fit: late takes ${time}.`],
    ),
    ["offline=-1s", `"offline=-1s" does not fit: offline takes ${time}.`],
    ["flaky-wifi=10%", `"flaky-wifi=10%" does not fit: flaky-wifi takes ${time}.`],
    ["clock-skew=-25h", `"clock-skew=-25h" does not fit: clock-skew takes ${time}.`],
    ...["silent", "duplicate", "reorder", "reboot", "garbage"].flatMap((name) =>
      ["101%", "-1%", "0.5", "1.5%", "2s"].map((value): [string, string] => [
        `${name}=${value}`,
        `"${name}=${value}" does not fit: ${name} takes ${often}.`,
      ]),
    ),
    [
      "empty-capsule=rose",
      '"empty-capsule=rose" does not fit: empty-capsule takes scents of fire,wood,water,air, with commas between them.',
    ],
  ])("%s is refused", ([word, problem]) => {
    expect(faultProblem(["late=2s", word, "lazy"])).toBe(problem);
    expect(() => openBench([word])).toThrow(problem);
  });

  test.for([
    "late=0s",
    "late=1.5s",
    "late=24h",
    "clock-skew=-24h",
    "silent=0%",
    "silent=100%",
    "empty-capsule=fire,air",
  ])("%s is taken", (word) => {
    expect(faultProblem([word])).toBeUndefined();
  });

  test("stands in the documents, with what it means", () => {
    const page = readFileSync(join(import.meta.dirname, "../../docs/pods.md"), "utf8");
    const rows = page.split("\n").filter((line) => /^\| `[a-z-]+` \| .* \| `[^`]+` \| /.test(line));
    const expected = Object.entries(BEHAVIOURS).map(
      ([name, { takes, fallback, about }]) => `| \`${name}\` | ${takes} | \`${fallback}\` | ${about} |`,
    );
    expect(rows).toEqual(expected);
  });

  test("without a value means the one that stands for none", () => {
    for (const [name, { fallback }] of Object.entries(BEHAVIOURS))
      expect([name, faultProblem([name]), faultProblem([`${name}=${fallback}`])]).toEqual([name, undefined, undefined]);
  });

  test("can be there once only, with whatever values", () => {
    const sentence = '"late" stands there twice; once, with one value, is all that there is.';
    expect(faultProblem(["late=1s", "duplicate", "late=2s"])).toBe(sentence);
  });
});

const percent = fc.integer({ min: 0, max: 100 }).map((often) => `${String(often)}%`);
const time = fc.integer({ min: 100, max: 3_000 }).map((ms) => `${String(ms)}ms`);
const scent = fc.constantFrom("fire", "wood", "water", "air");
const word = fc
  .constantFrom(...Object.entries(BEHAVIOURS))
  .chain(([name, { takes }]) =>
    (takes.startsWith("a share") ? percent : takes.startsWith("a time") ? time : scent).map(
      (value) => `${name}=${value}`,
    ),
  );
const DRAWING = ["silent=50%", "duplicate=50%", "reorder=50%", "reboot=50%", "garbage=50%", "flaky-wifi=500ms"];

describe("a seed", () => {
  test("makes the same happen at the same times, for 200 combinations", async () => {
    const combinations = fc.record({
      words: fc.array(word, { minLength: 1, maxLength: 4 }),
      seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
    });
    await fc.assert(
      fc.asyncProperty(combinations, async ({ words, seed }) => {
        expect(await traceOf(words, { seed })).toEqual(await traceOf(words, { seed }));
      }),
      { numRuns: 200 },
    );
  });

  test.for(DRAWING)("of its own makes something else happen with %s, and so does another serial", async (drawing) => {
    const usual = await traceOf([drawing], { seed: 1, serial: "P1" });
    expect(await traceOf([drawing], { seed: 2, serial: "P1" })).not.toEqual(usual);
    expect(await traceOf([drawing], { seed: 1, serial: "P2" })).not.toEqual(usual);
  });

  test.for(DRAWING.slice(0, -1))("does the same with %s, whatever another one draws", async (drawing) => {
    const isOfWifi = (line: string) => line.endsWith("cut");
    const wifi = "flaky-wifi=300ms";
    const [alone, cuts] = [await traceOf([drawing]), (await traceOf([wifi])).filter(isOfWifi)];
    for (const words of [
      [wifi, drawing],
      [drawing, wifi],
    ]) {
      const together = await traceOf(words);
      expect(together.filter((line) => !isOfWifi(line))).toEqual(alone);
      expect(together.filter(isOfWifi)).toEqual(cuts);
    }
  });

  test("is all that there is to chance and time in a behaviour", () => {
    const files = readdirSync(FOLDER).map((name) => ({ path: name, text: readFileSync(join(FOLDER, name), "utf8") }));
    const uses = files.flatMap((file) => [...(readFacts(file)?.uses ?? [])]);
    expect(uses).toContain("tools.random");
    expect(
      uses.filter((use) => /^(Math\.random|crypto\..*|Date\..*|new Date|set[A-Z].*|performance.*)$/.test(use)),
    ).toEqual([]);
  });

  test("gives two behaviours of the same value numbers of their own", async () => {
    const silenced = (await traceOf(["silent=50%"])).filter((line) => line.includes("said"));
    const kept = (await traceOf(["reboot=50%"])).filter((line) => line.includes("said"));
    expect(silenced).not.toEqual(kept);
  });
});
