import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { botSettings, channelSettings } from "../bot/config.ts";
import { brokerSettings, deviceDbSettings, erpCallSettings } from "../device-db/config.ts";
import { deviceSimSettings } from "../device-sim/config.ts";
import { erpSettings } from "../erp-stub/config.ts";
import { folderSetting, readSettings } from "../plumbing/config.ts";
import { StartError } from "../plumbing/start-error.ts";
import { checkBroker } from "./broker.ts";

const generalSettings = {
  DATA_DIR: folderSetting(".data").describe("Where everything is kept: a folder, as seen from where the command runs."),
};

const SHAPE = {
  ...generalSettings,
  ...botSettings,
  ...channelSettings,
  ...deviceDbSettings,
  ...brokerSettings,
  ...erpCallSettings,
  ...erpSettings,
  ...deviceSimSettings,
};

/** The same as people look for them; `guide` says more. */
export const SETTING_GROUPS = [
  { title: "The data folder", settings: generalSettings },
  { title: "The bot", settings: botSettings },
  { title: "Azure Bot Service", settings: channelSettings, guide: "docs/guides/your-channel.md" },
  { title: "The device database", settings: deviceDbSettings },
  { title: "The broker", settings: brokerSettings, guide: "docs/guides/your-broker.md" },
  { title: "The ERP that is called", settings: erpCallSettings, guide: "docs/guides/your-erp.md" },
  { title: "The bundled ERP", settings: erpSettings, guide: "docs/katlai.md" },
  { title: "The simulated pods", settings: deviceSimSettings },
];

const OUR_PREFIXES = ["BOT_", "DEVICE_DB_", "DEVICE_SIM_", "ERP_"];

export type Settings = ReturnType<typeof readSettings<typeof SHAPE>>;

export const SETTING_NAMES = Object.keys(SHAPE);

/**
 * Flags win over the environment, which wins over `.env`.
 *
 * @throws {StartError} naming a setting that is unknown, has a bad value or does not fit another
 */
export function loadSettings(flags: Record<string, string | undefined>): Settings {
  const file = readEnvFile();
  refuseUnknown(Object.keys(file), `in .env`);
  refuseUnknown(Object.keys(process.env).filter(isForUs), "in the environment");
  // A flag that was not given is a key with no value, and would hide what the environment says.
  const given = Object.fromEntries(Object.entries(flags).filter(([, value]) => value !== undefined));
  const settings = readSettings(SHAPE, { ...file, ...process.env, ...given });
  checkBroker(settings);
  return settings;
}

/**
 * The same settings with a few others.
 *
 * @throws {StartError} naming one that is unknown or has a bad value
 */
export function settingsWith(settings: Settings, given: Record<string, string | number>): Settings {
  const changed = { ...settings, ...readFew(given) };
  checkBroker(changed);
  return changed;
}

/** @throws {StartError} naming one that is unknown or has a bad value */
export function readFew(given: Record<string, string | number>): Partial<Settings> {
  refuseUnknown(Object.keys(given), "of a scenario");
  const shape = Object.fromEntries(Object.entries(SHAPE).filter(([name]) => name in given)) as Partial<typeof SHAPE>;
  const words = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, String(value)]));
  return readSettings(shape, words) as Partial<Settings>;
}

function readEnvFile(): Record<string, string> {
  const text = readIfThere(".env").replace(/^\uFEFF/, "");
  const lines = text.split("\n");
  // A value in quotes may go on for lines.
  const isPlain = !lines.some((line) => /^[^#]*=\s*(["'`])(?:(?!\1).)*$/.test(line));
  const idle = lines.findIndex((line) => /^\s*[^#\s=][^=]*$/.test(line));
  if (isPlain && idle >= 0) throw new StartError(`Line ${String(idle + 1)} of .env sets nothing: it has no "=".`);
  return parseEnv(text) as Record<string, string>;
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "";
    throw new StartError(`Cannot read ${file}: ${(error as Error).message}.`, { cause: error });
  }
}

function isForUs(name: string): boolean {
  return OUR_PREFIXES.some((prefix) => name.startsWith(prefix));
}

function refuseUnknown(names: readonly string[], where: string): void {
  const unknown = names.find((name) => !SETTING_NAMES.includes(name));
  if (unknown) throw new StartError(`Unknown setting ${unknown} ${where}; known are ${SETTING_NAMES.join(", ")}.`);
}
