import { connectAsync } from "mqtt";
import { describe, expect, test } from "vitest";
import { startBroker } from "../../device-db/broker.ts";
import { podTopic } from "../../device-sim/contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { openStockBroker } from "../support/brokers.ts";
import { eventually } from "../support/eventually.ts";

const CROWD = 20_000;
const SUBSCRIPTIONS = 200;

const serialOf = (n: number) => `pod-${String(n)}`;
const statusOf = (n: number) => podTopic(serialOf(n), "up/status");

async function openCrowdBroker() {
  const broker = await startBroker({
    host: "127.0.0.1",
    port: 0,
    log: createLog("silent"),
    identify: (user) => (user === "device-db" ? { role: "device-db" } : { role: "pod", serial: user }),
  });
  return { ...broker, [Symbol.asyncDispose]: broker.close };
}

/** How long a pod's subscriptions take, with so many retained messages of others at the broker. */
async function subscribingMs(url: string): Promise<number> {
  const client = await connectAsync(url, { clientId: "pod-0", username: "pod-0", password: "x", reconnectPeriod: 0 });
  const startedAt = performance.now();
  for (let n = 0; n < SUBSCRIPTIONS; n++) {
    await client.subscribeAsync(podTopic("pod-0", "down/command"), { qos: 1 });
    await client.unsubscribeAsync(podTopic("pod-0", "down/command"));
  }
  await client.endAsync(true);
  return performance.now() - startedAt;
}

/** Until the broker has this retained message. */
async function untilKept(url: string, topic: string): Promise<void> {
  const client = await connectAsync(url, {
    clientId: "device-db",
    username: "device-db",
    password: "x",
    reconnectPeriod: 0,
  });
  let isKept = false;
  client.on("message", (of) => {
    isKept ||= of === topic;
  });
  await client.subscribeAsync("aromapod/v1/+/up/status", { qos: 1 });
  await eventually(() => expect([topic, isKept]).toEqual([topic, true]));
  await client.endAsync(true);
}

describe("a subscription without wildcards", () => {
  test("costs the same whatever the broker keeps of others", async () => {
    await using broker = await openCrowdBroker();
    const alone = await subscribingMs(broker.url);
    for (let n = 0; n < CROWD; n++) broker.publish(statusOf(n), { state: "online" }, true);
    await untilKept(broker.url, statusOf(CROWD - 1));
    expect(await subscribingMs(broker.url)).toBeLessThan(3 * alone + 200);
  });

  test("costs ever more at aedes as it comes", async () => {
    await using stock = await openStockBroker();
    const alone = await subscribingMs(stock.url);
    const publish = { cmd: "publish", payload: "{}", qos: 1, retain: true, dup: false } as const;
    for (let n = 0; n < CROWD; n++) stock.aedes.publish({ ...publish, topic: statusOf(n) }, () => undefined);
    await untilKept(stock.url, statusOf(CROWD - 1));
    expect(await subscribingMs(stock.url)).toBeGreaterThan(3 * alone + 200);
  });
});

test("thousands of messages are handed on in their order, whoever has stopped reading meanwhile", async () => {
  await using broker = await openCrowdBroker();
  const frozen = await connectAsync(broker.url, { clientId: "device-db", username: "device-db", password: "x" });
  await frozen.subscribeAsync("aromapod/v1/+/up/state", { qos: 1 });
  frozen.stream.pause();
  // More than the system takes for somebody who does not read.
  for (let n = 0; n < 500; n++) broker.publish(podTopic("pod-0", "up/state"), "x".repeat(60_000));
  const heard: unknown[] = [];
  broker.subscribe("aromapod/v1/+/up/event", (_topic, payload) => heard.push(payload));
  const sent = Array.from({ length: CROWD }, (_, n) => n);
  const startedAt = performance.now();
  for (const n of sent) broker.publish(podTopic(serialOf(n), "up/event"), n);
  await eventually(() => expect(heard).toHaveLength(CROWD));
  expect(heard).toEqual(sent);
  // The broker waits two seconds for whoever does not read.
  expect(performance.now() - startedAt).toBeLessThan(1_500);
  await frozen.endAsync(true);
});
