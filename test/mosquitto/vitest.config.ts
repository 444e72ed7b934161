import { join } from "node:path";
import { defineConfig } from "vitest/config";
import shared from "../../vitest.config.ts";

const END_TO_END = "test/e2e/**/*.test.ts";

/** Whatever a device database does that a broker takes part in. */
const AT_A_BROKER = [
  "events",
  "delivery-api",
  "flow-hops",
  "operator-commands",
  "twins",
  "link-rotation",
  "channel-messages",
];

/** End to end, but of no other use here than in `npm test`. */
const LEFT_OUT: Record<string, string> = {
  backup: "is about stores and their copies",
  "broker-setting": "brings brokers of its own",
  "command-line": "is about starts and their failures, with the embedded broker among what has to start",
  "devices-command": "is about whom the embedded broker lets in",
  doctor: "breaks kits with the embedded broker; at Mosquitto there is a check of its own",
  "fleet-command": "brings fleets to brokers of its own",
  guides: "runs the guides' commands, which start kits with the embedded broker",
  metrics: "counts what the embedded broker sees",
  "poc-command": "proves on a kit of its own, which always has the embedded broker",
  "qr-command": "is about pictures and cards",
  readme: "runs README's commands, which start kits with the embedded broker",
};

/**
 * What the embedded broker itself refuses, mends and tells is tested on it alone: `test/contract/broker*.test.ts`,
 * `device-db.test.ts` and `device-access.test.ts` there. Deliveries without a broker in their way, as in
 * `deliveries.test.ts`, would be the same once more.
 */
export default defineConfig({
  test: {
    ...shared.test,
    root: join(import.meta.dirname, "../.."),
    globalSetup: [],
    include: [END_TO_END, ...AT_A_BROKER.map((name) => `test/contract/${name}.test.ts`), "test/mosquitto/*.check.ts"],
    exclude: Object.keys(LEFT_OUT).map((name) => `test/e2e/${name}.test.ts`),
    env: { TEST_MQTT: "mosquitto" },
  },
});
