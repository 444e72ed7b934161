import { expect, test } from "vitest";
import { connectDevices } from "../../bot/device-link.ts";
import { deviceTopic } from "../../device-db/contract.ts";
import { type Command, podTopic, serialOf } from "../../device-sim/contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { openBroker } from "../support/brokers.ts";
import { OTHER_SERIAL, passwordOf, SERIAL } from "../support/devices.ts";
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

test("nothing is sent to a disabled device, also where a broker would let it through; the others get theirs", async () => {
  await using broker = await openBroker();
  const account = { url: broker.url, clientId: "bot", username: "bot", password: passwordOf("bot") };
  const devices = connectDevices(account, createLog("silent"));
  await using _ = { [Symbol.asyncDispose]: devices.close };
  const heard: string[] = [];
  broker.subscribe(podTopic("+", "down/command"), (topic, payload) => {
    heard.push(`${serialOf(topic) ?? ""} ${(payload as Command).id}`);
  });
  const announce = (serial: string, enabled: boolean) =>
    broker.publish(deviceTopic(serial), { serial, room: "R", timeZone: "UTC", keyVersion: 1, enabled }, true);
  const send = (id: string) => {
    const command = { id, action: "checkin", scent: "wood", issuedAt: ONLINE.at, ttlS: 120 };
    for (const serial of [SERIAL, OTHER_SERIAL]) devices.sendCommand(serial, command);
  };
  announce(SERIAL, false);
  await eventually(() => expect(devices.device(SERIAL)).toMatchObject({ enabled: false }));
  send("c1");
  announce(SERIAL, true);
  await eventually(() => expect(devices.device(SERIAL)).toMatchObject({ enabled: true }));
  send("c2");
  await eventually(() => expect(heard).toEqual([`${OTHER_SERIAL} c1`, `${SERIAL} c2`, `${OTHER_SERIAL} c2`]));
});
