import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { LeanMqtt } from "../../plumbing/lean-mqtt.ts";
import { bytesOf, type Packet } from "../../plumbing/mqtt-stream.ts";
import { openStockBroker } from "../support/brokers.ts";
import { eventually } from "../support/eventually.ts";
import { openLeanClient, openScripted } from "../support/lean-client.ts";
import { payloadsOf, publishBytes, usualAnswer } from "../support/scripted-broker.ts";

describe("the connection", () => {
  test("is made with the new password after the broker refused the old one", async () => {
    const broker = await openScripted((packet) => {
      if (packet.cmd !== "connect" || String(packet.password) === "second") return usualAnswer(packet);
      return { cmd: "connack", returnCode: 4, sessionPresent: false };
    });
    let password = "first";
    const { client, connected, reasons } = openLeanClient({ url: broker.url, newPassword: () => password });
    await eventually(() => expect(broker.ofKind("connect").length).toBeGreaterThan(1));
    expect([client.refused(), client.connected(), reasons()]).toEqual([
      true,
      false,
      ["Connection refused: Bad username or password"],
    ]);
    password = "second";
    await connected();
    expect(client.refused()).toBe(false);
  });

  test.for([
    [1, "Connection refused: Unacceptable protocol version"],
    [2, "Connection refused: Identifier rejected"],
    [3, "Connection refused: Server unavailable"],
    [5, "Connection refused: Not authorized"],
    [77, "refused with code 77"],
  ] as const)("refused with code %i is tried again, and nothing is taken for granted", async ([returnCode, reason]) => {
    const broker = await openScripted((packet) => {
      const refusal = bytesOf({ cmd: "connack", returnCode, sessionPresent: false });
      const andYet = bytesOf({ cmd: "suback", messageId: 1, granted: [1] });
      if (packet.cmd === "connect") broker.say(refusal, andYet, publishBytes("1"));
      return undefined;
    });
    const { client, heard, reasons } = openLeanClient({ url: broker.url });
    await eventually(() => expect(broker.ofKind("connect").length).toBeGreaterThan(2));
    expect([client.connected(), client.refused(), reasons()]).toEqual([false, returnCode === 5, [reason]]);
    expect([new Set(heard), broker.ofKind("publish")]).toEqual([new Set(["closed"]), []]);
  });

  test("is none while a subscription is not granted", async () => {
    let granted = 128;
    const broker = await openScripted((packet) =>
      packet.cmd === "subscribe"
        ? { cmd: "suback", messageId: packet.messageId ?? 0, granted: [granted] }
        : usualAnswer(packet),
    );
    const { client, connected, reasons } = openLeanClient({ url: broker.url });
    await eventually(() => expect(broker.ofKind("subscribe").length).toBeGreaterThan(1));
    expect([client.connected(), reasons(), broker.ofKind("publish")]).toEqual([
      false,
      ["a subscription is not granted"],
      [],
    ]);
    granted = 1;
    await connected();
  });

  test("is tried again less and less often, and soon again after a good one", async () => {
    let isOpen = false;
    const broker = await openScripted((packet) => {
      if (isOpen) return usualAnswer(packet);
      broker.cut();
      return undefined;
    });
    const { connected } = openLeanClient({ url: broker.url });
    await eventually(() => expect(broker.connectedAt.length).toBeGreaterThan(4));
    for (const [at, ceiling] of [100, 200, 400, 800].entries()) {
      const waited = (broker.connectedAt[at + 1] ?? 0) - (broker.connectedAt[at] ?? 0);
      expect(waited).toBeGreaterThan(ceiling / 2 - 5);
      expect(waited).toBeLessThan(ceiling + 400);
    }
    isOpen = true;
    await connected();
    const cutAt = performance.now();
    broker.cut();
    await connected();
    await eventually(() => expect(broker.connectedAt.at(-1)).toBeGreaterThan(cutAt));
    expect((broker.connectedAt.at(-1) ?? 0) - cutAt).toBeLessThan(700);
  });

  test("is not there as long as it is held, and at once when it is let go", async () => {
    const broker = await openScripted();
    const { client, connected, heard } = openLeanClient({ url: broker.url });
    await connected();
    client.hold(true);
    await eventually(() => expect(heard).toEqual(["closed"]));
    client.cut();
    await delay(500);
    expect([client.connected(), broker.connectedAt.length]).toEqual([false, 1]);
    client.hold(false);
    await connected();
    // In the same moment, and for nothing.
    client.hold(true);
    client.hold(false);
    client.hold(false);
    await eventually(() => expect(broker.connectedAt).toHaveLength(3));
    await connected();
    await delay(300);
    expect(broker.connectedAt).toHaveLength(3);
  });
});

