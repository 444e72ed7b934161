import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { connectUser, introduceRaw, openBroker, openStockBroker, SHORT_SERIAL } from "../support/brokers.ts";
import { OTHER_SERIAL, passwordOf, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import {
  CONNACK,
  connectBytes,
  openRawClient,
  PUBACK,
  PUBLISH,
  publishBytes,
  SUBACK,
  subscribeBytes,
} from "../support/raw-mqtt.ts";

const ACCEPTED = 0;
const WRONG_VERSION = 1;
const ID_REJECTED = 2;
const BAD_CREDENTIALS = 4;

const at = (name: string, serial = SERIAL) => `aromapod/v1/${serial}/${name}`;

describe("connecting", () => {
  const password = passwordOf(SERIAL);
  test.for<[what: string, connect: Parameters<typeof connectBytes>[0], code: number]>([
    ["a pod", { clientId: SERIAL, username: SERIAL, password }, ACCEPTED],
    ["a pod with a suffix to its client id", { clientId: `${SERIAL}-2`, username: SERIAL, password }, ACCEPTED],
    ["the bot", { clientId: "bot", username: "bot", password: passwordOf("bot") }, ACCEPTED],
    [
      "the device database as a client",
      { clientId: "device-db-1", username: "device-db", password: passwordOf("device-db") },
      ACCEPTED,
    ],
    ["nobody in particular", { clientId: SERIAL }, BAD_CREDENTIALS],
    ["a pod without a password", { clientId: SERIAL, username: SERIAL }, BAD_CREDENTIALS],
    ["a pod with a wrong password", { clientId: SERIAL, username: SERIAL, password: "guess" }, BAD_CREDENTIALS],
    [
      "a pod with another's password",
      { clientId: SERIAL, username: SERIAL, password: passwordOf("bot") },
      BAD_CREDENTIALS,
    ],
    ["a user that nobody registered", { clientId: "x", username: "x", password: passwordOf("x") }, BAD_CREDENTIALS],
    ["a pod with another's client id", { clientId: OTHER_SERIAL, username: SERIAL, password }, ID_REJECTED],
    ["a pod that calls itself bot", { clientId: "bot", username: SERIAL, password }, ID_REJECTED],
    ["a pod without a client id", { clientId: "", username: SERIAL, password }, ID_REJECTED],
    [
      "a pod without a client id that wants a session",
      { clientId: "", username: SERIAL, password, clean: false },
      ID_REJECTED,
    ],
    ["a pod that speaks version 5", { clientId: SERIAL, username: SERIAL, password, level: 5 }, WRONG_VERSION],
  ])("%s is answered as it should be", async ([, connect, code]) => {
    await using broker = await openBroker();
    using raw = await openRawClient(broker.port);
    raw.send(connectBytes(connect));
    expect((await raw.first(CONNACK)).body[1]).toBe(code);
    if (code !== ACCEPTED) await raw.cut();
    expect(broker.connections()).toBe(code === ACCEPTED ? 1 : 0);
  });

  test("aedes as it comes lets anybody in", async () => {
    await using stock = await openStockBroker();
    using raw = await openRawClient(stock.port);
    raw.send(connectBytes({ clientId: "" }));
    expect((await raw.first(CONNACK)).body[1]).toBe(ACCEPTED);
  });

  test("whoever does not introduce himself is cut after five seconds", async () => {
    await using broker = await openBroker();
    using raw = await openRawClient(broker.port);
    await delay(4_000);
    expect(raw.socket.closed).toBe(false);
    await raw.cut(2_500);
  });
});

describe("a client id", () => {
  test("that is in use ends the older connection of the same user", async () => {
    await using broker = await openBroker();
    using older = await introduceRaw(broker.port, SERIAL);
    await older.first(CONNACK);
    using newer = await introduceRaw(broker.port, SERIAL);
    await newer.first(CONNACK);
    await older.cut();
    expect(broker.connections()).toBe(1);
  });

  test("does not end a connection of another user whose serial begins alike", async () => {
    await using broker = await openBroker();
    await using pod = await connectUser(broker.url, OTHER_SERIAL);
    await using _other = await connectUser(broker.url, SHORT_SERIAL, { clientId: OTHER_SERIAL });
    await delay(100);
    expect([pod.client.connected, broker.connections()]).toEqual([true, 2]);
  });

  test("would do so at aedes as it comes", async () => {
    await using stock = await openStockBroker();
    await using pod = await connectUser(stock.url, OTHER_SERIAL);
    await using _other = await connectUser(stock.url, SHORT_SERIAL, { clientId: OTHER_SERIAL });
    await eventually(() => expect(pod.client.connected).toBe(false));
  });
});

describe("subscribing", () => {
  test.for<[user: string, filter: string, granted: number]>([
    [SERIAL, at("down/command"), 1],
    [SERIAL, at("down/event-ack"), 1],
    [SERIAL, "#", 128],
    [SERIAL, "+/v1/+/down/command", 128],
    [SERIAL, "aromapod/v1/+/down/command", 128],
    [SERIAL, at("down/command", OTHER_SERIAL), 128],
    [SERIAL, at("#"), 128],
    [SERIAL, "$SYS/#", 128],
    [SERIAL, `$share/pods/${at("down/command")}`, 128],
    ["bot", at("up/reply", "+"), 1],
    ["bot", at("up/event", "+"), 128],
    ["bot", "#", 128],
    ["device-db", at("up/event", "+"), 1],
    ["device-db", at("down/command", "+"), 1],
    ["device-db", at("down/event-ack", "+"), 128],
  ])("of %s to %s is answered with %i", async ([user, filter, granted]) => {
    await using broker = await openBroker();
    using raw = await introduceRaw(broker.port, user);
    raw.send(subscribeBytes(filter));
    expect((await raw.first(SUBACK)).body[2]).toBe(granted);
  });

  test("to everything is granted by aedes as it comes", async () => {
    await using stock = await openStockBroker();
    using raw = await introduceRaw(stock.port, SERIAL);
    raw.send(subscribeBytes("#"));
    expect((await raw.first(SUBACK)).body[2]).toBe(1);
  });
});

describe("publishing", () => {
  test.for<[user: string, topic: string, retain: boolean]>([
    [SERIAL, at("up/event", OTHER_SERIAL), false],
    [SERIAL, at("down/command"), false],
    [SERIAL, at("down/event-ack"), false],
    [SERIAL, at("device"), true],
    [SERIAL, at("session"), false],
    [SERIAL, "$SYS/heartbeat", false],
    [SERIAL, at("up/event"), true],
    ["bot", at("down/command"), true],
    ["bot", at("up/event"), false],
    ["bot", at("down/event-ack"), false],
    ["device-db", at("up/event"), false],
  ])("by %s to %s, retained %s, cuts the connection and reaches nobody", async ([user, topic, retain]) => {
    await using broker = await openBroker();
    const seen: string[] = [];
    broker.subscribe("#", (heard) => seen.push(heard));
    using raw = await introduceRaw(broker.port, user);
    await raw.first(CONNACK);
    raw.send(publishBytes(topic, "{}", { retain }));
    await raw.cut();
    expect([raw.ofType(PUBACK), seen.filter((heard) => heard === topic)]).toEqual([[], []]);
  });

  test("goes from the bot to its pod and back", async () => {
    await using broker = await openBroker();
    await using bot = await connectUser(broker.url, "bot");
    await using pod = await connectUser(broker.url, SERIAL);
    await using other = await connectUser(broker.url, OTHER_SERIAL);
    await bot.client.subscribeAsync(at("up/reply", "+"), { qos: 1 });
    await pod.client.subscribeAsync(at("down/command"), { qos: 1 });
    await other.client.subscribeAsync(at("down/command", OTHER_SERIAL), { qos: 1 });
    await bot.client.publishAsync(at("down/command"), "light", { qos: 1 });
    await eventually(() => expect(pod.messages).toMatchObject([{ payload: "light" }]));
    await pod.client.publishAsync(at("up/reply"), "done", { qos: 1 });
    await eventually(() => expect(bot.messages).toMatchObject([{ topic: at("up/reply"), payload: "done" }]));
    expect(other.messages).toEqual([]);
  });

  test("a last will to a foreign topic is not published, one to the own status is", async () => {
    await using broker = await openBroker();
    const seen: string[] = [];
    broker.subscribe("aromapod/#", (topic) => seen.push(topic));
    for (const topic of [at("up/status", OTHER_SERIAL), at("up/status")]) {
      const raw = await introduceRaw(broker.port, SERIAL, { will: { topic, payload: "{}" } });
      await raw.first(CONNACK);
      raw.socket.destroy();
      await eventually(() => expect(broker.connections()).toBe(0));
    }
    await eventually(() => expect(seen).toEqual([at("up/status")]));
  });
});

describe("a session", () => {
  /** Whether a message comes that was published while its subscriber was away. */
  async function isKept(url: string): Promise<boolean> {
    const before = await connectUser(url, SERIAL, { clean: false });
    await before.client.subscribeAsync(at("down/command"), { qos: 1 });
    await before.client.endAsync(true);
    await using bot = await connectUser(url, "bot");
    await bot.client.publishAsync(at("down/command"), "late", { qos: 1 });
    await using after = await connectUser(url, SERIAL, { clean: false });
    await delay(150);
    return after.messages.length > 0;
  }

  test("is not kept for a client that is away, even if it asks for that", async () => {
    await using broker = await openBroker();
    expect(await isKept(broker.url)).toBe(false);
  });

  test("is kept in memory by aedes as it comes", async () => {
    await using stock = await openStockBroker();
    expect(await isKept(stock.url)).toBe(true);
  });
});

describe("closing", () => {
  test("does not wait for a connection that never introduced itself", async () => {
    const broker = await openBroker();
    using _silent = await openRawClient(broker.port);
    using pod = await introduceRaw(broker.port, SERIAL);
    await pod.first(CONNACK);
    const began = performance.now();
    await broker.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    await pod.cut();
  });

  test("would wait for it if only aedes were closed", async () => {
    await using stock = await openStockBroker();
    using _silent = await openRawClient(stock.port);
    await new Promise<void>((resolve) => stock.aedes.close(resolve));
    const closed = new Promise<string>((resolve) => stock.server.close(() => resolve("closed")));
    expect(await Promise.race([closed, delay(1_000, "waits")])).toBe("waits");
  });
});

test("what the in-process side publishes retained is there for whoever comes later", async () => {
  await using broker = await openBroker();
  broker.publish(at("device"), { serial: SERIAL }, true);
  using raw = await introduceRaw(broker.port, "bot");
  raw.send(subscribeBytes(at("device", "+")));
  const { flags, body } = await raw.first(PUBLISH);
  expect([flags & 1, body.toString().endsWith(`{"serial":"${SERIAL}"}`)]).toEqual([1, true]);
});
