import type { Socket } from "node:net";
import { setTimeout as delay, setImmediate as turn } from "node:timers/promises";
import type { AedesOptions } from "aedes";
import { describe, expect, test } from "vitest";
import { guardPackets } from "../../device-db/packet-guard.ts";
import { introduceRaw, openBroker, openStockBroker } from "../support/brokers.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
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
const EVENT = `aromapod/v1/${SERIAL}/up/event`;
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
    const lookedUp = Promise.withResolvers<void>();
    const authenticate: AedesOptions["authenticate"] = (...[, , , done]) =>
      void lookedUp.promise.then(() => done(null, true));
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
    lookedUp.resolve();
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

  test("of 8 KiB is the largest CONNECT", async () => {
    await using broker = await openBroker();
    const overhead = connectBytes({ clientId: SERIAL, username: SERIAL, password: "" }).length;
    for (const [bytes, isRead] of [
      [8_192, true],
      [8_193, false],
    ] as const) {
      using raw = await openRawClient(broker.port);
      // The length takes a byte more than that of a short packet, and does not count.
      const password = "x".repeat(bytes - (overhead - 2));
      raw.send(connectBytes({ clientId: SERIAL, username: SERIAL, password }));
      await raw.cut();
      expect(raw.ofType(CONNACK)).toHaveLength(isRead ? 1 : 0);
    }
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

test("a message of QoS 2, which would be stored until it is released, is not taken", async () => {
  await using broker = await openBroker();
  using raw = await introduceRaw(broker.port, SERIAL);
  const bytes = publishBytes(EVENT, "{}");
  bytes[0] = 0x34;
  raw.send(bytes);
  await raw.cut();
  expect(broker.refusals()).toEqual({ connect: 0, publish: 1, subscribe: 0 });
});