describe("the end", () => {
  test("waits until the broker has what was published last", async () => {
    const acknowledge: (() => void)[] = [];
    const broker = await openScripted((packet) => {
      if (packet.cmd !== "publish") return usualAnswer(packet);
      const { messageId = 0 } = packet;
      acknowledge.push(() => broker.say(bytesOf({ cmd: "puback", messageId })));
      return undefined;
    });
    const { client, connected } = openLeanClient({ url: broker.url });
    await connected();
    client.publish("up", "bye");
    await eventually(() => expect(acknowledge).toHaveLength(2));
    const closed = client.close();
    client.publish("up", "too late");
    acknowledge[0]?.();
    await delay(200);
    expect(broker.ofKind("disconnect")).toEqual([]);
    acknowledge[1]?.();
    await closed;
    await eventually(() => expect(broker.ofKind("disconnect")).toHaveLength(1));
    expect([payloadsOf(broker.ofKind("publish")), broker.connectedAt.length]).toEqual([["hello", "bye"], 1]);
  });

  test.for<[what: string, silent: Packet["cmd"][]]>([
    ["what was published", ["publish"]],
    ["anything", ["subscribe", "publish"]],
  ])("does not wait for ever where the broker says nothing to %s", async ([, silent]) => {
    const broker = await openScripted((packet) => (silent.includes(packet.cmd) ? undefined : usualAnswer(packet)));
    const { client } = openLeanClient({ url: broker.url });
    await eventually(() => expect(broker.ofKind("subscribe")).toHaveLength(1));
    client.publish("up", "early");
    await eventually(() => expect(payloadsOf(broker.ofKind("publish"))).toContain("early"));
    const began = performance.now();
    const closed = client.close();
    // What is granted now is of no use any more.
    broker.say(bytesOf({ cmd: "suback", messageId: 1, granted: [1] }));
    await closed;
    expect(performance.now() - began).toBeLessThan(4_000);
    expect([broker.connectedAt.length, client.connected()]).toEqual([1, false]);
  });

  test("is there at once, with a goodbye, when nothing is under way", async () => {
    const broker = await openScripted();
    const { client, connected } = openLeanClient({ url: broker.url });
    await connected();
    await delay(50);
    const began = performance.now();
    await client.close();
    expect(performance.now() - began).toBeLessThan(1_500);
    await eventually(() => expect(broker.ofKind("disconnect")).toHaveLength(1));
  });

  test.for(["held", "waiting for its next try"])("is there at once for a connection that is %s", async (how) => {
    const broker = await openScripted();
    const { client, connected, heard } = openLeanClient({ url: broker.url });
    await connected();
    if (how === "held") client.hold(true);
    else client.cut();
    await eventually(() => expect(heard).toEqual(["closed"]));
    await client.close();
    client.hold(false);
    await delay(300);
    expect(broker.connectedAt).toHaveLength(1);
  });

  test("is there at once for a connection that breaks in this moment", async () => {
    const broker = await openScripted();
    const { client, connected } = openLeanClient({ url: broker.url });
    await connected();
    client.cut();
    const began = performance.now();
    await client.close();
    expect([performance.now() - began < 1_500, client.connected()]).toEqual([true, false]);
  });

  test.for<[how: string, end: (client: LeanMqtt) => unknown, says: string[]]>([
    ["a cut", (client) => client.cut(), ["hello", "lost", "hello"]],
    ["a hold", (client) => client.hold(true), ["hello", "lost"]],
    ["a close", (client) => client.close(), ["hello"]],
  ])("by %s has the right last words", async ([, end, says]) => {
    await using broker = await openStockBroker();
    const said: unknown[] = [];
    const listen = (packet: { payload: string | Buffer }, done: () => void) => {
      said.push(JSON.parse(packet.payload.toString()));
      done();
    };
    broker.aedes.subscribe("up", listen, () => undefined);
    const { client, connected } = openLeanClient({ url: broker.url });
    await connected();
    await eventually(() => expect(said).toEqual(["hello"]));
    await end(client);
    await eventually(() => expect(said).toEqual(says));
    await delay(300);
    expect(said).toEqual(says);
  });
});
