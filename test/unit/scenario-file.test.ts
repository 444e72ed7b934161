import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { scenarioSchemaText } from "../../scripts/scenarios/json-schema.ts";
import { parseScenario } from "../../scripts/scenarios/scenario-file.ts";

const FOLDER = join(import.meta.dirname, "../../scenarios");
const BUNDLED = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));
const SCHEMA = JSON.parse(readFileSync(join(FOLDER, "scenario.schema.json"), "utf8")) as { $schema: string };
const validate = new Ajv({ strict: false }).compile(SCHEMA);

const read = (name: string) => readFileSync(join(FOLDER, name), "utf8");
const problemOf = (source: string): string => {
  try {
    parseScenario(source, "x.yaml");
    return "nothing is wrong";
  } catch (error) {
    return (error as Error).message;
  }
};

describe("the scenarios that come with the kit", () => {
  test("are the POC script and more than a dozen others", () => {
    expect(BUNDLED).toContain("poc.yaml");
    expect(BUNDLED.length).toBeGreaterThan(13);
  });

  test.for(BUNDLED)("%s is one, for editors too, and says what it shows", (name) => {
    const source = read(name);
    const { scenario, lineOf } = parseScenario(source, name);
    expect(source.split("\n")[0]).toBe("# yaml-language-server: $schema=./scenario.schema.json");
    expect(scenario.about?.length).toBeGreaterThan(40);
    expect(source.split("\n")[lineOf(["expect"]) - 2]).toBe("expect:");
    expect([validate(parse(source)), validate.errors]).toEqual([true, null]);
  });
});

test("the schema for editors is what the code takes", () => {
  expect(readFileSync(join(FOLDER, "scenario.schema.json"), "utf8")).toBe(scenarioSchemaText());
  expect(validate({ name: "x", steps: ["scann"], expect: { events: [] } })).toBe(false);
});

const START = "name: x\nsteps:\n";
const END = "expect: { session: { state: asked } }\n";

describe("what is wrong with a file is said with its line and column", () => {
  test.for([
    ["no YAML", "name: [x\n", "x.yaml:2:1: This is no YAML: "],
    ["nothing", "", "x.yaml:1:1: The file must be a map of names."],
    ["a name twice", `name: x\n${START}  - scan\n${END}`, "x.yaml:2:1: This is no YAML: Map keys must be unique"],
    ["no name", "steps: [scan]\nexpect: { session: { state: asked } }\n", "x.yaml:1:1: name is missing."],
    ["no end", `${START}  - scan\n`, "x.yaml:1:1: expect is missing."],
    ["no step", `name: x\nsteps: []\n${END}`, "x.yaml:2:8: steps "],
    ["an unknown part", `${START}  - scan\n${END}extra: 1\n`, 'x.yaml:5:1: "extra" is unknown here.'],
    ["an unknown step", `${START}  - scan\n  - hera: hello\n${END}`, 'x.yaml:4:5: "hera" is unknown here.'],
    ["an unknown word", `${START}  - scann\n${END}`, "x.yaml:3:5: steps must be one of scan, reload, ends."],
    ["two things at once", `${START}  - { say: a, tap: wood }\n${END}`, "x.yaml:3:5: steps must be one of scan, "],
    ["a wrong time", `${START}  - wait: soon\n${END}`, "x.yaml:3:11: wait must be a time such as 500ms, 2s or 1m."],
    [
      "an unknown scent",
      `${START}  - scan\nexpect: { session: { scent: rose } }\n`,
      "x.yaml:4:29: scent must be one of fire, wood, water, air.",
    ],
    [
      "an unknown event",
      `${START}  - scan\nexpect: { events: [checkin, gone] }\n`,
      "x.yaml:4:29: events must be one of checkin, ",
    ],
    [
      "a hand that nobody has",
      `${START}  - pod: fly away\n${END}`,
      'x.yaml:3:5: pod: "fly" is nothing that can be done: ',
    ],
    ["a look at the pod", `${START}  - pod: status\n${END}`, "x.yaml:3:5: pod: status only looks; "],
    [
      "an order that nobody gives",
      `${START}  - operator: schedule 25:00 08:00 wood\n${END}`,
      "x.yaml:3:5: operator: It is ",
    ],
    [
      "an order without a scent",
      `${START}  - operator: checkin rose\n${END}`,
      'x.yaml:3:5: operator: "rose" is no scent; ',
    ],
    ["a fault of no kind", `${START}  - erp: { fault: flood }\n${END}`, "x.yaml:3:19: fault must be one of latency, "],
    [
      "what no guest does",
      `${START}  - { guest: Anna, wait: 1s }\n${END}`,
      "x.yaml:3:5: steps is nothing that a guest does: wait.",
    ],
    [
      "what cannot be refused",
      `${START}  - { scan: true, refused: x }\n${END}`,
      "x.yaml:3:5: steps refused goes with say and tap.",
    ],
    ["nothing that has to be true", `${START}  - scan\nexpect: {}\n`, "x.yaml:4:9: expect must say something."],
    [
      "a session of which nothing is said",
      `${START}  - scan\nexpect: { sessions: { Anna: {} } }\n`,
      "x.yaml:4:29: Anna must say something.",
    ],
    [
      "one guest among several",
      `${START}  - scan\nexpect: { session: { state: asked }, sessions: { Anna: { state: asked } } }\n`,
      "x.yaml:4:9: expect session is that of the one guest: it does not go with sessions.",
    ],
    ["nothing to be heard", `${START}  - hear: {}\n${END}`, "x.yaml:3:11: hear must say something."],
    ["nothing to wait for", `${START}  - until: { within: 2s }\n${END}`, "x.yaml:3:12: until must say something."],
    ["a name for nothing", `${START}  - *nope\n${END}`, "x.yaml:1:1: This is no YAML: Unresolved alias"],
    [
      "a behaviour that no pod has",
      `${START}  - pod: fault lte=2s\n${END}`,
      'x.yaml:3:5: pod: There is no behaviour "lte',
    ],
    [
      "a setting with a bad value",
      `kit: { settings: { BOT_IDLE_S: soon } }\n${START}  - scan\n${END}`,
      'x.yaml:1:20: Bad setting: BOT_IDLE_S "soon" must be ',
    ],
    [
      "a setting that nobody knows",
      `kit: { settings: { BOT_IDEL_S: 5 } }\n${START}  - scan\n${END}`,
      "x.yaml:1:20: Unknown setting BOT_IDEL_S of a scenario.",
    ],
    [
      "a setting that is the kit's own",
      `kit: { settings: { BOT_PORT: 3978 } }\n${START}  - scan\n${END}`,
      "x.yaml:1:20: BOT_PORT is chosen anew for each kit on which a scenario is played.",
    ],
    ["a pattern that is none", `${START}  - hear: /(/\n${END}`, "x.yaml:3:11: hear is no regular expression: "],
  ] as const)("%s", ([, source, problem]) => {
    expect(problemOf(source).slice(0, problem.length)).toBe(problem);
  });

  test("all at once, up to five", () => {
    const source = `${START}${"  - hera: x\n".repeat(7)}${END}`;
    expect(problemOf(source).split("\n")).toHaveLength(5);
  });

  test("and nothing about one that is fine", () => {
    expect(problemOf(`${START}  - scan\n${END}`)).toBe("nothing is wrong");
  });
});
