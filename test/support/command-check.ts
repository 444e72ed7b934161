/** What is wrong with a command, as far as that can be told without running it. */

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CommanderError } from "commander";
import { createProgram } from "../../scripts/cli.ts";
import { type Run, settingFlags } from "../../scripts/commands/command.ts";
import { loadSettings, SETTING_NAMES } from "../../scripts/settings.ts";
import { type DocumentCommand, placeholdersIn } from "./document-commands.ts";
import { type SimpleCommand, simpleCommands } from "./shell-words.ts";
import { UNSET } from "./unset.ts";

/** Every machine with the kit has them. */
const USUAL = ["npm", "npx", "node", "git", "sh", "cat", "cp", "mv", "mkdir", "cd", "install", "printf", "sed", "tee"];
/** What scripts of ours read from the environment beside the settings. */
const BESIDE = ["ERP_WRITES", "NODE_ENV", "NO_COLOR"];

/** For what readers put in themselves, where not any word will do. */
const SAMPLES: Record<string, string> = {
  "<command>": "devices ls",
  "<launch url>": "http://127.0.0.1:3978/r/link",
  "<n>": "2",
  "<part>": "bot",
  "<serial>": "HKAP0100000001",
  "<times>": "60",
  "<url>": "http://127.0.0.1:8000",
};

const ROOT = join(import.meta.dirname, "../..");
/** Where the guides put the kit, and how they name its files in it. */
const OUR_FILE = /^(?:\/opt\/aromapod\/|(?=docs\/))(.+)$/;

const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
  scripts: Record<string, string>;
};
/** What npm does without a script of ours. */
const NPM_ITSELF = ["ci", "exec", "install", "pack", "publish", "sbom", "version"];
/** Scripts of package.json that are a command of ours. */
const AROMAPOD = /^node scripts\/aromapod\.ts ?(.*)$/;

type How = {
  /** A command that is only named may end early. */
  isNamed?: boolean;
};

/** All that is wrong: programs that nobody announced; files, scripts, commands, options and settings that do not exist. */
export async function problemsOfCommand({ line, needs }: DocumentCommand, how: How = {}): Promise<string[]> {
  const filled = placeholdersIn(line).reduce((text, one) => text.replaceAll(one, SAMPLES[one] ?? "word"), line);
  const problems = simpleCommands(filled).map((command) => problemsOfOne(command, needs ?? "", how));
  return (await Promise.all(problems)).flat();
}

async function problemsOfOne(command: SimpleCommand, needs: string, how: How): Promise<string[]> {
  const { settings } = command;
  const words = needs.includes("root") ? withoutSudo(command.words) : command.words;
  const [program = ""] = words;
  const missing = words.filter((word) => !existsSync(join(ROOT, OUR_FILE.exec(word)?.[1] ?? "")));
  if (missing.length > 0) return missing.map((path) => `there is no ${path}`);
  const args = how.isNamed && words.join(" ") === "npm run -s" ? [] : argumentsOf(words);
  if (args === undefined) return isAnnounced(program, needs) ? [] : [`nobody said that ${program} is needed`];
  if (typeof args === "string") return [args];
  const wrong = Object.keys(settings).filter((name) => !SETTING_NAMES.includes(name) && !BESIDE.includes(name));
  if (wrong.length > 0) return wrong.map((name) => `there is no setting ${name}`);
  return args.length === 0 ? [] : problemsOfArguments(args, settings, how);
}

function withoutSudo(words: string[]): string[] {
  if (words[0] !== "sudo") return words;
  return words.slice(words[1] === "-u" ? 3 : 1);
}

function isAnnounced(program: string, needs: string): boolean {
  if (program === "" || USUAL.includes(program) || OUR_FILE.test(program)) return true;
  return needs.split(/[\s,()]+/).includes(program);
}

/** What our own command is given; empty for another script, a sentence for none, `undefined` for another program. */
function argumentsOf([program, ...words]: readonly string[]): string[] | string | undefined {
  if (program === "aromapod") return words;
  if (program === "npx" && words[0] === "aromapod") return words.slice(1);
  return program === "npm" ? argumentsByNpm(words.filter((word) => word !== "-s")) : undefined;
}

function argumentsByNpm([first = "", ...more]: readonly string[]): string[] | string {
  if (NPM_ITSELF.includes(first)) return [];
  const [script = "", ...rest] = first === "run" ? more : [first, ...more];
  const found = scripts[script];
  if (found === undefined) return `there is no script "${script}"`;
  const [, own] = AROMAPOD.exec(found) ?? [];
  if (own === undefined) return [];
  const given = rest[0] === "--" ? rest.slice(1) : rest;
  if (rest.length > 0 && rest[0] !== "--") return `npm keeps "${rest.join(" ")}" for itself without a "--"`;
  return [...own.split(" ").filter((word) => word !== ""), ...given];
}

/** Lets the real program read them, up to the place where work would begin. */
async function problemsOfArguments(
  args: readonly string[],
  environment: Record<string, string>,
  { isNamed = false }: How,
): Promise<string[]> {
  const readSettings: Run = async (flags) => {
    loadSettings({ ...UNSET, ...known(environment), ...known(settingFlags(flags)) });
  };
  const program = createProgram(readSettings, async () => undefined);
  const all = [program, ...program.commands, ...program.commands.flatMap(({ commands }) => commands)];
  for (const command of all)
    command.exitOverride().configureOutput({ writeErr: () => undefined, writeOut: () => undefined });
  try {
    await program.parseAsync(args, { from: "user" });
    return [];
  } catch (error) {
    if (error instanceof CommanderError && (error.exitCode === 0 || (isNamed && endsEarly(error)))) return [];
    return [`aromapod ${args.join(" ")}: ${(error as Error).message}`];
  }
}

function endsEarly({ code }: CommanderError): boolean {
  return ["commander.missingArgument", "commander.missingMandatoryOptionValue", "commander.help"].includes(code);
}

function known(values: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
