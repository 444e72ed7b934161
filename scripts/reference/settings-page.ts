import { settingFlag } from "../commands/command.ts";
import { SETTING_GROUPS } from "../settings.ts";
import { code, GENERATED, page, table } from "./markdown.ts";

/** What a setting's schema says of it. */
type Said = { description?: string; default?: string | number; example?: string | number } & Range;
type Range = { enum?: unknown[]; type?: string; minimum?: number; maximum?: number };
type Group = (typeof SETTING_GROUPS)[number];

const HEAD = `A setting is a line of \`.env\`, a variable of the environment, or a flag of any [command](cli.md); a flag wins over the
environment, which wins over the \`.env\` of the folder in which the command runs. An empty value is none. A value that does not
fit ends the start with one sentence that names the setting, and so does a name that is not known (in \`.env\`, or in the
environment if it begins as ours do).`;

/** `docs/reference/settings.md` */
export function settingsPage(): string {
  return page([
    "# Settings",
    GENERATED,
    HEAD,
    "[.env.example](../../.env.example) has all of them, to be copied to `.env`.",
    ...SETTING_GROUPS.flatMap((group) => [
      `## ${group.title}`,
      group.guide === undefined ? "" : `${linkTo(group.guide)} says more.`,
      table(["setting", "flag", "unless set", "meaning"], settingsOf(group).map(rowOf)),
    ]),
  ]);
}

/** The settings of a group with what their schemas say. */
export function settingsOf({ settings }: Group): [name: string, said: Said][] {
  return Object.entries(settings).map(([name, schema]) => [name, schema.toJSONSchema({ io: "input" }) as Said]);
}

function rowOf([name, said]: [string, Said]): string[] {
  const { description = "", default: standard = "" } = said;
  return [code(name), code(settingFlag(name)), code(String(standard)), `${description}${valuesOf(said)}`];
}

/** Of what has no usual value that would show it. */
function valuesOf({ default: standard, example, enum: all, type, minimum, maximum }: Said): string {
  if (standard !== undefined && standard !== "") return "";
  if (type === "integer") return ` From ${String(minimum)} to ${String(maximum)}.`;
  return example === undefined || all !== undefined ? "" : ` Such as ${code(String(example))}.`;
}

/** From `docs/reference/`, by the name of the file. */
function linkTo(path: string): string {
  return `[${path.slice(path.lastIndexOf("/") + 1)}](../${path.slice("docs/".length)})`;
}
