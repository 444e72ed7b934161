/** A kit to play scenarios on, with as many rooms as are played at a time. */
import { setTimeout as delay } from "node:timers/promises";
import type { LaunchView } from "../../bot/contract.ts";
import type { Device } from "../../device-db/contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { StartError } from "../../plumbing/start-error.ts";
import { roomRows } from "../demo-hotel.ts";
import { freePorts } from "../free-ports.ts";
import { askKit } from "../kit-api.ts";
import { openOwnFolder } from "../own-folder.ts";
import { startPartProcess } from "../part-process.ts";
import { DEMO_DEVICE, HOST, type PartName } from "../parts.ts";
import { addDeviceSecrets, makeSecrets, readSecrets } from "../secrets.ts";
import { startPart } from "../serve.ts";
import type { Settings } from "../settings.ts";

export type Room = { serial: string; launchUrl: string };

export type KitWanted = {
  /** How many rooms with a pod that the ERP knows. */
  rooms: number;
  /** One more device, which the bundled ERP does not know unless it is the demo's. */
  serial?: string | undefined;
  /** Each part in a process of its own, as `serve` runs it. */
  processes: boolean;
};

export type PlayKit = Awaited<ReturnType<typeof openPlayKit>>;

type Running = { url: string; close: () => Promise<unknown> };
type StartPart = (part: PartName) => Promise<Running>;

const READY_WITHIN_MS = 20_000;
const POLL_MS = 5;

export async function openPlayKit(settings: Settings, { rooms, serial, processes }: KitWanted) {
  await using opening = new AsyncDisposableStack();
  const dataDir = opening.use(await openOwnFolder()).path;
  const own = await ownSettings(settings, dataDir);
  const secrets = makeSecrets(dataDir, DEMO_DEVICE.serial);
  const start = processes ? startApart(own) : startHere(own);
  const running = new Map<PartName, Running>();
  const begin = async (part: PartName) => running.set(part, await start(part));
  const end = async (part: PartName) => {
    const ending = running.get(part);
    running.delete(part);
    await ending?.close();
  };
  opening.defer(async () => void (await Promise.all([...running.keys()].map(end))));

  const isBundled = settings.ERP_URL === undefined;
  if (isBundled) await begin("erp");
  await begin("device-db");
  const urls = urlsOf(own);
  const inErp = serialsOf(rooms);
  await addDevices(own, serial === undefined ? inErp : [...inErp, serial]);
  if (isBundled) await addToErp(own, inErp.slice(1));
  await begin("device-sim");
  await begin("bot");
  const ready = await Promise.all((serial === undefined ? inErp : [serial]).map((each) => roomOf(own, each)));
  const owned = opening.move();
  return {
    urls,
    secrets,
    rooms: ready,
    erp: isBundled ? { url: urls.erp, apiKey: secrets.erpApiKey } : undefined,
    /** The bundled ERP is gone, as if it had been switched off, and comes back where it was. */
    erpAway: () => end("erp"),
    erpBack: async () => {
      if (running.has("erp")) throw new Error("The ERP is not away.");
      await begin("erp");
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function startHere(settings: Settings): StartPart {
  const log = createLog("silent");
  return (part) => startPart(part, { settings, secrets: readSecrets(settings.DATA_DIR), log }, 1);
}

function startApart(settings: Settings): StartPart {
  return async (part) => {
    const { url, end } = await startPartProcess(part, settings);
    return { url, close: () => end("SIGTERM") };
  };
}

/** Of a kit that shares nothing with the one that these settings are for, but a real ERP. */
export async function ownSettings(settings: Settings, dataDir: string): Promise<Settings> {
  const ownBroker = { MQTT_URL: undefined, MQTT_USER: undefined, MQTT_PASSWORD: undefined, MQTT_CA: undefined };
  const [BOT_PORT = 0, DEVICE_DB_PORT = 0, DEVICE_SIM_PORT = 0, ERP_PORT = 0, MQTT_PORT = 0] = await freePorts(5);
  const ports = { BOT_PORT, DEVICE_DB_PORT, DEVICE_SIM_PORT, ERP_PORT, MQTT_PORT };
  return { ...settings, ...ports, ...ownBroker, DATA_DIR: dataDir, ERP_SEED: "demo", PUBLIC_URL: undefined };
}

function urlsOf({ BOT_PORT, DEVICE_DB_PORT, DEVICE_SIM_PORT, ERP_PORT, ERP_URL }: Settings) {
  const at = (port: number) => `http://${HOST}:${String(port)}`;
  return {
    bot: at(BOT_PORT),
    deviceDb: at(DEVICE_DB_PORT),
    deviceSim: at(DEVICE_SIM_PORT),
    erp: ERP_URL ?? at(ERP_PORT),
  };
}

/** The first room is the demo's. */
function serialsOf(rooms: number): string[] {
  const more = Array.from({ length: rooms - 1 }, (_, at) => `HKAP03${String(at + 1).padStart(8, "0")}`);
  return [DEMO_DEVICE.serial, ...more];
}

function roomName(serial: string): string {
  return `Room ${serial.slice(-8)}`;
}

/** Before the simulator starts, so that it finds their passwords. */
async function addDevices(settings: Settings, serials: readonly string[]): Promise<void> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const url = `${urlsOf(settings).deviceDb}/api/devices`;
  const passwords: Record<string, string> = {};
  for (const serial of serials.filter((each) => each !== DEMO_DEVICE.serial)) {
    const body = { serial, room: roomName(serial), timeZone: DEMO_DEVICE.timeZone, simulated: true };
    const added = await askKit({ url, key: operatorKey, method: "POST", body });
    passwords[serial] = ((await added.json()) as Device & { password: string }).password;
  }
  addDeviceSecrets(settings.DATA_DIR, passwords);
}

async function addToErp(settings: Settings, serials: readonly string[]): Promise<void> {
  if (serials.length === 0) return;
  const places = serials.map((serial) => ({ serial, room: roomName(serial) }));
  const body = roomRows(places, new Date().toISOString());
  const { erpApiKey: key } = readSecrets(settings.DATA_DIR);
  await askKit({ url: `${urlsOf(settings).erp}/api/master-data`, key, method: "POST", body });
}

/** Resolves when the bot knows the device, and so its link, and the pod is connected. */
async function roomOf(settings: Settings, serial: string): Promise<Room> {
  const { operatorKey } = readSecrets(settings.DATA_DIR);
  const { bot, deviceSim } = urlsOf(settings);
  const headers = { authorization: `Bearer ${operatorKey}` };
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (performance.now() < giveUpAt) {
    const [launch, pod] = await Promise.all([
      fetch(`${bot}/api/launch/${serial}`, { headers, signal: AbortSignal.timeout(READY_WITHIN_MS) }),
      fetch(`${deviceSim}/api/pods/${serial}`, { headers, signal: AbortSignal.timeout(READY_WITHIN_MS) }),
    ]);
    const { connected = false } = pod.ok ? ((await pod.json()) as { connected: boolean }) : {};
    if (launch.ok && connected) return { serial, launchUrl: ((await launch.json()) as LaunchView).url };
    await delay(POLL_MS);
  }
  throw new StartError("The parts did not find each other within twenty seconds.");
}
