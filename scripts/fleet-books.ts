import { setTimeout as delay } from "node:timers/promises";
import { reach } from "./reach.ts";
import { readUsages } from "./usages.ts";

type Ground = { deviceDb: { url: string }; erp: { url: string; apiKey: string } };

const POLL_MS = 250;
const SETTLE_WITHIN_MS = 60_000;
const MOVING = ["pending", "inflight", "uncertain"];

/** What became of the events of a fleet: waits until its deliveries are settled, then compares them with the ERP. */
export async function readFleetBooks(ground: Ground, checkIns: ReadonlySet<string>, signal: AbortSignal) {
  const giveUpAt = performance.now() + SETTLE_WITHIN_MS;
  let deliveries = await countDeliveries(ground);
  while (MOVING.some((state) => deliveries.get(state)) && performance.now() < giveUpAt && !signal.aborted) {
    await delay(POLL_MS);
    deliveries = await countDeliveries(ground);
  }
  const delivered = deliveries.get("delivered") ?? 0;
  const all = deliveries.values().reduce((sum, count) => sum + count, 0);
  return {
    checkIns: checkIns.size,
    delivered,
    unsettled: all - delivered,
    ...compare(checkIns, await readUsages(ground.erp, "")),
  };
}

/** `strange` are usages of no check-in that a pod has made. */
function compare(checkIns: ReadonlySet<string>, usages: readonly { ref: string | null }[]) {
  const known = new Set(usages.map(({ ref }) => ref ?? ""));
  return {
    usages: usages.length,
    lost: checkIns.difference(known).size,
    doubled: usages.length - known.size,
    strange: known.difference(checkIns).size,
  };
}

/** How many deliveries are in each state, by the device database's own figures: its lists have an end. */
async function countDeliveries({ deviceDb }: Ground): Promise<Map<string, number>> {
  const figures = await (await reach(`${deviceDb.url}/metrics`)).text();
  const lines = figures.matchAll(/^device_db_deliveries\{state="(\w+)"\} (\d+)$/gm);
  return new Map(lines.map(([, state = "", count]) => [state, Number(count)]));
}
