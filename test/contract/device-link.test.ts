import { expect, test } from "vitest";
import { connectDevices } from "../../bot/device-link.ts";
import { podTopic } from "../../device-sim/contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { openBroker } from "../support/brokers.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";

const ONLINE = { state: "online", firmware: "sim-1", at: new Date().toISOString() };

test("a pod is online as it said, until the broker that would tell otherwise is gone", async () => {
  await using broker = await openBroker();
  const account = { url: broker.url, clientId: "bot", username: "bot", password: passwordOf("bot") };
  const devices = connectDevices(account, createLog("silent"));
  await using _ = { [Symbol.asyncDispose]: devices.close };
  expect(devices.podState(SERIAL)).toBe("unknown");
  broker.publish(podTopic(SERIAL, "up/status"), ONLINE, true);
  await eventually(() => expect(devices.podState(SERIAL)).toBe("online"));
  await broker.close();
  await eventually(() => expect(devices.podState(SERIAL)).toBe("unknown"));
});
