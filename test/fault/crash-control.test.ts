import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import type { DeliveryState } from "../../device-db/contract.ts";
import { openCrashKit } from "../support/crash-kit.ts";
import { eventually } from "../support/eventually.ts";
import { momentProblems } from "../support/flow-oracle.ts";
import { readDelivered, readEventIds, readUsages } from "../support/ledgers.ts";
import { beginPatiently } from "../support/patient-guest.ts";

const DEADLINE_MS = 60_000;

/**
 * Kills the device database, then does with the call that was under way what a simpler recovery would do; resolves with
 * what the check of the books says of it.
 */
async function recoverSimply(point: string, becomes: DeliveryState): Promise<string[]> {
  await using kit = await openCrashKit("legacy", ["HKAP0100000001"], (part) => (part === "device-db" ? point : ""));
  const guest = await beginPatiently(kit.launchUrls[0] ?? "", "wood", DEADLINE_MS);
  await kit.arm("device-db");
  await guest.answer();
  expect(await kit.died("device-db", point)).toEqual([]);
  const db = new Database(join(kit.dataDir, "device-db.sqlite"));
  db.prepare("UPDATE deliveries SET state = ? WHERE state = 'inflight'").run(becomes);
  db.close();
  await kit.start("device-db");
  return await eventually(() => {
    const delivered = readDelivered(kit.dataDir).map(({ id }) => id);
    expect(delivered).toHaveLength(1);
    return momentProblems({ delivered, usages: readUsages(kit.dataDir), events: readEventIds(kit.dataDir) });
  }, DEADLINE_MS);
}

test("the check sees a usage twice where what was under way is simply sent again", { timeout: 90_000 }, async () => {
  expect(await recoverSimply("delivery.answered@1", "pending")).toEqual([expect.stringMatching(/ has 2 usages$/)]);
});

test("the check sees a lost usage where what was under way is taken for delivered", { timeout: 90_000 }, async () => {
  const problems = await recoverSimply("delivery.inflight@1", "delivered");
  expect(problems).toEqual([expect.stringMatching(/ is called delivered and has no usage$/)]);
});
