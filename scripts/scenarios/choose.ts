/** Which scenarios are meant: files, folders of them, transcripts, or bundled ones by name. */
import { readdir, readFile, stat } from "node:fs/promises";
import { basename, extname, join, relative } from "node:path";
import { StartError } from "../../plumbing/start-error.ts";
import { parseTranscript } from "../transcript-file.ts";
import { BUNDLED_FOLDER, bundledNames, bundledPath } from "./bundled.ts";
import { scenarioOfTranscript } from "./import-transcript.ts";
import { parseScenario, type ScenarioFile } from "./scenario-file.ts";

/** `path` is where it lies, `file` what people would call it. */
export type ChosenScenario = ScenarioFile & { path: string };

const MAX_BYTES = 8 * 1024 * 1024;
const KINDS = [".yaml", ".yml", ".json", ".transcript"];
const IS_SCHEMA = /\.schema\.json$/;

/** The scenarios in the order of their names; all that come with the kit if `all`, the POC script if none is named. */
export async function chooseScenarios(names: readonly string[], all: boolean): Promise<ChosenScenario[]> {
  const wanted = all ? [...bundledNames().map(bundledPath), ...names] : names.length === 0 ? ["poc"] : names;
  const paths = (await Promise.all(wanted.map(pathsOf))).flat();
  return Promise.all([...new Set(paths)].map(readScenario));
}

/** All that come with the kit, the POC script first. */
export async function bundledScenarios(): Promise<ChosenScenario[]> {
  return Promise.all(bundledNames().map(bundledPath).map(readScenario));
}

/** A name is that of a file if there is one, else that of a scenario that comes with the kit. */
async function pathsOf(name: string): Promise<string[]> {
  const found = await stat(name).catch(() => undefined);
  if (found?.isDirectory()) return filesIn(name);
  if (found) return [name];
  if (bundledNames().includes(name)) return [bundledPath(name)];
  throw new StartError(`There is no scenario "${name}": it is neither a file nor one of those that "poc ls" lists.`);
}

async function filesIn(folder: string): Promise<string[]> {
  const names = (await readdir(folder)).filter((name) => KINDS.includes(extname(name)) && !IS_SCHEMA.test(name)).sort();
  if (names.length > 0) return names.map((name) => join(folder, name));
  throw new StartError(`There is no scenario in the folder "${folder}".`);
}

async function readScenario(path: string): Promise<ChosenScenario> {
  const file = shown(path);
  const bytes = await readBytes(path, file);
  if (extname(path) !== ".transcript") return { ...parseScenario(bytes.toString("utf8"), file), path };
  try {
    const scenario = scenarioOfTranscript(parseTranscript(bytes), basename(path, ".transcript"));
    return { file, path, scenario, lineOf: () => 1 };
  } catch (cause) {
    throw new StartError(`Cannot play "${file}". ${(cause as Error).message}`, { cause });
  }
}

async function readBytes(path: string, file: string): Promise<Buffer> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw new Error("it is no file");
    if (found.size > MAX_BYTES) throw new Error(`it is larger than ${String(MAX_BYTES)} bytes`);
    return await readFile(path);
  } catch (cause) {
    throw new StartError(`Cannot read "${file}": ${(cause as Error).message}.`, { cause });
  }
}

/** As people would write it from where they are. */
function shown(path: string): string {
  const from = relative(process.cwd(), path);
  if (!from.startsWith("..")) return from;
  return path.startsWith(BUNDLED_FOLDER) ? `scenarios/${basename(path)}` : path;
}
