import { z } from "zod";
import { SCENTS } from "../device-sim/contract.ts";
import { originSetting, portSetting, wholeNumberSetting } from "../plumbing/config.ts";
import type { MqttAccount } from "../plumbing/mqtt.ts";

/** What may settle a delivery whose answer was not seen. */
export const SETTLEMENTS = ["key", "ref", "count", "operator"] as const;

const shortText = z.string().max(256, "must be 256 characters at most").optional();

export const deviceDbSettings = {
  DEVICE_DB_PORT: portSetting(3979),
  MQTT_PORT: portSetting(1883),
  MQTT_URL: z
    .string()
    .refine(isBrokerUrl, "must be a URL such as mqtts://broker.example:8883 (or mqtt, ws, wss), and hold no user name")
    .transform((url) => url.replace(/^(\w+:\/\/[^/]+)\/$/, "$1"))
    .optional(),
  MQTT_USER: shortText,
  MQTT_PASSWORD: z.string().max(4_096, "must be 4096 characters at most").optional(),
  MQTT_CA: z.string().optional(),
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
  ERP_API_KEY: shortText,
  ERP_CONCURRENCY: wholeNumberSetting({ min: 1, max: 256 }).optional(),
  ERP_RATE: wholeNumberSetting({ min: 1, max: 10_000 }).optional(),
};

/** User name and password have settings of their own, which no log repeats; a query may hold secrets too. */
function isBrokerUrl(value: string): boolean {
  const url = URL.parse(value);
  if (!url || !/^(mqtts?|wss?):$/.test(url.protocol) || url.hostname === "") return false;
  const hasPath = url.pathname !== "" && url.pathname !== "/";
  if (hasPath && url.protocol.startsWith("mqtt")) return false;
  return url.username === "" && url.password === "" && url.search === "" && url.hash === "";
}

export type DeviceDbConfig = {
  host: string;
  port: number;
  /** Of the embedded broker. */
  mqttPort: number;
  /** A broker that others run, in the place of the embedded one. */
  externalBroker?: MqttAccount | undefined;
  dataDir: string;
  reportScents: readonly string[];
  operatorKey: string;
  /** With it, or behind a proxy, reading needs the operator's key too, and the console a sign-in. */
  publicUrl: string | undefined;
  /** By these the broker knows the two services; the device database itself needs no connection to it. */
  mqttSecrets: { bot: string; deviceDb: string };
  /** Registered at the first start, with the secret that the pod uses. */
  firstDevice: { serial: string; room: string; timeZone: string; secret: string };
  erp: ErpTarget;
};

export type ErpTarget = {
  url: string;
  /**
   * Settles an uncertain delivery: `key` may resend, `ref` asks the ERP first, `count` compares how many check-ins of the
   * device it has (for check-ins only), `operator` waits for a person.
   */
  settle: (typeof SETTLEMENTS)[number];
  /** For reading back; absent means that the ERP is asked without one. */
  apiKey: string | undefined;
  concurrency: number;
  /** Requests per second; absent means no limit. */
  rate: number | undefined;
  /** Longer than the ERP may work on a call that was given up. */
  quiesceMs: number;
};
