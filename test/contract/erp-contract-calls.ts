import type { ErpMode } from "../../erp-stub/contract.ts";
import type { ErpAddress } from "../support/erp-client.ts";

/** An ERP that knows the two demo devices. */
export type OpenErp = ErpAddress & { mode: ErpMode; close: () => Promise<void> };

export const SERIAL = "HKAP0100000001";
export const OTHER_SERIAL = "dev-0001";
export const POC_QUERY = `serial=${SERIAL}&submit=&status=checkin&scent=wood`;
export const DOCUMENTED_QUERY = `serial=${OTHER_SERIAL}&status=checkin&scent=wood&start_time=08:00:00&end_time=12:00:00`;
