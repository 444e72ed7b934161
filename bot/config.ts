import { z } from "zod";
import { originSetting, portSetting, wholeNumberSetting } from "../plumbing/config.ts";
import type { MqttAccount } from "../plumbing/mqtt.ts";
import { StartError } from "../plumbing/start-error.ts";
import { LIFE_MS } from "./session.ts";

const text = z.string().max(256, "must be 256 characters at most").optional();

export const botSettings = {
  BOT_PORT: portSetting(3978),
  PUBLIC_URL: originSetting.optional().meta({
    description:
      "The address under which guests reach the bot through a reverse proxy. With it the console asks for the operator's key, and answers to that host name on any port.",
    example: "https://scent.hotel.example",
  }),
  BOT_ORIGINS: z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .pipe(z.array(originSetting))
    .meta({
      description: "Other web sites whose pages may use the chat, separated by commas.",
      example: "https://www.hotel.example",
    }),
  BOT_IDLE_S: wholeNumberSetting({ min: 5, max: LIFE_MS / 1_000 })
    .default(300)
    .describe("After how many seconds of silence a chat closes; its guest is warned when a fifth of them remains."),
};

/** Azure Bot Service, by Bot Framework's own names. */
export const channelSettings = {
  MicrosoftAppId: text.describe("The bot's app id; without it `/api/messages` serves this machine only."),
  MicrosoftAppPassword: text.describe("The app's client secret; a managed identity has none."),
  MicrosoftAppType: text.describe(
    "`MultiTenant`, `SingleTenant` or `UserAssignedMSI`, as the bot was made. Unset, it is the first.",
  ),
  MicrosoftAppTenantId: text.describe("The tenant of the app, for `SingleTenant` and `UserAssignedMSI`."),
};

/** As Bot Framework names them; without an id `/api/messages` serves this machine only. */
export type MicrosoftApp = {
  MicrosoftAppId?: string | undefined;
  MicrosoftAppPassword?: string | undefined;
  MicrosoftAppType?: string | undefined;
  MicrosoftAppTenantId?: string | undefined;
};

const APP_TYPES = ["MultiTenant", "SingleTenant", "UserAssignedMSI"];

/**
 * What Bot Framework would refuse at the first message, or take for no authentication at all.
 *
 * @throws {StartError} one sentence that names the setting
 */
export function checkMicrosoftApp(app: MicrosoftApp): void {
  const isOf = (type: string) => (app.MicrosoftAppType ?? "").toLowerCase() === type.toLowerCase();
  const need = (name: keyof MicrosoftApp, reason: string) => {
    if (!app[name]?.trim()) throw new StartError(`${reason} needs ${name}.`);
  };
  if (app.MicrosoftAppType !== undefined && !APP_TYPES.some(isOf)) {
    throw new StartError(`Bad setting: MicrosoftAppType "${app.MicrosoftAppType}" must be ${APP_TYPES.join(" or ")}.`);
  }
  if (app.MicrosoftAppPassword) need("MicrosoftAppId", "MicrosoftAppPassword");
  if (isOf("MultiTenant") || app.MicrosoftAppType === undefined) return;
  const type = `MicrosoftAppType ${app.MicrosoftAppType}`;
  need("MicrosoftAppId", type);
  need("MicrosoftAppTenantId", type);
  if (isOf("SingleTenant")) need("MicrosoftAppPassword", type);
  else if (app.MicrosoftAppPassword) throw new StartError(`${type} takes no MicrosoftAppPassword.`);
}

export type BotConfig = {
  host: string;
  port: number;
  /** An address of this machine in the local network, where guests' phones reach the chat and nothing else. */
  lanHost: string | undefined;
  dataDir: string;
  mqtt: MqttAccount;
  qrKey: string;
  tokenKey: string;
  directLineSecret: string;
  operatorKey: string;
  publicUrl: string | undefined;
  /** Other origins whose pages may use the chat. */
  origins: readonly string[];
  /** After how many seconds of silence a chat closes. */
  idleS: number;
  microsoftApp: MicrosoftApp;
};
