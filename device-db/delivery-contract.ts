/** What operators say about deliveries, and what they are answered. */
import { z } from "zod";
import { DELIVERY_STATES, type DeliveryState } from "./contract.ts";

const reason = z.string("is needed").trim().min(1, "is needed").max(500).describe("How you know, or why; it is kept.");
const lane = z.string().max(32).default("*").describe("Of one device; `*` means all.");

/** Body of `POST /api/deliveries/<id>/{resend,discard,mark-delivered}`; with `dryRun` nothing is changed. */
export const operatorMoveSchema = z.strictObject({
  reason,
  dryRun: z.boolean().default(false).describe("Only say what would be sent; for `resend`."),
});

/** Bodies of `POST /api/deliveries/pause` and `resume`; without a serial all lanes are meant. */
export const pauseSchema = z.strictObject({ serial: lane, reason });
export const resumeSchema = z.strictObject({ serial: lane });

/** Body of `POST /api/deliveries/reconcile`. */
export const reconcileSchema = z.strictObject({
  dryRun: z.boolean().default(false).describe("Only ask and compare."),
});

/** Query of `GET /api/deliveries`. */
export const deliveryListSchema = z
  .object({
    state: z
      .enum(DELIVERY_STATES, `must be one of ${DELIVERY_STATES.join(", ")}`)
      .optional()
      .describe("Only those in this state."),
    serial: z.string().max(32).optional().describe("Only those of this device."),
    before: z.string().max(64).optional().describe("The id of the last one of the page before."),
    limit: z.coerce.number().int().min(1).max(1_000).default(1_000).describe("How many at most."),
  })
  .strict();

/** What `POST /api/deliveries/reconcile` found; nothing of it is ever sent again by itself. */
export type Reconciliation = {
  /** Whether both sides were found to hold the same. */
  ok: boolean;
  /** What nobody knew the end of, and what the ERP says of it now. */
  unsettled: {
    id: string;
    serial: string;
    finding: "present" | "absent" | "unclear";
    evidence: string;
    state: DeliveryState;
  }[];
  devices: DeviceComparison[];
};

/** Check-ins of one device on both sides; `erp` is `null` when the ERP could not be read. */
export type DeviceComparison = {
  serial: string;
  delivered: number;
  erp: number | null;
  /** Deliveries that the ERP does not have. */
  missing: string[];
  /** Usages that no delivery of ours explains, and those beyond the first of one delivery. */
  extra: number[];
  /** Deliveries whose usage says something else. */
  mismatched: string[];
};
