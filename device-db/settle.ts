import type { Usage } from "../erp-stub/contract.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import type { ErpClient } from "./erp-client.ts";
import { afterLookup, afterQuiesce, type Circumstances, type Finding, type NextState } from "./retry.ts";

/** The state that a delivery gets, and why. */
export type Conclusion = NextState & { evidence: string; absences?: number };

/** What an ERP says of one call, and how it knows. */
type Found = { finding: Finding; evidence: string };

type By = { erp: Pick<ErpClient, "findUsages" | "countCheckIns">; by: ErpTarget["settle"] };

/** Decides on a delivery whose answer was not seen, by the only evidence that the ERP's owner lets count. */
export async function settle(row: DeliveryRow, circumstances: Circumstances, how: By): Promise<Conclusion> {
  if (how.by === "key") {
    const next = afterQuiesce(circumstances);
    const evidence = next.state === "held" ? waits(row) : "to be sent again: the ERP knows the call by its key";
    return { ...next, evidence };
  }
  const found = await look(row, how);
  if (!found) return { state: "held", waitMs: 0, evidence: waits(row) };
  return { ...afterLookup(found.finding, circumstances), evidence: found.evidence };
}

/** Asks the ERP; `undefined` when only a person may decide. */
export async function look(row: DeliveryRow, { erp, by }: By): Promise<Found | undefined> {
  if (by === "operator") return undefined;
  if (by !== "count") return lookByRef(row, await erp.findUsages({ ref: row.id }));
  if (row.baseline === null) return undefined;
  return compareCounts(row.baseline, await erp.countCheckIns(row.serial));
}

function lookByRef(row: DeliveryRow, usages: readonly Usage[] | undefined): Found {
  const finding = findIn(usages, row);
  const evidence = {
    present: `found in the ERP as usage ${String(usages?.[0]?.id)}`,
    absent: "not in the ERP",
    unclear: "the ERP could not tell",
  };
  return { finding, evidence: evidence[finding] };
}

/** An ERP that does not know the filter answers with usages of other calls: they prove nothing. */
export function findIn(
  usages: readonly Usage[] | undefined,
  call: { id: string; serial: string; status: DeliveryRow["status"] },
): Finding {
  const [usage, ...others] = usages ?? [];
  if (!usage) return usages ? "absent" : "unclear";
  // The usage that a check-in opened carries its reference; later calls find the usage that they changed, with its time.
  const isDone = call.status === "checkin" ? usage.ref === call.id : usage[`${call.status}At`] !== null;
  const isOurs = usage.serial === call.serial && isDone;
  return isOurs && others.length === 0 ? "present" : "unclear";
}

/** Nobody else writes for a device, and its lane sends one call at a time: one check-in more is this one. */
export function compareCounts(before: number, now: number | undefined): Found {
  if (now === undefined) return { finding: "unclear", evidence: "the ERP could not tell its count of check-ins" };
  const counts = `the ERP counted ${String(before)} check-ins of the device before the call and counts ${String(now)} now`;
  if (now < before) return { finding: "unclear", evidence: counts };
  return { finding: now > before ? "present" : "absent", evidence: counts };
}

function waits({ evidence }: DeliveryRow): string {
  return `waits for the operator after: ${evidence ?? ""}`;
}
