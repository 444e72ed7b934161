import { setTimeout as delay } from "node:timers/promises";
import type { AedesOptions } from "aedes";
import pino from "pino";
import { expect, onTestFinished, test } from "vitest";
import { createLog } from "../../plumbing/log.ts";
import { connectMqtt } from "../../plumbing/mqtt.ts";
import { connectUser, openStockBroker } from "../support/brokers.ts";
import { eventually } from "../support/eventually.ts";

const ACCOUNT = { clientId: "c", username: "c", password: "" };

/** A client of ours, and a broker that does as it is told. */
async function openPair(options: AedesOptions = {}) {
  const broker = await openStockBroker(options);
  onTestFinished(() => broker[Symbol.asyncDispose]());
  const client = connectMqtt({ ...ACCOUNT, url: broker.url }, createLog("silent"));
  onTestFinished(() => client.close());
  const say = (topic: string, payload: unknown) => {
    const packet = {
      cmd: "publish",
      topic,
      payload: JSON.stringify(payload),
      qos: 1,
      retain: false,
      dup: false,
    } as const;
    broker.aedes.publish(packet, () => undefined);
  };
  return { client, say, cut: broker.cut, port: broker.port, url: broker.url };
}

test("whoever subscribes to the same topics hears them, before the connection is up and after, and over its end", async () => {
  const { client, say, cut } = await openPair();
  const heard: string[] = [];
  const hear = (who: string) => (topic: string, payload: unknown) => heard.push(`${who} ${topic} ${String(payload)}`);
  client.subscribe("a/+", hear("first"));
  client.subscribe("a/+", hear("second"));
  await eventually(() => expect(client.connected()).toBe(true));
  client.subscribe("a/+", hear("late"));
  client.subscribe("b", hear("other"));
  const all = ["first a/1 1", "second a/1 1", "late a/1 1", "other b 2"];
  await eventually(async () => {
    say("b", 2);
    await delay(20);
    expect(heard).toContain("other b 2");
  });
  for (const round of ["once", "after a cut"]) {
    heard.length = 0;
    say("a/1", 1);
    say("b", 2);
    await eventually(() => expect([round, heard]).toEqual([round, all]));
    cut();
    await eventually(() => expect(client.connected()).toBe(false));
    await eventually(() => expect(client.connected()).toBe(true));
  }
});

test("what was not acknowledged when a connection ended is not sent again by itself: whoever needs it repeats it", async () => {
  const published: string[] = [];
  const { client, cut } = await openPair({
    // The first one is never acknowledged.
    authorizePublish: (_client, { payload }, done) => {
      if (published.push(String(payload)) > 1) done(null);
    },
  });
  await eventually(() => expect(client.connected()).toBe(true));
  client.publish("a", "stale");
  await eventually(() => expect(published).toEqual(['"stale"']));
  cut();
  await eventually(() => expect(client.connected()).toBe(false));
  await eventually(() => expect(client.connected()).toBe(true));
  client.publish("a", "fresh");
  await eventually(() => expect(published.at(-1)).toBe('"fresh"'));
  expect(published).toEqual(['"stale"', '"fresh"']);
  const began = performance.now();
  await client.close();
  expect(performance.now() - began).toBeLessThan(1_000);
});

test("MQTT.js by itself sends it again", async () => {
  const published: string[] = [];
  await using broker = await openStockBroker({
    authorizePublish: (_client, { payload }, done) => {
      if (published.push(String(payload)) > 1) done(null);
    },
  });
  await using user = await connectUser(broker.url, "c", { reconnectPeriod: 50 });
  user.client.publish("a", "stale", { qos: 1 });
  await eventually(() => expect(published).toHaveLength(1));
  broker.cut();
  await eventually(() => expect(published).toEqual(["stale", "stale"]));
});

test.for(["mqtt", "mqtts", "ws", "wss"])("over %s an IPv6 address is as good as any", async (scheme) => {
  const url = `${scheme}://[::1]:9`;
  const reasons: string[] = [];
  const log = pino({}, { write: (line) => reasons.push((JSON.parse(line) as { reason: string }).reason) });
  const client = connectMqtt({ ...ACCOUNT, url }, log);
  onTestFinished(() => client.close());
  await eventually(() => expect(reasons).toEqual([expect.stringMatching(/^connect \w+ ::1:9/)]));
});

test("a broker that refuses a subscription is tried again, less and less often, until it grants it", async () => {
  let grants = false;
  let tries = 0;
  const { client, say } = await openPair({
    authorizeSubscribe: (_client, subscription, done) => {
      tries += 1;
      done(null, grants ? subscription : null);
    },
  });
  const heard: unknown[] = [];
  client.subscribe("a", (_topic, payload) => heard.push(payload));
  await delay(1_000);
  expect(client.connected()).toBe(false);
  expect(tries).toBeGreaterThan(1);
  expect(tries).toBeLessThan(8);
  grants = true;
  await eventually(() => expect(client.connected()).toBe(true));
  say("a", 1);
  await eventually(() => expect(heard).toEqual([1]));
});
