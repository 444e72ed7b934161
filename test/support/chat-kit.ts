import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { DeviceDbConfig, ErpTarget } from "../../device-db/config.ts";
import { startDeviceDb } from "../../device-db/service.ts";
import { type DeviceDbStore, openDeviceDbStore } from "../../device-db/store.ts";
import type { Clock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { DEMO_DEVICE, type Ground, HOST, startBotPart, startDeviceSimPart } from "../../scripts/parts.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { beginChat } from "./chat-guest.ts";
import { eventually } from "./eventually.ts";
import { PORT_SETTINGS } from "./home.ts";
import { UNSET } from "./unset.ts";

type Options = {
  erp: Pick<ErpTarget, "url"> & Partial<ErpTarget>;
  /** The device database's; bot and pod keep to the time of day. */
  clock: Clock;
  /** Works on the device database's store before it is started. */
  prepare?: (store: DeviceDbStore) => Promise<void>;
};

/** Bot, pod and device database in this process, before an ERP of the test's own. */
export async function openChatKit({ erp, clock, prepare }: Options) {
  await using opening = new AsyncDisposableStack();
  const own = <T extends { close: () => Promise<void> }>(part: T): T => opening.adopt(part, (open) => open.close());
  const dataDir = await mkdtemp(join(tmpdir(), "chat-kit-"));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  const anyPort = Object.fromEntries(PORT_SETTINGS.map((name) => [name, "0"]));
  const settings = loadSettings({ ...UNSET, ...anyPort, DATA_DIR: dataDir });
  const ground: Ground = { settings, secrets: makeSecrets(dataDir, DEMO_DEVICE.serial), log: createLog("silent") };
  if (prepare) {
    const store = openDeviceDbStore(join(dataDir, "device-db.sqlite"), ground.log);
    await prepare(store);
    await store.close();
  }
  const deviceDb = own(await startDeviceDb(configOf(ground, erp), { clock, log: ground.log }));
  own(await startDeviceSimPart(ground, { mqttUrl: deviceDb.mqttUrl, speed: 1 }));
  const bot = own(await startBotPart(ground, { mqttUrl: deviceDb.mqttUrl, lanHost: undefined }));
  const launchUrl = await eventually(() => {
    const url = bot.launchUrl(DEMO_DEVICE.serial);
    expect([bot.ready(), url]).toEqual([true, expect.any(String)]);
    return url ?? "";
  });
  const owned = opening.move();

  return {
    deviceDbUrl: deviceDb.url,
    chat: () => chatOnce(launchUrl),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A guest takes a token, begins, answers, and reads the thanks; resolves with how long the bot took for the answer, in ms. */
async function chatOnce(launchUrl: string): Promise<number> {
  const guest = await beginChat(launchUrl);
  const said = performance.now();
  await guest.say("b");
  for (;;) {
    const { activities } = await guest.read();
    if (activities.some(({ type }) => type === "endOfConversation")) return performance.now() - said;
  }
}

function configOf({ settings, secrets }: Ground, erp: Options["erp"]): DeviceDbConfig {
  return {
    host: HOST,
    port: 0,
    mqttPort: 0,
    dataDir: settings.DATA_DIR,
    reportScents: settings.DEVICE_DB_REPORT_SCENTS,
    operatorKey: secrets.operatorKey,
    publicUrl: undefined,
    mqttSecrets: secrets.mqtt,
    firstDevice: { ...DEMO_DEVICE, secret: secrets.devices[DEMO_DEVICE.serial] ?? "" },
    // As for a foreign ERP.
    erp: { settle: "ref", apiKey: undefined, concurrency: 4, rate: 20, quiesceMs: 60_000, ...erp },
  };
}
