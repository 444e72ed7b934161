import { setTimeout as delay } from "node:timers/promises";
import type { SessionView } from "../../device-db/contract.ts";
import { usageListSchema } from "../../erp-stub/contract.ts";
import { connectGuest } from "./guest.ts";
import type { Books } from "./host.ts";

const POLL_MS = 250;
/** An answer whose usage is not there then is lost. */
const LOST_AFTER_MS = 10_000;
/** One that is there twice may come a little later. */
const SETTLE_MS = 1_000;
const LOOK_UPS = 8;

/** Waits until the ERP holds so many usages, then looks up which of the sessions have theirs: by its reference. */
export async function readBooks(books: Books, expected: number, sessionIds: readonly string[]) {
  await using owned = new AsyncDisposableStack();
  const erp = owned.adopt(connectGuest(books.erp), (client) => client.close());
  const deviceDb = owned.adopt(connectGuest(books.deviceDb), (client) => client.close());
  const readRefs = async () => {
    const list = await erp.send({ method: "GET", path: "/api/device-usages", token: books.erpApiKey });
    return usageListSchema.parse(list).data.map(({ ref }) => ref);
  };

  const giveUpAt = performance.now() + LOST_AFTER_MS;
  while ((await readRefs()).length < expected && performance.now() < giveUpAt) await delay(POLL_MS);
  const completeAt = performance.now();
  await delay(SETTLE_MS);

  const refs = await readRefs();
  const billed = new Set<string>();
  for (let at = 0; at < sessionIds.length; at += LOOK_UPS) {
    const lookUps = sessionIds.slice(at, at + LOOK_UPS).map(async (id) => {
      const { delivery } = (await deviceDb.send({ method: "GET", path: `/api/sessions/${id}` })) as SessionView;
      if (delivery && refs.includes(delivery.id)) billed.add(id);
    });
    await Promise.all(lookUps);
  }
  return { completeAt, usages: refs.length, billed };
}
