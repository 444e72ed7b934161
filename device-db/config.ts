import { z } from "zod";
import { SCENTS } from "../device-sim/contract.ts";
import { originSetting, portSetting, wholeNumberSetting } from "../plumbing/config.ts";

/** What may settle a delivery whose answer was not seen. */
const SETTLEMENTS = ["key", "ref", "operator"] as const;

export const deviceDbSettings = {
  DEVICE_DB_PORT: portSetting(3979),
  MQTT_PORT: portSetting(1883),
  DEVICE_DB_REPORT_SCENTS: z
    .string()
    .default(SCENTS.join(","))
    .transform((list) => list.split(",").map((scent) => scent.trim()))
    .refine(
      (list) => list.every((scent) => SCENTS.some((known) => known === scent)),
      `must be some of ${SCENTS.join(",")}`,
    ),
  ERP_URL: originSetting.optional(),
  ERP_SETTLE: z.enum(SETTLEMENTS, `must be one of ${SETTLEMENTS.join(", ")}`).optional(),
  ERP_API_KEY: z.string().max(256, "must be 256 characters at most").optional(),
  ERP_CONCURRENCY: wholeNumberSetting({ min: 1, max: 256 }).optional(),
  ERP_RATE: wholeNumberSetting({ min: 1, max: 10_000 }).optional(),
};

export type DeviceDbConfig = {
  host: string;
  port: number;
  mqttPort: number;
  dataDir: string;
  reportScents: readonly string[];
  operatorKey: string;
  /** Behind a reverse proxy reading the API needs the operator's key too. */
  isPublic: boolean;
  /** By these the broker knows the two services; the device database itself needs no connection to it. */
  mqttSecrets: { bot: string; deviceDb: string };
  /** Registered at the first start, with the secret that the pod uses. */
  firstDevice: { serial: string; room: string; timeZone: string; secret: string };
  erp: ErpTarget;
};

export type ErpTarget = {
  url: string;
  /** Settles an uncertain delivery: `key` may resend, `ref` asks the ERP first, `operator` waits for a person. */
  settle: (typeof SETTLEMENTS)[number];
  /** For reading back; absent means that the ERP is asked without one. */
  apiKey: string | undefined;
  concurrency: number;
  /** Requests per second; absent means no limit. */
  rate: number | undefined;
  /** Longer than the ERP may work on a call that was given up. */
  quiesceMs: number;
};
