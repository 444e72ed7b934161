import { readFileSync } from "node:fs";
import { checkMicrosoftApp } from "../../bot/config.ts";
import { StartError } from "../../plumbing/start-error.ts";
import { settingsFile, typed } from "../own-program.ts";
import { settlementOf } from "../parts.ts";
import { withoutPeriod } from "../words.ts";
import {
  advise,
  type Check,
  check,
  type Finding,
  type Fix,
  failed,
  type Ground,
  notChecked,
  ok,
  run,
} from "./check.ts";
import type { Kit } from "./kit.ts";

/** How a sentence about a setting begins. */
const NAMES_SETTING = /^(?:Bad setting: |Unknown setting )?(\w+)/;

export const settingsChecks: readonly Check[] = [
  { name: "settings", run: settings },
  check("channel credentials", channelCredentials),
];

function settings({ kit, problem }: Ground): Finding {
  const trouble = problem ?? refusalOf(() => settlementOf(kit.settings));
  return trouble === undefined ? ok("all are known, and fit each other") : badSetting(trouble);
}

function channelCredentials({ settings: given }: Kit): Finding {
  const { MicrosoftAppId, MicrosoftAppPassword, MicrosoftAppType, MicrosoftAppTenantId } = given;
  const app = { MicrosoftAppId, MicrosoftAppPassword, MicrosoftAppType, MicrosoftAppTenantId };
  const trouble = refusalOf(() => checkMicrosoftApp(app));
  const [, missing] = / needs (Microsoft\w+)\.$/.exec(trouble ?? "") ?? [];
  if (trouble !== undefined && missing !== undefined) {
    return failed(withoutPeriod(trouble), advise(`Copy ${missing} from the bot's page in Azure into .env.`));
  }
  if (trouble !== undefined) return badSetting(trouble);
  if (!MicrosoftAppId) return notChecked("there is no MicrosoftAppId: /api/messages serves this machine only");
  return ok(`complete for a bot of type ${MicrosoftAppType ?? "MultiTenant"}; nobody was asked to sign it in`);
}

/** What a start would say, if it refuses. */
function refusalOf(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
}

/** The names of all settings would hide the one that matters. */
function badSetting(sentence: string): Finding {
  return failed(withoutPeriod(sentence.replace(/; known are .*/, "")), howToCorrect(sentence));
}

/** Leads to the place where the setting stands that the sentence names first. */
function howToCorrect(sentence: string): Fix {
  const [, name = ""] = NAMES_SETTING.exec(sentence) ?? [];
  if (process.env[name]) return run(`unset ${name}`);
  const line = envLines().findLastIndex((text) => new RegExp(`^\\s*(export\\s+)?${name}\\s*=`).test(text));
  const file = settingsFile();
  const where = line < 0 ? `the command's flags, or ${file}` : `line ${String(line + 1)} of ${file}`;
  return advise(`Correct ${where}; ${typed("start --help")} lists every setting.`);
}

function envLines(): string[] {
  try {
    return readFileSync(".env", "utf8").split("\n");
  } catch {
    return [];
  }
}
