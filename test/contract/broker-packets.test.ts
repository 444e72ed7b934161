import type { Socket } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import type { AedesOptions } from "aedes";
import { describe, expect, test } from "vitest";
import { guardPackets } from "../../device-db/packet-guard.ts";
import { blindCounter } from "../../device-db/repeats.ts";
import { createLog } from "../../plumbing/log.ts";
import { connectMqtt } from "../../plumbing/mqtt.ts";
import { connectUser, introduceRaw, openBroker, openStockBroker, passwordOf, SERIAL } from "../support/brokers.ts";
import { eventually } from "../support/eventually.ts";
import {
  CONNACK,
  connectBytes,
  openRawClient,
  PUBACK,
  publishBytes,
  publishHead,
  SUBACK,
  subscribeBytes,
} from "../support/raw-mqtt.ts";

const COMMAND = `aromapod/v1/${SERIAL}/down/command`;
const REPLY = `aromapod/v1/${SERIAL}/up/reply`;
const EVENT = `aromapod/v1/${SERIAL}/up/event`;
const STATE = `aromapod/v1/${SERIAL}/up/state`;
const ANY_EVENT = "aromapod/v1/+/up/event";

const CONNECT = connectBytes({ clientId: SERIAL, username: SERIAL, password: passwordOf(SERIAL) });

describe("a packet in pieces", () => {
  test("of one byte each is understood", async () => {
    await using broker = await openBroker();
    const heard: unknown[] = [];
    broker.subscribe(ANY_EVENT, (_topic, payload) => heard.push(payload));
    using raw = await openRawClient(broker.port);
    const bytes = Buffer.concat([CONNECT, subscribeBytes(COMMAND), publishBytes(EVENT, '{"seq":1}')]);
    for (let place = 0; place < bytes.length; place++) {
      raw.send(bytes.subarray(place, place + 1));
      await turn();
    }
    await raw.first(PUBACK);
    expect([raw.ofType(CONNACK).length, raw.ofType(SUBACK).length, heard]).toEqual([1, 1, [{ seq: 1 }]]);
  });

  test("of any length is understood", async () => {
    await using broker = await openBroker();
    const heard: unknown[] = [];
    broker.subscribe(ANY_EVENT, (_topic, payload) => heard.push(payload));
    using raw = await introduceRaw(broker.port, SERIAL);
    const texts = Array.from({ length: 30 }, (_, n) => "x".repeat(n * n * 60));
    const bytes = Buffer.concat(texts.map((text, n) => publishBytes(EVENT, JSON.stringify(text), { id: n + 1 })));
    for (let place = 0, length = 1; place < bytes.length; place += length, length = ((length * 31) % 9_973) + 1) {
      raw.send(bytes.subarray(place, place + length));
      if (length % 3 === 0) await turn();
    }
    await eventually(() => expect(heard).toEqual(texts));
  });

  /** Whether a subscription is answered of which most arrives, in segments, while the credentials are looked up. */
  async function isUnderstood(wrap: (socket: Socket) => Socket): Promise<boolean> {
    const authenticate: AedesOptions["authenticate"] = (...[, , , done]) =>
      void setTimeout(() => done(null, true), 100);
    await using stock = await openStockBroker({ authenticate }, wrap);
    using raw = await openRawClient(stock.port);
    raw.send(CONNECT);
    await delay(20);
    const subscribe = subscribeBytes(COMMAND);
    for (const [from, to] of [
      [0, 5],
      [5, 9],
      [9, 30],
      [30, subscribe.length],
    ] as const) {
      raw.send(subscribe.subarray(from, to));
      await delay(10);
    }
    return await raw.first(SUBACK, 800).then(
      () => true,
      () => false,
    );
  }

  test("that come while the credentials are looked up is understood behind the guard", async () => {
    expect(await isUnderstood((socket) => guardPackets(socket))).toBe(true);
  });

  test("that come while the credentials are looked up stalls aedes as it comes", async () => {
    expect(await isUnderstood((socket) => socket)).toBe(false);
  });
});

