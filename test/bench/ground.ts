import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import type { Device } from "../../device-db/contract.ts";
import { usageListSchema } from "../../erp-stub/contract.ts";
import { DEMO_DATA } from "../../erp-stub/demo.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { isoTime, systemClock } from "../../plumbing/clock.ts";
import { loadSettings, SETTING_NAMES } from "../../scripts/settings.ts";
import { connectGuest, type Guest } from "./guest.ts";
import { serialOfPod } from "./side.ts";

/** A registered device with the secret that is shown once. */
type AddedDevice = Device & { password: string };

const TIME_ZONE = "Asia/Hong_Kong";
const READY_WITHIN_MS = 10_000;
const READY_POLL_MS = 20;

/** Empty counts as absent: what a developer has in `.env` must not reach the benchmark. */
export const PRIVATE_SETTINGS = {
  ...Object.fromEntries(SETTING_NAMES.map((name) => [name, ""])),
  BOT_PORT: "0",
  DEVICE_DB_PORT: "0",
  DEVICE_SIM_PORT: "0",
  ERP_PORT: "0",
  MQTT_PORT: "0",
  ERP_SEED: "empty",
};

/** What the kit stands on in `dir`: its settings, and an ERP that knows the rooms of all pods. */
export async function layGround(dir: string, pods: number) {
  const serials = Array.from({ length: pods }, (_, pod) => serialOfPod(pod));
  const store = openErpStore(join(dir, "erp.sqlite"));
  const devices = serials.map((serial, pod) => ({ serial, room: `Room ${String(101 + pod)}` }));
  await store.seed({ ...DEMO_DATA, devices }, isoTime(systemClock.now()));
  await store.close();
  return { serials, settings: loadSettings({ ...PRIVATE_SETTINGS, DATA_DIR: dir }) };
}

/** Registers further devices, as an operator does. */
export async function addDevices(operator: Guest, token: string, serials: readonly string[]): Promise<AddedDevice[]> {
  const adding = serials.map((serial) => {
    const body = { serial, room: `Room of ${serial}`, timeZone: TIME_ZONE };
    return operator.send({ method: "POST", path: "/api/devices", token, body });
  });
  return (await Promise.all(adding)) as AddedDevice[];
}

/** @throws {Error} when `isSo` is not true in time; what it throws counts as not yet */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  while (!(await isSo().catch(() => false))) {
    if (performance.now() > giveUpAt) throw new Error("The pods were not ready in time.");
    await delay(READY_POLL_MS);
  }
}

export async function countUsages(url: string, token: string): Promise<number> {
  await using owned = new AsyncDisposableStack();
  const client = owned.adopt(connectGuest(url), (open) => open.close());
  const list = await client.send({ method: "GET", path: "/api/device-usages", token });
  return usageListSchema.parse(list).data.length;
}
