import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { blindCounter } from "../../device-db/repeats.ts";
import { createLog } from "../../plumbing/log.ts";
import { connectMqtt } from "../../plumbing/mqtt.ts";
import { connectUser, introduceRaw, openBroker, openStockBroker } from "../support/brokers.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { SUBACK, subscribeBytes } from "../support/raw-mqtt.ts";

const COMMAND = `aromapod/v1/${SERIAL}/down/command`;
const REPLY = `aromapod/v1/${SERIAL}/up/reply`;
const EVENT = `aromapod/v1/${SERIAL}/up/event`;
const STATE = `aromapod/v1/${SERIAL}/up/state`;
const ANY_EVENT = "aromapod/v1/+/up/event";

describe("messages that overtake each other", () => {
  type Publish = (topic: string, payload: unknown, retain?: boolean) => void;

  /** How many of twenty arrive that are each overtaken by another one: a retained message takes longer to hand on. */
  async function arrivals(url: string, publish: Publish): Promise<number> {
    await using subscriber = await connectUser(url, "device-db");
    await subscriber.client.subscribeAsync([STATE, EVENT], { qos: 1 });
    for (let n = 0; n < 20; n++) {
      publish(STATE, n, true);
      publish(EVENT, n);
      await turn();
    }
    await eventually(() => expect(subscriber.messages.at(-1)?.payload).toBe("19"));
    await delay(50);
    expect(subscriber.messages.filter(({ topic }) => topic === EVENT)).toHaveLength(20);
    return subscriber.messages.filter(({ topic }) => topic === STATE).length;
  }

  test("all arrive", async () => {
    await using broker = await openBroker();
    expect(await arrivals(broker.url, broker.publish)).toBe(20);
  });

  test("are dropped by aedes as it comes", async () => {
    await using stock = await openStockBroker();
    const publish: Publish = (topic, value, retain = false) => {
      const packet = { cmd: "publish", topic, payload: JSON.stringify(value), qos: 1, retain, dup: false } as const;
      stock.aedes.publish(packet, () => undefined);
    };
    expect(await arrivals(stock.url, publish)).toBe(0);
  });
});

describe("filters that overlap", () => {
  /** How many copies of one command a pod gets that subscribed to it three times over. */
  async function copies(url: string): Promise<number> {
    await using pod = await connectUser(url, SERIAL);
    for (const last of ["command", "+", "#"])
      await pod.client.subscribeAsync(`aromapod/v1/${SERIAL}/down/${last}`, { qos: 1 });
    await using bot = await connectUser(url, "bot");
    for (const payload of ["1", "2", "3", "last"]) await bot.client.publishAsync(COMMAND, payload, { qos: 1 });
    await eventually(() => expect(pod.messages.at(-1)?.payload).toBe("last"));
    return pod.messages.filter(({ payload }) => payload !== "last").length / 3;
  }

  test("get a message once", async () => {
    await using broker = await openBroker();
    expect(await copies(broker.url)).toBe(1);
  });

  test("get it once each when aedes' own check is off and nothing stands in for it", async () => {
    await using stock = await openStockBroker();
    stock.aedes.on("client", (client) => void Object.assign(client, { duplicates: blindCounter() }));
    expect(await copies(stock.url)).toBe(3);
  });
});

test("two thousand messages of one pod arrive in their order, each once", async () => {
  await using broker = await openBroker();
  await using subscriber = await connectUser(broker.url, "device-db");
  await subscriber.client.subscribeAsync(ANY_EVENT, { qos: 1 });
  await using pod = await connectUser(broker.url, SERIAL);
  const numbers = Array.from({ length: 2_000 }, (_, n) => String(n));
  await Promise.all(numbers.map((number) => pod.client.publishAsync(EVENT, number, { qos: 1 })));
  await eventually(() => expect(subscriber.messages).toHaveLength(2_000));
  expect(subscriber.messages.map(({ payload }) => payload)).toEqual(numbers);
});

describe("a subscriber that stops reading", () => {
  /** How long another one then waits for the last of many messages; at most `deadlineMs`. */
  async function waitOfOthers({ url, port }: { url: string; port: number }, deadlineMs: number): Promise<number> {
    using frozen = await introduceRaw(port, "device-db");
    frozen.send(subscribeBytes(ANY_EVENT));
    await frozen.first(SUBACK);
    frozen.socket.pause();
    await using healthy = await connectUser(url, "device-db", { clientId: "device-db-2" });
    await healthy.client.subscribeAsync(ANY_EVENT, { qos: 1 });
    await using pod = await connectUser(url, SERIAL);
    const began = performance.now();
    for (let n = 0; n < 250; n++) pod.client.publish(EVENT, Buffer.alloc(60_000), { qos: 1 });
    await eventually(() => expect(healthy.messages).toHaveLength(250), deadlineMs).catch(() => undefined);
    return performance.now() - began;
  }

  test("holds the others up for two seconds and is cut then", async () => {
    await using broker = await openBroker();
    expect(await waitOfOthers(broker, 6_000)).toBeLessThan(4_500);
  });

  test("holds them up for a minute at aedes as it comes", async () => {
    await using stock = await openStockBroker();
    expect(await waitOfOthers(stock, 6_000)).toBeGreaterThanOrEqual(6_000);
  });
});

test("a command is answered without a step of 40 ms", async () => {
  await using broker = await openBroker();
  const connect = (user: string) =>
    connectMqtt({ url: broker.url, clientId: user, username: user, password: passwordOf(user) }, createLog("silent"));
  const [bot, pod] = [connect("bot"), connect(SERIAL)];
  pod.subscribe(COMMAND, (_topic, payload) => pod.publish(REPLY, payload));
  let replied: (payload: unknown) => void = () => undefined;
  bot.subscribe("aromapod/v1/+/up/reply", (_topic, payload) => replied(payload));
  await eventually(() => expect([bot.connected(), pod.connected()]).toEqual([true, true]));

  const roundTrips: number[] = [];
  for (let n = 0; n < 50; n++) {
    const sent = performance.now();
    const reply = new Promise((resolve) => {
      replied = resolve;
    });
    bot.publish(COMMAND, { n });
    expect(await reply).toEqual({ n });
    roundTrips.push(performance.now() - sent);
    await delay(2);
  }
  await Promise.all([bot.close(), pod.close()]);
  expect(roundTrips.toSorted((a, b) => a - b)[25]).toBeLessThan(20);
});
