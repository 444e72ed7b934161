import { globSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { parseJson } from "../plumbing/json.ts";
import { StartError } from "../plumbing/start-error.ts";
import { faultProblem } from "./faults.ts";
import { type Scenario, scenarioSchema } from "./fleet-contract.ts";

const FOLDER = new URL("scenarios/", import.meta.url);

/** The scenarios that come with the kit, by name. */
export function scenarios(): { name: string; scenario: Scenario }[] {
  const files = globSync("*.json", { cwd: fileURLToPath(FOLDER) }).sort();
  return files.map((file) => {
    const name = basename(file, ".json");
    return { name, scenario: readScenario(name) };
  });
}

/**
 * A scenario by its name, or from a file of somebody's own, whose name ends in `.json`.
 *
 * @throws {StartError} when there is none, or it is not one: a sentence that says what is wrong where
 */
export function readScenario(nameOrFile: string): Scenario {
  const isName = /^[a-z0-9-]{1,64}$/.test(nameOrFile);
  if (!isName && !nameOrFile.endsWith(".json")) throw new StartError(unknown(nameOrFile));
  const value = parseJson(
    readText(isName ? fileURLToPath(new URL(`${nameOrFile}.json`, FOLDER)) : nameOrFile, nameOrFile),
  );
  const parsed = scenarioSchema.safeParse(value);
  if (value === undefined) throw unusable(nameOrFile, "it is no JSON.");
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unusable(nameOrFile, `${issue?.path.join(".") || "it"}: ${issue?.message ?? "is no scenario"}.`);
  }
  for (const { words } of parsed.data.faults) {
    const problem = faultProblem(words);
    if (problem) throw unusable(nameOrFile, problem);
  }
  return parsed.data;
}

function readText(path: string, nameOrFile: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new StartError(unknown(nameOrFile), { cause });
  }
}

function unusable(nameOrFile: string, reason: string): StartError {
  return new StartError(`The scenario "${nameOrFile}" cannot be used: ${reason}`);
}

function unknown(nameOrFile: string): string {
  return `There is no scenario "${nameOrFile}": "aromapod fleet ls" lists them, or give a file that ends in .json.`;
}
