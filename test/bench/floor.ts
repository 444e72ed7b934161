import { join } from "node:path";
import { startFloorBot } from "./floor-bot.ts";
import { startFloorDeviceDb } from "./floor-device-db.ts";
import { startFloorErp } from "./floor-erp.ts";
import { startFloorPods } from "./floor-pods.ts";
import { connectGuest } from "./guest.ts";
import { addressOfPod, type Side, serialOfPod } from "./side.ts";

/**
 * The floor: the chain from the answer to the usage with the kit's libraries and a commit for each step: session and
 * command, pod, journal and delivery, `inflight`, usage. No authentication, no validation, no retries, no duplicates told
 * apart, no record of what the ERP answered: a yardstick, not a product.
 */
export async function startFloor(dir: string, pods: number): Promise<Side> {
  await using opening = new AsyncDisposableStack();
  const serials = Array.from({ length: pods }, (_, pod) => serialOfPod(pod));
  const own = <T extends { close: () => unknown }>(part: T) =>
    opening.adopt(part, async (open) => void (await open.close()));

  const erp = own(await startFloorErp(join(dir, "erp.sqlite"), serials));
  const deviceDb = own(await startFloorDeviceDb(join(dir, "device-db.sqlite"), erp.url));
  own(await startFloorPods(join(dir, "pods.sqlite"), deviceDb.mqttUrl, serials));
  const bot = own(await startFloorBot(join(dir, "bot.sqlite"), deviceDb.mqttUrl));
  const guests = serials.map((serial, pod) => ({ serial, http: own(connectGuest(bot.url, addressOfPod(pod))) }));
  const owned = opening.move();

  return {
    begin: async (pod) => {
      const guest = guests[pod];
      if (!guest) throw new Error(`There is no pod ${String(pod)}.`);
      const body = { type: "message", from: { id: "guest" }, conversation: { id: guest.serial }, text: "wood" };
      return async () => void (await guest.http.send({ method: "POST", path: "/answer", body }));
    },
    countUsages: async () => erp.countUsages(),
    close: () => owned.disposeAsync(),
  };
}
