import { type Document, isMap, isNode, LineCounter, parseDocument, stringify } from "yaml";
import type { z } from "zod";
import { faultProblem } from "../../device-sim/faults.ts";
import { StartError } from "../../plumbing/start-error.ts";
import { handOf } from "../hand.ts";
import { readFew } from "../settings.ts";
import { withoutPeriod } from "../words.ts";
import { type Scenario, type Step, scenarioSchema } from "./contract.ts";
import { orderOf } from "./order.ts";

export type ScenarioFile = {
  file: string;
  scenario: Scenario;
  /** The line of a step, or of what must be true at the end. */
  lineOf: (path: readonly (string | number)[]) => number;
};

type Path = readonly PropertyKey[];
type Issue = z.core.$ZodIssue;
type Problem = { offset: number; message: string };

const MODELINE = "# yaml-language-server: $schema=./scenario.schema.json\n";
/** Settings for which a kit of a scenario's own has values of its own: ownSettings() in kit.ts chooses them. */
const CHOSEN_ANEW = /^(DATA_DIR|PUBLIC_URL|ERP_URL|ERP_SEED|MQTT_.*|.*_PORT)$/;
const MAX_CHARACTERS = 200_000;
const MOST_PROBLEMS = 5;

/**
 * A scenario as YAML (or JSON, which is YAML too).
 *
 * @throws {StartError} what is wrong with it, each with its line and column
 */
export function parseScenario(source: string, file: string): ScenarioFile {
  if (source.length > MAX_CHARACTERS) throw new StartError(`${file} is longer than a scenario may be.`);
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const offsetOf = (path: Path) => offsetIn(document, path);
  const complain = (problems: readonly Problem[]): void => {
    if (problems.length === 0) return;
    const told = problems.slice(0, MOST_PROBLEMS).map(({ offset, message }) => {
      const { line, col } = lines.linePos(offset);
      return `${file}:${String(line)}:${String(col)}: ${message}`;
    });
    throw new StartError(told.join("\n"));
  };

  complain(document.errors.map(({ pos, message }) => ({ offset: pos[0], message: `This is no YAML: ${message}` })));
  const parsed = scenarioSchema.safeParse(valueOf(document, complain));
  if (!parsed.success) complain(parsed.error.issues.flatMap((issue) => problemsOf(document, issue)));
  const scenario = parsed.data as Scenario;
  complain(
    scenario.steps.flatMap((step, at) => {
      const message = wrongWords(step);
      return message === undefined ? [] : [{ offset: offsetOf(["steps", at]), message }];
    }),
  );
  for (const [name, value] of Object.entries(scenario.kit?.settings ?? {})) {
    const message = wrongSetting(name, value);
    if (message !== undefined) complain([{ offset: keyOffset(document, ["kit", "settings"], name), message }]);
  }
  return { file, scenario, lineOf: (path) => lines.linePos(offsetOf(path)).line };
}

/** What stands there, with what its aliases stand for. */
function valueOf(document: Document, complain: (problems: readonly Problem[]) => void): unknown {
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch (error) {
    complain([{ offset: 0, message: `This is no YAML: ${(error as Error).message}` }]);
  }
}

/** A scenario as a file has it. */
export function scenarioText(scenario: Scenario): string {
  const steps = scenario.steps.map(asWritten);
  return MODELINE + stringify({ ...scenario, steps }, { lineWidth: 120, aliasDuplicateObjects: false });
}

/** A step that says nothing but what it is, is one word. */
function asWritten(step: Step): Step | string {
  const [[name, value] = ["", undefined], ...more] = Object.entries(step);
  return value === true && more.length === 0 ? name : step;
}

/** What the schema cannot know: the words of a step that the pod or the hotel is to understand. */
function wrongWords({ pod, operator }: Step): string | undefined {
  if (pod !== undefined) {
    const [what = "", ...words] = pod.split(/\s+/);
    const hand = handOf(what, words, { seed: 0 });
    if (what === "fault" && words[0] !== "none") {
      const problem = faultProblem(words);
      if (problem !== undefined) return `pod: ${problem}`;
    }
    if (hand === undefined) return "pod: status only looks; what the pod is like stands under until and expect.";
    return typeof hand === "string" ? `pod: ${hand.replace("pod <serial> ", "")}.` : undefined;
  }
  const order = operator === undefined ? undefined : orderOf(operator);
  return typeof order === "string" ? `operator: ${order}` : undefined;
}

function wrongSetting(name: string, value: string | number): string | undefined {
  if (CHOSEN_ANEW.test(name)) return `${name} is chosen anew for each kit on which a scenario is played.`;
  try {
    readFew({ [name]: value });
    return undefined;
  } catch (error) {
    return (error as Error).message.replace(/; known are .*/, ".");
  }
}

function problemsOf(document: Document, issue: Issue, above: Path = []): Problem[] {
  const path = [...above, ...issue.path];
  if (issue.code === "invalid_union") {
    const isText = typeof document.getIn(path) === "string";
    const meant = issue.errors.filter((branch) => !branch.every((each) => isOfAnotherKind(each, isText)));
    const [only, ...others] = meant;
    if (only && others.length === 0) return only.flatMap((each) => problemsOf(document, each, path));
  }
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => ({ offset: keyOffset(document, path, key), message: `"${key}" is unknown here.` }));
  return [{ offset: offsetIn(document, path), message: sentenceOf(document, path, issue) }];
}

/** A branch that was not meant: words where an object is, or an object where words are. */
function isOfAnotherKind({ code, path }: Issue, isText: boolean): boolean {
  return path.length === 0 && (code === "invalid_type" || (code === "invalid_value" && !isText));
}

function sentenceOf(document: Document, path: Path, issue: Issue): string {
  const name = path.findLast((key) => typeof key === "string") ?? "The file";
  if (path.length > 0 && !document.hasIn(path)) return `${name} is missing.`;
  return `${name} ${wordsOf(issue)}.`;
}

function wordsOf(issue: Issue): string {
  if (issue.code === "invalid_value") return `must be one of ${issue.values.map(String).join(", ")}`;
  if (issue.code === "invalid_type")
    return `must be ${issue.expected === "object" ? "a map of names" : `of type ${issue.expected}`}`;
  if (issue.code === "invalid_union") return "is nothing that may stand here";
  return withoutPeriod(issue.message);
}

/** Where the value of a path begins, or the nearest that there is around it. */
function offsetIn(document: Document, path: Path): number {
  for (let depth = path.length; depth >= 0; depth--) {
    const node = document.getIn(path.slice(0, depth), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return 0;
}

function keyOffset(document: Document, path: Path, key: string): number {
  const map = path.length === 0 ? document.contents : document.getIn(path, true);
  const pair = isMap(map) ? map.items.find((item) => String(item.key) === key) : undefined;
  return isNode(pair?.key) && pair.key.range ? pair.key.range[0] : offsetIn(document, path);
}
