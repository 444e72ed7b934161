import { setImmediate as nextTurn } from "node:timers/promises";
import type { Usage } from "../erp-stub/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import type { ErpTarget } from "./config.ts";
import type { DeviceComparison, Reconciliation } from "./delivery-contract.ts";
import type { CheckIn, DeliveryRow, DeliveryStore } from "./delivery-store.ts";
import type { ErpClient } from "./erp-client.ts";
import { look } from "./settle.ts";

/** An ERP that is this slow is not asked on. */
const LONGEST_MS = 60_000;

type Deps = { store: DeliveryStore; erp: ErpClient; target: ErpTarget; clock: Clock };

/**
 * Asks the ERP for every delivery that nobody knows the end of, and compares the check-ins of these devices on both sides.
 * What the ERP has becomes `delivered`; that it has not is only told, for it may be executing the call right now.
 */
export async function reconcile(deps: Deps, serials: readonly string[], dryRun: boolean): Promise<Reconciliation> {
  const giveUpAt = deps.clock.now() + LONGEST_MS;
  const unsettled: Reconciliation["unsettled"] = [];
  for (const row of deps.store.unsettled()) {
    if (deps.clock.now() < giveUpAt) unsettled.push(await lookAt(row, deps, dryRun));
    else unsettled.push({ ...NOT_ASKED, id: row.id, serial: row.serial, state: row.state });
  }
  const devices: DeviceComparison[] = [];
  for (const serial of serials) devices.push(await compareDevice(serial, deps, giveUpAt));
  const ok = devices.every(agrees) && unsettled.every(({ state }) => state === "delivered");
  return { ok, unsettled, devices };
}

const NOT_ASKED = { finding: "unclear", evidence: "not asked: the ERP was too slow" } as const;

async function lookAt(row: DeliveryRow, { store, erp, target, clock }: Deps, dryRun: boolean) {
  const by = target.settle === "count" ? "count" : "ref";
  const found = await look(row, { erp, by });
  const { finding, evidence } = found ?? { finding: "unclear" as const, evidence: "only the operator may decide" };
  const answer = { id: row.id, serial: row.serial, finding, evidence };
  if (finding !== "present" || dryRun) return { ...answer, state: row.state };
  const now = clock.now();
  const isMoved = await store.move(row, { state: "delivered", dueAt: now, evidence }, { now, canWait: false });
  return { ...answer, state: isMoved ? ("delivered" as const) : row.state };
}

async function compareDevice(serial: string, deps: Deps, giveUpAt: number): Promise<DeviceComparison> {
  const { store, erp, clock } = deps;
  const askedAt = clock.now();
  const usages = askedAt < giveUpAt ? await erp.findUsages({ serial }) : undefined;
  // Read after the ERP's, so that whatever it has is known here; what was delivered meanwhile need not be there yet.
  const ours: CheckIn[] = [];
  for await (const some of pagesOf(store, serial)) ours.push(...some);
  return compare(serial, { usages, ours, askedAt });
}

async function* pagesOf(store: DeliveryStore, serial: string): AsyncGenerator<CheckIn[]> {
  let after = 0;
  for (;;) {
    const rows = store.checkIns(serial, after);
    if (rows.length === 0) return;
    yield rows;
    after = rows.at(-1)?.n ?? after;
    await nextTurn();
  }
}

type Sides = { usages: readonly Usage[] | undefined; ours: readonly CheckIn[]; askedAt: number };

/** Exported for its table of cases. */
export function compare(serial: string, { usages, ours, askedAt }: Sides): DeviceComparison {
  const done = ours.filter(({ state, changed_at: at }) => state === "delivered" && at <= askedAt);
  const result = { serial, delivered: done.length, erp: usages?.length ?? null };
  // An ERP that keeps no reference can only be counted.
  if (!usages?.some(({ ref }) => ref !== null)) return { ...result, missing: [], extra: [], mismatched: [] };
  const known = new Map(ours.map((row) => [row.id, row]));
  const byRef = Map.groupBy(usages, ({ ref }) => ref ?? "");
  return {
    ...result,
    missing: done.filter(({ id }) => !byRef.has(id)).map(({ id }) => id),
    extra: [...byRef].flatMap(([ref, found]) => (known.has(ref) ? found.slice(0, -1) : found)).map(({ id }) => id),
    mismatched: done
      .filter(({ id, scent }) => byRef.get(id)?.some((usage) => usage.scent !== scent))
      .map(({ id }) => id),
  };
}

function agrees({ delivered, erp, missing, extra, mismatched }: DeviceComparison): boolean {
  const named = missing.length + extra.length + mismatched.length;
  return named === 0 && erp !== null && erp >= delivered;
}
