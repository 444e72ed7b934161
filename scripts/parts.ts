import { type BotConfig, checkMicrosoftApp } from "../bot/config.ts";
import type { DeviceDbConfig, ErpTarget } from "../device-db/config.ts";
import type { DeviceSimConfig } from "../device-sim/config.ts";
import type { ErpConfig } from "../erp-stub/config.ts";
import { systemClock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { StartError } from "../plumbing/start-error.ts";
import { brokerCa, serviceAccount } from "./broker.ts";
import { deviceSecret, type Secrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

export const HOST = "127.0.0.1";

/** The device of the proof of concept; registered and simulated from the first start. */
export const DEMO_DEVICE = { serial: "HKAP0100000001", room: "Room 101", timeZone: "Asia/Hong_Kong" };

export const PART_NAMES = ["bot", "device-db", "device-sim", "erp"] as const;
export type PartName = (typeof PART_NAMES)[number];

/** What every part is started from. */
export type Ground = { settings: Settings; secrets: Secrets; log: Log };

const BUNDLED_ERP = { concurrency: 64, rate: undefined, quiesceMs: 2_000 };
const FOREIGN_ERP = { concurrency: 4, rate: 20, quiesceMs: 60_000 };

/** Each part is imported when it is started, so that a process pays only for what it runs. */
export async function startErpPart({ settings, secrets, log }: Ground, hotel?: ErpConfig["hotel"]) {
  const { startErp } = await import("../erp-stub/service.ts");
  const config: ErpConfig = {
    host: HOST,
    port: settings.ERP_PORT,
    dataDir: settings.DATA_DIR,
    mode: settings.ERP_MODE,
    publicUrl: settings.PUBLIC_URL,
    seed: settings.ERP_SEED,
    ...(hotel ? { hotel } : {}),
    allow: settings.ERP_ALLOW,
    proxies: settings.ERP_PROXIES,
    apiKey: secrets.erpApiKey,
    faults: process.env["NODE_ENV"] !== "production",
  };
  return startErp(config, { clock: systemClock, log });
}

export async function startDeviceDbPart({ settings, secrets, log }: Ground, at: { erpUrl: string; serial: string }) {
  const { startDeviceDb } = await import("../device-db/service.ts");
  const config: DeviceDbConfig = {
    host: HOST,
    port: settings.DEVICE_DB_PORT,
    mqttPort: settings.MQTT_PORT,
    externalBroker:
      settings.MQTT_URL === undefined
        ? undefined
        : serviceAccount(settings, { url: settings.MQTT_URL, name: "device-db", secret: secrets.mqtt.deviceDb }),
    dataDir: settings.DATA_DIR,
    reportScents: settings.DEVICE_DB_REPORT_SCENTS,
    operatorKey: secrets.operatorKey,
    publicUrl: settings.PUBLIC_URL,
    mqttSecrets: secrets.mqtt,
    firstDevice: { ...DEMO_DEVICE, serial: at.serial, secret: secrets.devices[at.serial] ?? "" },
    erp: erpTarget(settings, secrets, at.erpUrl),
  };
  return startDeviceDb(config, { clock: systemClock, log });
}

export async function startDeviceSimPart(
  { settings, secrets, log }: Ground,
  { mqttUrl, speed }: { mqttUrl: string; speed: number },
) {
  const { startDeviceSim } = await import("../device-sim/service.ts");
  const config: DeviceSimConfig = {
    host: HOST,
    port: settings.DEVICE_SIM_PORT,
    dataDir: settings.DATA_DIR,
    mqttUrl,
    mqttCa: brokerCa(settings),
    pods: Object.entries(secrets.devices).map(([serial, password]) => ({
      serial,
      password,
      newPassword: () => deviceSecret(settings.DATA_DIR, serial) ?? password,
    })),
    operatorKey: secrets.operatorKey,
    timeZone: DEMO_DEVICE.timeZone,
    speed,
  };
  return startDeviceSim(config, { clock: systemClock, log });
}

export async function startBotPart(
  { settings, secrets, log }: Ground,
  at: { mqttUrl: string; lanHost: string | undefined },
) {
  const { startBot } = await import("../bot/service.ts");
  const { MicrosoftAppId, MicrosoftAppPassword, MicrosoftAppType, MicrosoftAppTenantId } = settings;
  const microsoftApp = { MicrosoftAppId, MicrosoftAppPassword, MicrosoftAppType, MicrosoftAppTenantId };
  checkMicrosoftApp(microsoftApp);
  const config: BotConfig = {
    host: HOST,
    port: settings.BOT_PORT,
    lanHost: at.lanHost,
    dataDir: settings.DATA_DIR,
    mqtt: serviceAccount(settings, { url: at.mqttUrl, name: "bot", secret: secrets.mqtt.bot }),
    qrKey: secrets.qrKey,
    tokenKey: secrets.tokenKey,
    directLineSecret: secrets.directLineSecret,
    operatorKey: secrets.operatorKey,
    publicUrl: settings.PUBLIC_URL,
    origins: settings.BOT_ORIGINS,
    idleS: settings.BOT_IDLE_S,
    microsoftApp,
  };
  return startBot(config, { clock: systemClock, log });
}

/** @throws {StartError} when settings do not fit each other, so that a part would not start with them */
export function checkFit(settings: Settings): void {
  checkMicrosoftApp(settings);
  settlementOf(settings);
}

/** How the device database is to treat the ERP at `url`. @throws as `settlementOf` */
export function erpTarget(settings: Settings, secrets: Pick<Secrets, "erpApiKey">, url: string): ErpTarget {
  const isForeign = settings.ERP_URL !== undefined;
  const { rate, ...pace } = isForeign ? FOREIGN_ERP : BUNDLED_ERP;
  return {
    url,
    settle: settlementOf(settings),
    apiKey: isForeign ? settings.ERP_API_KEY : secrets.erpApiKey,
    concurrency: settings.ERP_CONCURRENCY ?? pace.concurrency,
    rate: settings.ERP_RATE ?? rate,
    quiesceMs: pace.quiesceMs,
  };
}

/** @throws {StartError} when a call is to be settled by a key that the ERP does not honour: that would double usages */
export function settlementOf({ ERP_URL, ERP_MODE, ERP_SETTLE }: Settings): ErpTarget["settle"] {
  const isForeign = ERP_URL !== undefined;
  const mode = ERP_MODE ?? (isForeign ? "legacy" : "safe");
  if (mode === "safe") return ERP_SETTLE ?? "key";
  if (ERP_SETTLE !== "key") return ERP_SETTLE ?? (isForeign ? "operator" : "ref");
  throw new StartError("ERP_SETTLE=key needs an ERP that honours keys: set ERP_MODE=safe, or ERP_SETTLE to another.");
}