describe("what is sent without waiting for the answer to CONNECT", () => {
  /** Too long for one read, so that the rest is read before anybody has asked who this is. */
  const LONG_EVENT = publishBytes(EVENT, "x".repeat(65_490));

  test("is taken, as MQTT allows it", async () => {
    await using broker = await openBroker();
    using raw = await openRawClient(broker.port);
    raw.send(CONNECT, LONG_EVENT, subscribeBytes(COMMAND));
    await raw.first(PUBACK);
    expect((await raw.first(SUBACK)).body[2]).toBe(1);
  });

  /** Whether an event is handed on that came with a wrong password. */
  async function isHandedOn(port: number, heard: string[]): Promise<boolean> {
    using raw = await openRawClient(port);
    raw.send(connectBytes({ clientId: SERIAL, username: SERIAL, password: "guess" }), LONG_EVENT);
    await raw.cut();
    return heard.includes(EVENT);
  }

  test("is not handed on if the password is wrong", async () => {
    await using broker = await openBroker();
    const heard: string[] = [];
    broker.subscribe("#", (topic) => heard.push(topic));
    expect(await isHandedOn(broker.port, heard)).toBe(false);
  });

  test("is handed on by aedes as it comes, whoever sent it", async () => {
    await using stock = await openStockBroker({ authenticate: (...[, , , done]) => done(null, false) });
    const heard: string[] = [];
    stock.aedes.subscribe(
      "#",
      ({ topic }, done) => {
        heard.push(topic);
        done();
      },
      () => undefined,
    );
    expect(await isHandedOn(stock.port, heard)).toBe(true);
  });
});

describe("a packet that is too large", () => {
  const MEGABYTE = 1024 * 1024;

  /** Announces 256 MB and sends up to 100 of them; resolves with how many went and how much memory that took. */
  async function flood(port: number, introduction: Buffer[]): Promise<{ sentMb: number; tookMb: number }> {
    using raw = await openRawClient(port);
    const block = Buffer.alloc(MEGABYTE);
    const before = process.memoryUsage.rss();
    let most = before;
    raw.send(...introduction, publishHead(256 * MEGABYTE - 1));
    let sentMb = 0;
    for (; sentMb < 100 && !raw.socket.destroyed; sentMb++) {
      const drained = new Promise<void>((resolve) => raw.socket.write(block, () => resolve()));
      await Promise.race([drained, delay(1_000)]);
      await delay(1);
      most = Math.max(most, process.memoryUsage.rss());
    }
    return { sentMb, tookMb: (most - before) / MEGABYTE };
  }

  test.for<[when: string, introduction: Buffer[]]>([
    ["after CONNECT", [CONNECT]],
    ["instead of CONNECT", []],
  ])("%s is cut by its announcement and takes no memory", async ([, introduction]) => {
    await using broker = await openBroker();
    const { sentMb, tookMb } = await flood(broker.port, introduction);
    expect(sentMb).toBeLessThan(20);
    expect(tookMb).toBeLessThan(25);
    expect(broker.connections()).toBe(0);
  });

  test("is taken into memory by aedes as it comes", async () => {
    await using stock = await openStockBroker();
    const { sentMb, tookMb } = await flood(stock.port, [CONNECT]);
    expect(sentMb).toBe(100);
    expect(tookMb).toBeGreaterThan(50);
  });

  test("of 64 KiB is not, one byte more is", async () => {
    await using broker = await openBroker();
    const overhead = 2 + EVENT.length + 2;
    for (const [bytes, isTaken] of [
      [65_536, true],
      [65_537, false],
    ] as const) {
      using raw = await introduceRaw(broker.port, SERIAL);
      raw.send(publishBytes(EVENT, "x".repeat(bytes - overhead)));
      await (isTaken ? raw.first(PUBACK) : raw.cut());
    }
  });
});

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
    for (const payload of ["1", "2", "3"]) await bot.client.publishAsync(COMMAND, payload, { qos: 1 });
    await delay(100);
    return pod.messages.length / 3;
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
