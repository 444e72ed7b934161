import type { DeviceView } from "../../device-db/contract.ts";
import { parseJson } from "../../plumbing/json.ts";
import { lazily } from "../../plumbing/lazily.ts";
import { StartError } from "../../plumbing/start-error.ts";
import type { PartName } from "../parts.ts";
import { readSecrets, type Secrets } from "../secrets.ts";
import type { Settings } from "../settings.ts";
import { type Answer, ask } from "./ask.ts";
import { type BrokerLook, lookAtBroker } from "./broker-look.ts";
import { type FolderLook, lookAtFolder } from "./folder-look.ts";
import { lookAtPart, type PartLook } from "./running-part.ts";

/** The kit that the settings describe, as it is seen from outside; each thing is looked at once, whoever asks. */
export type Kit = {
  settings: Settings;
  secrets: Secrets | undefined;
  part: (name: PartName) => Promise<PartLook>;
  /** As the device database has them; `undefined` while it does not run. */
  devices: () => Promise<DeviceView[] | undefined>;
  /** What the ERP of `ERP_URL` says to a request for its first page, which writes nothing; `undefined` without one. */
  foreignErp: () => Promise<Answer | undefined>;
  /**
   * `undefined` for an embedded one that cannot be found, or is not known to be ours: it would be told our passwords.
   *
   * @throws {StartError} when MQTT_CA cannot be read
   */
  broker: () => Promise<BrokerLook | undefined>;
  folder: () => Promise<FolderLook>;
};

export function openKit(settings: Settings): Kit {
  const secrets = ifReadable(settings.DATA_DIR);
  const { BOT_PORT, DEVICE_DB_PORT, DEVICE_SIM_PORT, ERP_PORT } = settings;
  const look = (name: PartName, port: number, key = secrets?.operatorKey) =>
    lazily(() => lookAtPart({ name, port, key }));
  const parts = {
    bot: look("bot", BOT_PORT),
    "device-db": look("device-db", DEVICE_DB_PORT),
    "device-sim": look("device-sim", DEVICE_SIM_PORT),
    erp: look("erp", ERP_PORT, secrets?.erpApiKey),
  };
  const part = (name: PartName) => parts[name]();

  async function devices(): Promise<DeviceView[] | undefined> {
    const deviceDb = await part("device-db");
    if (deviceDb.who !== "this kit") return undefined;
    return (parseJson(deviceDb.answer) as { data: DeviceView[] } | undefined)?.data;
  }

  async function broker(): Promise<BrokerLook | undefined> {
    const isEmbedded = settings.MQTT_URL === undefined;
    if (isEmbedded && (settings.MQTT_PORT === 0 || (await part("device-db")).who !== "this kit")) return undefined;
    return lookAtBroker({ settings, secrets, part });
  }

  return {
    settings,
    secrets,
    part,
    devices,
    foreignErp: lazily(async () => (settings.ERP_URL === undefined ? undefined : ask(`${settings.ERP_URL}/`))),
    broker: lazily(broker),
    folder: lazily(() => lookAtFolder(settings.DATA_DIR)),
  };
}

function ifReadable(dataDir: string): Secrets | undefined {
  try {
    return readSecrets(dataDir);
  } catch (error) {
    if (error instanceof StartError) return undefined;
    throw error;
  }
}
