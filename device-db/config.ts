import { z } from "zod";
import { SCENTS } from "../device-sim/contract.ts";
import { originSetting, portSetting, wholeNumberSetting } from "../plumbing/config.ts";
import type { MqttAccount } from "../plumbing/mqtt.ts";

/** What may settle a delivery whose answer was not seen. */
export const SETTLEMENTS = ["key", "ref", "count", "operator"] as const;

const shortText = z.string().max(256, "must be 256 characters at most").optional();

export const deviceDbSettings = {
  DEVICE_DB_PORT: portSetting(3979),
  DEVICE_DB_REPORT_SCENTS: z
    .string()
    .default(SCENTS.join(","))
    .transform((list) => list.split(",").map((scent) => scent.trim()))
    .refine(
      (list) => list.every((scent) => SCENTS.some((known) => known === scent)),
      `must be some of ${SCENTS.join(",")}`,
    )
    .describe("Which scents are reported to the ERP, separated by commas."),
};

export const brokerSettings = {
  MQTT_PORT: portSetting(1883).describe("The embedded broker's port on 127.0.0.1; 0 takes any free one."),
  MQTT_URL: z
    .string()
    .refine(isBrokerUrl, "must be a URL such as mqtts://broker.example:8883 (or mqtt, ws, wss), and hold no user name")
    .transform((url) => url.replace(/^(\w+:\/\/[^/]+)\/$/, "$1"))
    .optional()
    .meta({
      description: "A broker of your own instead of the embedded one: `mqtt`, `mqtts`, `ws` or `wss`.",
      example: "mqtts://broker.example:8883",
    }),
  MQTT_USER: shortText.describe(
    "The services' user name there. Unset, each has its own, `bot` or `device-db`, and its password in `secrets.json`.",
  ),
  MQTT_PASSWORD: z
    .string()
    .max(4_096, "must be 4096 characters at most")
    .optional()
    .describe("The password that goes with `MQTT_USER`."),
  MQTT_CA: z
    .string()
    .optional()
    .describe(
      "A file with the certificates (PEM) that the broker's own has to lead to. Unset, they are those that Node trusts.",
    ),
};

export const erpCallSettings = {
  ERP_URL: originSetting.optional().meta({
    description: "A real ERP instead of the bundled one.",
    example: "https://katlai.aizent.com",
  }),
  ERP_API_KEY: shortText.describe("The key for reading back from it."),
  ERP_SETTLE: z
    .enum(SETTLEMENTS, `must be one of ${SETTLEMENTS.join(", ")}`)
    .optional()
    .meta({
      description:
        "What settles a delivery whose answer was not seen. `key`: it is sent again, if `ERP_MODE` is `safe`. `ref`: the ERP is asked first. `count`: the ERP's check-ins of the device are counted before and after. `operator`: it waits for a person. Unset, it is `key` if safe; if legacy, `ref` at the bundled ERP and `operator` at `ERP_URL`.",
      example: "key",
    }),
  ERP_CONCURRENCY: wholeNumberSetting({ min: 1, max: 256 }).optional().meta({
    description: "How many calls may be under way. Unset, 4 at `ERP_URL`, and 64 at the bundled ERP.",
    example: 4,
  }),
  ERP_RATE: wholeNumberSetting({ min: 1, max: 10_000 }).optional().meta({
    description: "How many calls may begin in a second. Unset, 20 at `ERP_URL`, and any number at the bundled ERP.",
    example: 20,
  }),
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
