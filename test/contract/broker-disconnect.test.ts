import { expect, test } from "vitest";
import { podTopic } from "../../device-sim/contract.ts";
import { connectUser, introduceRaw, openBroker, SHORT_SERIAL } from "../support/brokers.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { CONNACK } from "../support/raw-mqtt.ts";

test("all connections of a user end at once, with their last will, and nobody else's", async () => {
  await using broker = await openBroker();
  const said: string[] = [];
  broker.subscribe(podTopic("+", "up/status"), (topic) => said.push(topic));
  const will = { topic: podTopic(OTHER_SERIAL, "up/status"), payload: "{}" };
  using pod = await introduceRaw(broker.port, OTHER_SERIAL, { will });
  using second = await introduceRaw(broker.port, OTHER_SERIAL, { clientId: `${OTHER_SERIAL}-2` });
  for (const raw of [pod, second]) await raw.first(CONNACK);
  // One serial is the beginning of the other.
  const others = [await connectUser(broker.url, SERIAL), await connectUser(broker.url, SHORT_SERIAL)];

  expect(broker.disconnect(OTHER_SERIAL)).toBe(true);
  await Promise.all([pod.cut(1_000), second.cut(1_000)]);
  await eventually(() => expect(said).toEqual([will.topic]));
  expect([broker.connections(), ...others.map(({ client }) => client.connected)]).toEqual([2, true, true]);
  for (const other of others) await other[Symbol.asyncDispose]();
});

test("a user who is just being let in, or is not there, is no exception", async () => {
  await using broker = await openBroker();
  expect(broker.disconnect(SERIAL)).toBe(true);
  using pod = await introduceRaw(broker.port, SERIAL);
  await eventually(() => {
    broker.disconnect(SERIAL);
    expect(pod.socket.closed).toBe(true);
  }, 1_000);
  expect(broker.connections()).toBe(0);
});
