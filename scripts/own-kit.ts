import { createLog } from "../plumbing/log.ts";
import { openOwnFolder } from "./own-folder.ts";
import type { Settings } from "./settings.ts";
import { type System, startSystem } from "./system.ts";

/** Works with a kit of its own, on free ports and in a temporary folder that is gone afterwards. */
export async function withOwnKit<T>(
  settings: Settings,
  serial: string,
  work: (system: System) => Promise<T>,
): Promise<T> {
  await using folder = await openOwnFolder();
  await using system = await startSystem({
    settings: ownSettings(settings, folder.path),
    log: createLog("silent"),
    serial,
  });
  return await work(system);
}

/** Of a kit that shares nothing with the one that these settings are for, but a real ERP. */
export function ownSettings(settings: Settings, dataDir: string): Settings {
  const ownBroker = { MQTT_URL: undefined, MQTT_USER: undefined, MQTT_PASSWORD: undefined, MQTT_CA: undefined };
  const anyPort = { BOT_PORT: 0, DEVICE_DB_PORT: 0, DEVICE_SIM_PORT: 0, ERP_PORT: 0, MQTT_PORT: 0 };
  return { ...settings, ...anyPort, ...ownBroker, DATA_DIR: dataDir, ERP_SEED: "demo", PUBLIC_URL: undefined };
}
