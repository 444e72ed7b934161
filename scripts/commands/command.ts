import { type Command, Option } from "commander";
import { SETTING_NAMES, type Settings } from "../settings.ts";

export type Flags = Record<string, string | boolean | undefined> & { json?: boolean };

/** Runs a command's work with the settings that its flags, the environment and `.env` make. */
export type Run = (flags: Flags, work: (settings: Settings) => Promise<number>) => Promise<void>;

/** Runs the work of a command that reads no settings, or looks for itself what is wrong with them. */
export type RunUnset = (work: () => Promise<number>) => Promise<void>;

/** The settings' flags: `BOT_PORT` is `--bot-port`, `MicrosoftAppId` is `--microsoft-app-id`. */
const settingOptions = SETTING_NAMES.map((name) => {
  const flag = name
    .replace(/([a-z])([A-Z])/g, "$1-$2")
    .replaceAll("_", "-")
    .toLowerCase();
  return {
    name,
    option: new Option(`--${flag} <value>`, `sets ${name}`).helpGroup("Settings (or the environment, or .env):"),
  };
});

/** Every command has these. */
export function isSettingOption(option: Option): boolean {
  return settingOptions.some((one) => one.option === option);
}

/** The flag of a setting. */
export function settingFlag(wanted: string): string {
  return settingOptions.find(({ name }) => name === wanted)?.option.long ?? "";
}

/** What the command line says of the settings. */
export function settingFlags(flags: Flags): Record<string, string | undefined> {
  const given = settingOptions.map(({ name, option }) => [name, flags[option.attributeName()]] as const);
  return Object.fromEntries(given) as Record<string, string | undefined>;
}

/** A command with the options that all have. */
export function command(parent: Command, name: string, description: string): Command {
  const made = parent
    .command(name)
    .description(description)
    .option("--json", "print data for programs on stdout, and nothing else there");
  for (const { option } of settingOptions) made.addOption(option);
  return made;
}

/** Ends a command line that makes no sense. */
export function refuse(command: Command, sentence: string | undefined): void {
  if (sentence !== undefined) command.error(`error: ${sentence}`);
}
