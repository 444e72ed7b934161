import type { ErpConfig } from "../../erp-stub/config.ts";
import { serialOfPod } from "./side.ts";

/** As many devices as calls in flight: a device database has one under way for each. */
export const DEVICES = 64;
export const API_KEY = "erp-key-of-the-benchmark";

/** The bundled ERP with a device for each lane of the load, on a free port. */
export function erpConfig(dataDir: string): ErpConfig {
  const devices = Array.from({ length: DEVICES }, (_, at) => {
    return { serial: serialOfPod(at), room: `Room of ${serialOfPod(at)}` };
  });
  return {
    host: "127.0.0.1",
    port: 0,
    dataDir,
    mode: "safe",
    seed: "demo",
    hotel: { devices, schedules: [] },
    allow: ["127.0.0.1"],
    apiKey: API_KEY,
    faults: false,
  };
}
