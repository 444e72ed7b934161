import { join } from "node:path";
import { startFloorCommands } from "./floor-commands.ts";
import { startFloorDeviceDb } from "./floor-device-db.ts";
import { startFloorErp } from "./floor-erp.ts";
import { startFloorPods } from "./floor-pods.ts";
import { type Side, serialOfPod } from "./side.ts";

/** The floor from the command on: as `startFloor`, without bot and guests. */
export async function startFloorFlows(dir: string, pods: number): Promise<Side> {
  await using opening = new AsyncDisposableStack();
  const serials = Array.from({ length: pods }, (_, pod) => serialOfPod(pod));
  const own = <T extends { close: () => unknown }>(part: T) =>
    opening.adopt(part, async (open) => void (await open.close()));

  const erp = own(await startFloorErp(join(dir, "erp.sqlite"), serials));
  const deviceDb = own(await startFloorDeviceDb(join(dir, "device-db.sqlite"), erp.url));
  own(await startFloorPods(join(dir, "pods.sqlite"), deviceDb.mqttUrl, serials));
  const commands = own(await startFloorCommands(join(dir, "bot.sqlite"), deviceDb.mqttUrl));
  const owned = opening.move();

  return {
    begin: async (pod) => () => commands.endSession(serialOfPod(pod), "wood"),
    countUsages: async () => erp.countUsages(),
    close: () => owned.disposeAsync(),
  };
}
