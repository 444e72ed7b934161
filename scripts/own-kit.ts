import { rmSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLog } from "../plumbing/log.ts";
import { endOnSignal } from "./lifetime.ts";
import type { Settings } from "./settings.ts";
import { type System, startSystem } from "./system.ts";

/** Works with a kit of its own, on free ports and in a temporary folder that is gone afterwards. */
export async function withOwnKit<T>(
  settings: Settings,
  serial: string,
  work: (system: System) => Promise<T>,
): Promise<T> {
  const dataDir = await mkdtemp(join(tmpdir(), "aromapod-kit-"));
  endOnSignal(() => rmSync(dataDir, { recursive: true, force: true }));
  try {
    await using system = await startSystem({
      settings: ownSettings(settings, dataDir),
      log: createLog("silent"),
      serial,
    });
    return await work(system);
  } finally {
    await rm(dataDir, { recursive: true, force: true });
  }
}

function ownSettings(settings: Settings, dataDir: string): Settings {
  const ownBroker = { MQTT_URL: undefined, MQTT_USER: undefined, MQTT_PASSWORD: undefined, MQTT_CA: undefined };
  const anyPort = { BOT_PORT: 0, DEVICE_DB_PORT: 0, DEVICE_SIM_PORT: 0, ERP_PORT: 0, MQTT_PORT: 0 };
  return { ...settings, ...anyPort, ...ownBroker, DATA_DIR: dataDir, ERP_SEED: "demo", PUBLIC_URL: undefined };
}
