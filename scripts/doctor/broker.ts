import { StartError } from "../../plumbing/start-error.ts";
import { reachFinding, rulesFinding, strangersFinding } from "./broker-findings.ts";
import type { BrokerLook } from "./broker-look.ts";
import { type Check, check, type Finding, notChecked } from "./check.ts";
import type { Kit } from "./kit.ts";
import { versionOfPackage } from "./machine.ts";
import { remove } from "./shell.ts";

export const brokerChecks: readonly Check[] = [
  brokerCheck("broker", (look, { settings }) =>
    reachFinding(look, {
      embedded: `the embedded one, aedes ${versionOfPackage("aedes") ?? ""},`,
      user: settings.MQTT_USER,
      removeUrl: remove("MQTT_URL"),
    }),
  ),
  brokerCheck("strangers", strangersFinding),
  brokerCheck("topic rules", rulesFinding),
];

function brokerCheck(name: string, judge: (look: BrokerLook, kit: Kit) => Finding | Promise<Finding>): Check {
  return check(name, async (kit) => {
    try {
      const look = await kit.broker();
      return look ? await judge(look, kit) : notChecked("the embedded one; device-db starts it");
    } catch (error) {
      if (error instanceof StartError) return notChecked("MQTT_CA has to be mended first");
      throw error;
    }
  });
}
