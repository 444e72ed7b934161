import { createProgram } from "../cli.ts";
import { type CommandText, describeCommands, type Term } from "../commands/describe.ts";
import { EXIT, EXIT_MEANINGS } from "../exit-codes.ts";
import { code, GENERATED, page, sentence, slug, table } from "./markdown.ts";

const HEAD = `\`npm run aromapod -- <command>\` runs it from the folder of the kit; \`npm start\` is its command \`start\`, and
\`npm run poc\` its command \`poc\`.

Every command takes \`--help\`, \`--json\` (data for programs on stdout, and nothing else there; \`npm run -s\` keeps npm's own
lines away) and each of the [settings](settings.md) as a flag.`;

/** `docs/reference/cli.md` */
export function cliPage(): string {
  const commands = describeCommands(
    createProgram(
      async () => undefined,
      async () => undefined,
    ),
  );
  const all = commands.flatMap(withinAndItself).filter(({ isRun }) => isRun);
  return page([
    "# The `aromapod` command",
    GENERATED,
    HEAD,
    "## Commands",
    table(
      ["command", "what it does"],
      all.map(({ words, about }) => [`[${code(words)}](#${slug(words)})`, sentence(about)]),
    ),
    "## Exit codes",
    table(["code", "meaning"], exitRows()),
    ...commands.flatMap(section),
  ]);
}

function withinAndItself(command: CommandText): CommandText[] {
  return [command, ...command.commands.flatMap(withinAndItself)];
}

function exitRows(): string[][] {
  const names = Object.keys(EXIT) as (keyof typeof EXIT)[];
  return names.map((name) => [code(String(EXIT[name])), EXIT_MEANINGS[name]]);
}

/** Each command that stands alone, or with those below it. */
function section(command: CommandText): string[] {
  if (!command.isRun) {
    return [`## ${command.words}`, sentence(command.about), ...command.commands.flatMap((one) => entry(one, "###"))];
  }
  return [...entry(command, "##"), ...command.commands.flatMap((one) => entry(one, "###"))];
}

function entry({ words, usage, about, terms }: CommandText, level: string): string[] {
  return [
    `${level} ${words}`,
    `${code(usage)}: ${about}${/[.:]$/.test(about) ? "" : "."}`,
    terms.length === 0
      ? ""
      : table(
          ["argument, option", "what it is", "unless given"],
          terms.map((term) => [code(term.term), meaningOf(term), standardOf(term)]),
        ),
  ];
}

function meaningOf({ about, choices }: Term): string {
  const some = choices.length === 0 ? "" : `one of ${choices.map(code).join(", ")}`;
  return [about, some].filter((text) => text !== "").join("; ");
}

function standardOf({ standard, isRequired }: Term): string {
  if (isRequired) return "_has to be given_";
  return standard === undefined ? "" : code(String(standard));
}
