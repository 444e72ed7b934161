import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { makeLink } from "../../bot/link.ts";
import type { Device } from "../../device-db/contract.ts";
import { startDeviceSim } from "../../device-sim/service.ts";
import { DEMO_DATA } from "../../erp-stub/demo.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { isoTime, systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { loadSettings, SETTING_NAMES } from "../../scripts/settings.ts";
import { startSystem } from "../../scripts/system.ts";
import { connectGuest, type Guest } from "./guest.ts";
import { serialOfPod } from "./side.ts";

/** A registered device with the secret that is shown once. */
type AddedDevice = Device & { password: string };

const TIME_ZONE = "Asia/Hong_Kong";
const READY_WITHIN_MS = 10_000;
const READY_POLL_MS = 20;
const log = createLog("silent");

/**
 * The kit as `npm start` runs it, all services in this process, with further pods in a second simulator; resolves when
 * every launch link is good.
 */
export async function startHotel(dir: string, pods: number) {
  await using opening = new AsyncDisposableStack();
  const serials = Array.from({ length: pods }, (_, pod) => serialOfPod(pod));
  await seedErp(dir, serials);
  const settings = loadSettings({ ...PRIVATE_SETTINGS, DATA_DIR: dir });
  const { urls, secrets } = opening.use(await startSystem({ settings, log, serial: serialOfPod(0) }));
  await using operating = new AsyncDisposableStack();
  const operator = operating.adopt(connectGuest(urls.deviceDb), (client) => client.close());
  const first = (await operator.send({ method: "GET", path: `/api/devices/${serialOfPod(0)}` })) as Device;
  const added = await addDevices(operator, secrets.operatorKey, serials.slice(1));
  const config = { host: "127.0.0.1", port: 0, dataDir: join(dir, "more-pods"), mqttUrl: urls.mqtt, pods: added };
  const simulator = opening.adopt(await startDeviceSim(config, { clock: systemClock, log }), (open) => open.close());
  await until(async () => simulator.ready());

  // The bot learns of new devices through the broker.
  const visitor = operating.adopt(connectGuest(urls.bot), (client) => client.close());
  const launchPaths = [first, ...added].map((device) => `/r/${makeLink(secrets.qrKey, device)}`);
  for (const path of launchPaths)
    await until(async () => Boolean(await visitor.send({ method: "GET", path: `${path}/session` })));
  const owned = opening.move();
  return { urls, secrets, launchPaths, close: () => owned.disposeAsync() };
}

/** Empty counts as absent: what a developer has in `.env` must not reach the benchmark. */
const PRIVATE_SETTINGS = {
  ...Object.fromEntries(SETTING_NAMES.map((name) => [name, ""])),
  BOT_PORT: "0",
  DEVICE_DB_PORT: "0",
  DEVICE_SIM_PORT: "0",
  ERP_PORT: "0",
  MQTT_PORT: "0",
  ERP_SEED: "empty",
};

async function seedErp(dir: string, serials: readonly string[]): Promise<void> {
  const store = openErpStore(join(dir, "erp.sqlite"));
  const devices = serials.map((serial, pod) => ({ serial, room: `Room ${String(101 + pod)}` }));
  await store.seed({ ...DEMO_DATA, devices }, isoTime(systemClock.now()));
  await store.close();
}

async function addDevices(operator: Guest, token: string, serials: readonly string[]): Promise<AddedDevice[]> {
  const adding = serials.map((serial) => {
    const body = { serial, room: `Room of ${serial}`, timeZone: TIME_ZONE };
    return operator.send({ method: "POST", path: "/api/devices", token, body });
  });
  return (await Promise.all(adding)) as AddedDevice[];
}

/** @throws {Error} when `isSo` is not true in time; what it throws counts as not yet */
async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error("The pods were not ready in time.");
    await delay(READY_POLL_MS);
  }
}
