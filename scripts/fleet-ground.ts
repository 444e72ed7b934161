import { createHmac } from "node:crypto";
import { copyFileSync, rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Device } from "../device-db/contract.ts";
import type { PodAccount } from "../device-sim/config.ts";
import { createLog } from "../plumbing/log.ts";
import { StartError } from "../plumbing/start-error.ts";
import { brokerCa, serviceAccount } from "./broker.ts";
import { freePorts } from "./free-ports.ts";
import { askKit } from "./kit-api.ts";
import { startPartProcess } from "./part-process.ts";
import { DEMO_DEVICE, HOST, startErpPart } from "./parts.ts";
import { makeSecrets, type Secrets } from "./secrets.ts";
import { SETTING_NAMES, type Settings } from "./settings.ts";

const REGISTER_AT_ONCE = 64;
const TIME_ZONE = "Etc/UTC";

type Wanted = {
  count: number;
  /** The windows that the ERP is to know. */
  schedules: readonly { startTime: string; endTime: string }[];
  tell: (what: string) => void;
  signal: AbortSignal;
};

/** Where a fleet lives: a device database and an ERP of its own, in processes and a folder of their own. */
export async function layFleetGround(settings: Settings, wanted: Wanted) {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "aromapod-fleet-")).catch((cause: unknown) => {
    throw new StartError(`Cannot make a temporary folder: ${(cause as Error).message}.`, { cause });
  });
  process.once("exit", () => rmSync(dataDir, { recursive: true, force: true }));
  opening.defer(() => rm(dataDir, { recursive: true, force: true }));
  if (settings.MQTT_URL !== undefined) takeSecrets(settings.DATA_DIR, dataDir);
  const secrets = makeSecrets(dataDir, DEMO_DEVICE.serial);
  const [erpPort = 0, deviceDbPort = 0, mqttPort = 0] = await freePorts(3);
  const own = ownSettings(settings, { dataDir, erpPort, deviceDbPort, mqttPort });
  const serials = fleetSerials(wanted.count);
  wanted.tell("Starting a device database and an ERP.");
  await furnishErp(own, { secrets, serials, schedules: wanted.schedules });
  const parts = { erp: await startPartProcess("erp", own), deviceDb: await startPartProcess("device-db", own) };
  opening.defer(() => Promise.all([parts.deviceDb.end("SIGTERM"), parts.erp.end("SIGTERM")]).then(() => undefined));
  const operator = { url: parts.deviceDb.url, operatorKey: secrets.operatorKey };
  wanted.tell(`Registering ${String(wanted.count)} devices.`);
  const registered = await register(serials, { ...operator, signal: wanted.signal });
  const mqttUrl = settings.MQTT_URL ?? `mqtt://${HOST}:${String(mqttPort)}`;
  const owned = opening.move();

  return {
    dataDir,
    mqttUrl,
    mqttCa: brokerCa(settings),
    accounts: settings.MQTT_URL === undefined ? registered : fleetAccounts(secrets, serials),
    bot: serviceAccount(settings, { url: mqttUrl, name: "bot", secret: secrets.mqtt.bot }),
    deviceDb: operator,
    erp: { url: parts.erp.url, apiKey: secrets.erpApiKey },
    /** Kills the embedded broker, with the device database that it is a part of, and starts it again. */
    restartBroker: settings.MQTT_URL === undefined ? restart : undefined,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };

  async function restart(awayMs: number): Promise<void> {
    await parts.deviceDb.end("SIGKILL");
    await delay(awayMs);
    parts.deviceDb = await startPartProcess("device-db", own);
  }
}

/** Serials of a fleet, which no real device has. */
export function fleetSerials(count: number): string[] {
  return Array.from({ length: count }, (_, pod) => `HKAP99${String(pod + 1).padStart(8, "0")}`);
}

/** The accounts of a fleet at a broker that others run: the same each time from one data folder. */
export function fleetAccounts({ operatorKey }: Pick<Secrets, "operatorKey">, serials: readonly string[]): PodAccount[] {
  return serials.map((serial) => ({
    serial,
    password: createHmac("sha256", operatorKey).update(`fleet ${serial}`).digest("base64url"),
  }));
}

/** The services introduce themselves at a foreign broker as they do otherwise. */
function takeSecrets(from: string, to: string): void {
  makeSecrets(from, DEMO_DEVICE.serial);
  copyFileSync(join(from, "secrets.json"), join(to, "secrets.json"));
}

type Place = { dataDir: string; erpPort: number; deviceDbPort: number; mqttPort: number };

function ownSettings(settings: Settings, { dataDir, erpPort, deviceDbPort, mqttPort }: Place): Settings {
  const { MQTT_URL, MQTT_USER, MQTT_PASSWORD, MQTT_CA } = settings;
  const ports = { ERP_PORT: erpPort, DEVICE_DB_PORT: deviceDbPort, MQTT_PORT: mqttPort };
  const none = Object.fromEntries(SETTING_NAMES.map((name) => [name, undefined])) as Partial<Settings>;
  return {
    ...settings,
    ...none,
    ...ports,
    MQTT_URL,
    MQTT_USER,
    MQTT_PASSWORD,
    MQTT_CA,
    DATA_DIR: dataDir,
    ERP_SEED: "demo",
  } as Settings;
}

/** Before it runs in a process of its own, it is told of all rooms. */
async function furnishErp(
  settings: Settings,
  { secrets, serials, schedules }: { secrets: Secrets; serials: readonly string[]; schedules: Wanted["schedules"] },
): Promise<void> {
  const devices = serials.map((serial) => ({ serial, room: `Room ${serial.slice(-8)}` }));
  const ground = { settings: { ...settings, ERP_PORT: 0, ERP_ALLOW: [HOST] }, secrets, log: createLog("silent") };
  const erp = await startErpPart(ground, { devices, schedules });
  await erp.close();
}

async function register(
  serials: readonly string[],
  { url, operatorKey, signal }: { url: string; operatorKey: string; signal: AbortSignal },
): Promise<PodAccount[]> {
  const accounts: PodAccount[] = [];
  const left = serials.entries();
  const worker = async () => {
    for (const [at, serial] of left) {
      if (signal.aborted) return;
      const body = { serial, room: `Room ${serial.slice(-8)}`, timeZone: TIME_ZONE, simulated: true };
      const answer = await askKit({ url: `${url}/api/devices`, key: operatorKey, method: "POST", body });
      const { password } = (await answer.json()) as Device & { password: string };
      accounts[at] = { serial, password };
    }
  };
  await Promise.all(Array.from({ length: REGISTER_AT_ONCE }, worker));
  return accounts;
}
