import { z } from "zod";
import { originSetting, portSetting } from "../plumbing/config.ts";

const text = z.string().max(256, "must be 256 characters at most").optional();

export const botSettings = {
  BOT_PORT: portSetting(3978),
  BOT_ORIGINS: z
    .string()
    .default("")
    .transform((list) =>
      list
        .split(",")
        .map((entry) => entry.trim())
        .filter(Boolean),
    )
    .pipe(z.array(originSetting)),
  PUBLIC_URL: originSetting.optional(),
  MicrosoftAppId: text,
  MicrosoftAppPassword: text,
  MicrosoftAppType: text,
  MicrosoftAppTenantId: text,
};

/** As Bot Framework names them; without an id `/api/messages` serves this machine only. */
export type MicrosoftApp = {
  MicrosoftAppId?: string | undefined;
  MicrosoftAppPassword?: string | undefined;
  MicrosoftAppType?: string | undefined;
  MicrosoftAppTenantId?: string | undefined;
};

export type BotConfig = {
  host: string;
  port: number;
  /** An address of this machine in the local network, where guests' phones reach the chat and nothing else. */
  lanHost: string | undefined;
  dataDir: string;
  mqtt: { url: string; password: string };
  qrKey: string;
  tokenKey: string;
  directLineSecret: string;
  operatorKey: string;
  publicUrl: string | undefined;
  /** Other origins whose pages may use the chat. */
  origins: readonly string[];
  microsoftApp: MicrosoftApp;
};
