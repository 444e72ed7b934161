import type { Usage } from "../erp-stub/contract.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import type { ErpClient } from "./erp-client.ts";
import { afterLookup, afterQuiesce, type Circumstances, type Finding, type NextState } from "./retry.ts";

/** The state that a delivery gets, and why. */
export type Conclusion = NextState & { evidence: string; absences?: number };

/** Decides on a delivery whose answer was not seen, by the only evidence that the ERP's owner lets count. */
export async function settle(
  row: DeliveryRow,
  circumstances: Circumstances,
  { erp, by }: { erp: Pick<ErpClient, "findUsages">; by: ErpTarget["settle"] },
): Promise<Conclusion> {
  switch (by) {
    case "key": {
      const next = afterQuiesce(circumstances);
      const evidence = next.state === "held" ? waits(row) : "to be sent again: the ERP knows the call by its key";
      return { ...next, evidence };
    }
    case "operator":
      return { state: "held", waitMs: 0, evidence: waits(row) };
    case "ref": {
      const usages = await erp.findUsages(row.id);
      const finding = findIn(usages, row);
      return { ...afterLookup(finding, circumstances), evidence: EVIDENCE[finding](usages) };
    }
  }
}

const EVIDENCE: Record<Finding, (usages: readonly Usage[] | undefined) => string> = {
  present: (usages) => `found in the ERP as usage ${String(usages?.[0]?.id)}`,
  absent: () => "not in the ERP",
  unclear: () => "the ERP could not tell",
};

/** An ERP that does not know the filter answers with usages of other calls: they prove nothing. */
export function findIn(
  usages: readonly Usage[] | undefined,
  call: { id: string; serial: string; status: string },
): Finding {
  const [usage, ...others] = usages ?? [];
  if (!usage) return usages ? "absent" : "unclear";
  // The usage that a check-in opened carries its reference; later calls find the usage that they changed.
  const isOurs = usage.serial === call.serial && (usage.ref === call.id || call.status !== "checkin");
  return isOurs && others.length === 0 ? "present" : "unclear";
}

function waits({ evidence }: DeliveryRow): string {
  return `waits for the operator after: ${evidence ?? ""}`;
}
