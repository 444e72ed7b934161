import { switchPath } from "../erp-stub/contract.ts";
import type { DeliveryRow } from "./delivery-store.ts";

type Called = Pick<DeliveryRow, "id" | "serial" | "status" | "scent" | "start_time" | "end_time" | "traceparent">;

/** The documented call of a delivery, `GET /device/switch`, with the delivery's id as `Idempotency-Key`. */
export function requestOf({ id, serial, status, scent, start_time, end_time, traceparent }: Called) {
  const path = switchPath({
    serial,
    status,
    scent,
    startTime: start_time ?? undefined,
    endTime: end_time ?? undefined,
  });
  const headers: Record<string, string> = { "idempotency-key": id, "cache-control": "no-store" };
  if (traceparent !== null) headers["traceparent"] = traceparent;
  return { path, headers };
}
