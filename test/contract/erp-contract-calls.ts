import type { ErpMode } from "../../erp-stub/contract.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import type { ErpAddress } from "../support/erp-calls.ts";

/** An ERP that knows the two demo devices. */
export type OpenErp = ErpAddress & { mode: ErpMode; close: () => Promise<void> };

export const POC_QUERY = `serial=${SERIAL}&submit=&status=checkin&scent=wood`;
export const DOCUMENTED_QUERY = `serial=${OTHER_SERIAL}&status=checkin&scent=wood&start_time=08:00:00&end_time=12:00:00`;
