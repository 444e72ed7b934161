import { readFileSync } from "node:fs";
import { type RootCommand, ShellCompDirective } from "@bomb.sh/tab";
import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { SETTLEMENTS } from "../device-db/config.ts";
import type { Device } from "../device-db/contract.ts";
import { BEHAVIOURS } from "../device-sim/behaviours/all.ts";
import { SCENTS } from "../device-sim/contract.ts";
import { scenarios } from "../device-sim/scenarios.ts";
import { ERP_MODES } from "../erp-stub/contract.ts";
import { COMPLETION, SHELLS } from "./commands/completion.ts";
import { DEEDS } from "./hand.ts";
import { HOST } from "./parts.ts";
import { bundledNames } from "./scenarios/bundled.ts";
import { readSecrets } from "./secrets.ts";
import { loadSettings } from "./settings.ts";

/** Whoever presses Tab does not wait longer for a kit that may be busy. */
const PATIENCE_MS = 1_000;

type Suggestion = readonly [value: string, description?: string];

/** Prints what a shell reads once, to ask `suggest` from then on. */
export function printScript(program: Command, shell: (typeof SHELLS)[number]): void {
  // The library's needs a package beside bash, takes a second reading for an error, and has no "--state=dead".
  if (shell === "bash") process.stdout.write(readFileSync(new URL("aromapod.bash", import.meta.url)));
  else describe(program).setup(program.name(), program.name(), shell);
}

/** Prints what the last word may become, and what that means. */
export async function suggest(program: Command, words: readonly string[]): Promise<void> {
  const root = describe(program);
  const suggestions = suggestionsFor(words, wantsSerial(program, words) ? await knownSerials() : []);
  const asked = [...root.commands.values()].flatMap((made) => [...made.arguments.values(), ...made.options.values()]);
  for (const place of asked) {
    const found = suggestions["name" in place ? place.name : place.value];
    if (found) place.handler = (complete) => found().forEach(([value, about = ""]) => complete(value, about));
  }
  offerFiles(root);
  root.parse([...words]);
}

/** The commands as the library knows them; it brings the one for the script itself. */
function describe(program: Command): RootCommand {
  const bare = program.createCommand(program.name());
  for (const command of program.commands.filter((made) => !COMPLETION.includes(made.name()))) bare.addCommand(command);
  return tab(bare, { completionCommandName: "completion" });
}

/** The library says of every place that no file stands there; one may stand where it knows nothing that does. */
function offerFiles(root: RootCommand): void {
  const { ShellCompDirectiveNoFileComp: noFiles, ShellCompDirectiveDefault: files } = ShellCompDirective;
  Object.defineProperty(root, "directive", {
    get: () => (root.completions.length > 0 ? noFiles : files),
    set: () => undefined,
  });
}

/** What stands at an argument or an option of that name, where commander does not know it. */
function suggestionsFor(
  words: readonly string[],
  serials: readonly Suggestion[],
): Record<string, () => readonly Suggestion[]> {
  const [, , hand = ""] = words.filter((word) => !word.startsWith("-"));
  return {
    serial: () => serials,
    what: () => Object.entries(DEEDS),
    words: () => HAND_WORDS[hand] ?? [],
    scent: () => scents,
    name: () => alone(bundledNames()),
    scenario: () => scenarios().map(({ name, scenario }) => [name, scenario.about]),
    "erp-mode": () => alone(ERP_MODES),
    "erp-settle": () => alone(SETTLEMENTS),
    shell: () => alone(SHELLS),
  };
}

const alone = (values: readonly string[]): Suggestion[] => values.map((value) => [value]);
const scents = alone(SCENTS);
const behaviours = Object.entries(BEHAVIOURS).map(([name, { about }]): Suggestion => [name, about]);

/** What goes with the hands that are laid on a pod. */
const HAND_WORDS: Record<string, readonly Suggestion[]> = {
  press: alone(["next", "stop"]),
  checkin: scents,
  intensity: alone(["1", "2", "3"]),
  drain: scents,
  refill: scents,
  remove: scents,
  fault: [...behaviours, ["none", "It is as it should be again."]],
};

function wantsSerial(program: Command, words: readonly string[]): boolean {
  const at = words.reduce((command, word) => command.commands.find((made) => made.name() === word) ?? command, program);
  return [
    ...at.registeredArguments.map((argument) => argument.name()),
    ...at.options.map((option) => option.name()),
  ].includes("serial");
}

/** The devices of the kit that runs here, with their rooms; none where there is no kit, or it takes too long. */
async function knownSerials(): Promise<Suggestion[]> {
  try {
    const { DATA_DIR, DEVICE_DB_PORT } = loadSettings({});
    const answer = await fetch(`http://${HOST}:${String(DEVICE_DB_PORT)}/api/devices`, {
      headers: { authorization: `Bearer ${readSecrets(DATA_DIR).operatorKey}` },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    const { data } = (await answer.json()) as { data: Device[] };
    return data.map(({ serial, room }) => [serial, room]);
  } catch {
    return [];
  }
}
