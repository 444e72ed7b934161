import { setTimeout as delay } from "node:timers/promises";
import { DELIVERY_STATES } from "../device-db/contract.ts";
import { askKit } from "./kit-api.ts";
import { readUsages } from "./usages.ts";

type Ground = { deviceDb: { url: string; operatorKey: string }; erp: { url: string; apiKey: string } };

const POLL_MS = 250;
const SETTLE_WITHIN_MS = 60_000;
const OVER = ["delivered", "discarded"];
const MOVING = ["pending", "inflight", "uncertain"];

/** What became of the check-ins of a fleet: waits until its deliveries are settled, then compares them with the ERP. */
export async function readFleetBooks(ground: Ground, checkIns: ReadonlySet<string>, signal: AbortSignal) {
  const giveUpAt = performance.now() + SETTLE_WITHIN_MS;
  while ((await countDeliveries(ground, MOVING)) > 0 && performance.now() < giveUpAt && !signal.aborted)
    await delay(POLL_MS);
  const unsettled = await countDeliveries(
    ground,
    DELIVERY_STATES.filter((state) => !OVER.includes(state)),
  );
  const usages = await readUsages(ground.erp, "");
  const known = new Set(usages.map(({ ref }) => ref ?? ""));
  const lost = [...checkIns].filter((id) => !known.has(id)).length;
  return { checkIns: checkIns.size, usages: usages.length, lost, doubled: usages.length - known.size, unsettled };
}

/** Of a few thousand the API need not tell more than how many there are. */
async function countDeliveries({ deviceDb }: Ground, states: readonly string[]): Promise<number> {
  const counts = await Promise.all(
    states.map(async (state) => {
      const answer = await askKit({ ...deviceDb, url: `${deviceDb.url}/api/deliveries?state=${state}` });
      return ((await answer.json()) as { data: unknown[] }).data.length;
    }),
  );
  return counts.reduce((sum, count) => sum + count, 0);
}
