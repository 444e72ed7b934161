import { systemClock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { StartError } from "../plumbing/start-error.ts";
import { DEMO_DEVICE, startBotPart, startDeviceDbPart, startDeviceSimPart, startErpPart } from "./parts.ts";
import { makeSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";

const READY_WITHIN_MS = 10_000;
const READY_POLL_MS = 2;

export type System = Awaited<ReturnType<typeof startSystem>>;

type Options = {
  settings: Settings;
  log: Log;
  /** The device that is registered first and simulated. */
  serial?: string;
  /** An address of this machine that phones in the local network reach. */
  lanHost?: string | undefined;
  /** How many times as fast as ours the simulated pod's time goes. */
  speed?: number;
};

/** All parts in this process, in the order of the flow backwards: each finds what it talks to. */
export async function startSystem({ settings, log, serial = DEMO_DEVICE.serial, lanHost, speed = 1 }: Options) {
  await using opening = new AsyncDisposableStack();
  const secrets = makeSecrets(settings.DATA_DIR, serial);
  const ground = { settings, secrets, log };
  const own = <T extends { close: () => Promise<void> }>(part: T): T => opening.adopt(part, (open) => open.close());

  const erp = settings.ERP_URL === undefined ? own(await startErpPart(ground)) : undefined;
  const erpUrl = settings.ERP_URL ?? erp?.url ?? "";
  const deviceDb = own(await startDeviceDbPart(ground, { erpUrl, serial }));
  const deviceSim = own(await startDeviceSimPart(ground, { mqttUrl: deviceDb.mqttUrl, speed }));
  const bot = own(await startBotPart(ground, { mqttUrl: deviceDb.mqttUrl, lanHost }));
  await untilReady(() => bot.ready() && deviceSim.ready(), settings);
  const launchUrl = bot.launchUrl(serial);
  if (!launchUrl) throw new StartError(`The device "${serial}" is not in the registry.`);

  const owned = opening.move();
  return {
    urls: { bot: bot.url, deviceDb: deviceDb.url, deviceSim: deviceSim.url, erp: erpUrl, mqtt: deviceDb.mqttUrl },
    launchUrl,
    erpSetUpUrl: erp?.setUpUrl() ?? null,
    secrets,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function untilReady(isReady: () => boolean, { MQTT_URL }: Settings): Promise<void> {
  const giveUpAt = systemClock.now() + READY_WITHIN_MS;
  const where = MQTT_URL === undefined ? "" : ` at the broker ${MQTT_URL}, whose failures are told above`;
  while (!isReady()) {
    if (systemClock.now() > giveUpAt)
      throw new StartError(`The parts did not find each other within ten seconds${where}.`);
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
}
