import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readScenario, scenarios } from "../../device-sim/scenarios.ts";
import { DEMO_DATA } from "../../erp-stub/demo.ts";

const GOOD = { about: "One check-in.", from: "12:00", hours: 1, stories: [] };

async function written(content: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "scenarios-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, "own.json");
  await writeFile(file, content);
  return file;
}

test("the ones that come with the kit can all be used", () => {
  expect(scenarios().map(({ name }) => name)).toEqual([
    "broker-restart",
    "coach-party",
    "hotel-day",
    "power-cut",
    "roll-call",
  ]);
});

test("their schedules are such as the demo's ERP has", () => {
  const known = DEMO_DATA.schedules.map(({ startTime, endTime }) => `${startTime} ${endTime}`);
  const steps = scenarios().flatMap(({ scenario }) => scenario.stories.flatMap((story) => story.steps));
  const wanted = steps.flatMap((step) => (step.action === "schedule" ? [`${step.startTime} ${step.endTime}`] : []));
  expect(wanted).not.toEqual([]);
  expect(wanted.filter((window) => !known.includes(window))).toEqual([]);
});

test("one of somebody's own is read from its file", async () => {
  const file = await written(JSON.stringify(GOOD));
  expect(readScenario(file)).toEqual({ ...GOOD, happenings: [], faults: [] });
});

test("the one that the document shows can be used", async () => {
  const document = await readFile(join(import.meta.dirname, "../../docs/pods.md"), "utf8");
  const [, shown = ""] = /^```json\n([^]*?)^```$/m.exec(document) ?? [];
  expect(readScenario(await written(shown)).stories).toHaveLength(2);
});

const step = (fields: object) => ({ ...GOOD, stories: [{ share: 1, steps: [fields] }] });
test.for<[content: object | string, sentence: RegExp]>([
  ["{", /cannot be used: it is no JSON\.$/],
  ["[]", /cannot be used: it: Invalid input/],
  [{ ...GOOD, from: "25:00" }, /from: must be a time of day such as 14:30\.$/],
  [{ ...GOOD, more: 1 }, /Unrecognized key: "more"/],
  [step({ action: "explode" }), /stories\.0\.steps\.0\.action: must be checkin, checkout, schedule or press\.$/],
  [step({ action: "press", between: ["1", "2"], button: "next" }), /between\.0: must be a time of day/],
  [
    {
      ...GOOD,
      stories: [
        { share: 0.6, steps: [] },
        { share: 0.6, steps: [] },
      ],
    },
    /stories: have shares of more than 1/,
  ],
  [
    step({ action: "checkout", between: ["11:50", "12:10"] }),
    /steps\.0\.between: lies outside the scenario's hours\.$/,
  ],
  [
    step({ action: "checkout", between: ["12:10", "13:10"] }),
    /steps\.0\.between: lies outside the scenario's hours\.$/,
  ],
  [step({ action: "checkout", between: ["12:20", "12:10"] }), /steps\.0\.between: ends before it begins\.$/],
  [
    { ...GOOD, happenings: [{ what: "power-cut", at: "14:00", minutes: 1 }] },
    /happenings\.0\.at: lies outside the scenario's hours\.$/,
  ],
  [{ ...GOOD, faults: [{ share: 0.1, words: ["late", "late=1s"] }] }, /"late" stands there twice/],
  [{ ...GOOD, faults: [{ share: 0.1, words: ["lat"] }] }, /There is no behaviour "lat"; known are silent/],
])("%j is refused with a sentence", async ([content, sentence]) => {
  const file = await written(typeof content === "string" ? content : JSON.stringify(content));
  expect(() => readScenario(file)).toThrow(sentence);
});

test.for(["nope", "../secrets", "/etc/passwd", "/nowhere/own.json", ""])("%j is no scenario", (name) => {
  expect(() => readScenario(name)).toThrow(`There is no scenario "${name}": "aromapod fleet ls" lists them`);
});
