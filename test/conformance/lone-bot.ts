import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../../plumbing/log.ts";
import { startBotPart } from "../../scripts/parts.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { SERIAL } from "../support/devices.ts";
import { directLineAt } from "../support/direct-line-api.ts";
import { UNSET } from "../support/unset.ts";

/** A bot with settings of its own and nothing around it: conversations of the secret need no pods. */
export async function openLoneBot(settings: Record<string, string>) {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "aromapod-bot-"));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const ground = {
    settings: loadSettings({ ...UNSET, BOT_PORT: "0", DATA_DIR: dataDir, ...settings }),
    secrets: makeSecrets(dataDir, SERIAL),
    log: createLog("silent"),
  };
  const bot = await startBotPart(ground, { mqttUrl: "mqtt://127.0.0.1:9", lanHost: undefined });
  opening.defer(bot.close);
  const owned = opening.move();
  return {
    url: bot.url,
    api: directLineAt(bot.url),
    secret: ground.secrets.directLineSecret,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
