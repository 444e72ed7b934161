import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openLeanClient, openScripted } from "../support/lean-client.ts";
import { CA_FILE, OTHER_CA_FILE, openOutsideBroker, SCHEMES } from "../support/outside-broker.ts";
import { payloadsOf, publishBytes } from "../support/scripted-broker.ts";

describe("what the broker says", () => {
  test("is heard and acknowledged, in whatever pieces it comes", async () => {
    const broker = await openScripted();
    const { connected, heard } = openLeanClient({ url: broker.url });
    await connected();
    // What answers the client's first word must not come between the pieces.
    await eventually(() => expect(broker.ofKind("publish")).toHaveLength(1));
    const bytes = publishBytes("1", 11);
    for (const at of bytes.keys()) {
      broker.say(bytes.subarray(at, at + 1));
      await delay(2);
    }
    const last = publishBytes("5", 15);
    broker.say(publishBytes("2", 12), publishBytes("3", 13), publishBytes("not JSON", 14), last.subarray(0, 4));
    await eventually(() => expect(heard).toHaveLength(4));
    broker.say(last.subarray(4));
    await eventually(() => expect(heard).toEqual([1, 2, 3, undefined, 5].map((payload) => ["a", payload])));
    await eventually(() =>
      expect(broker.ofKind("puback").map(({ messageId }) => messageId)).toEqual([11, 12, 13, 14, 15]),
    );
  });

  test("of any size up to a quarter of a megabyte; more ends the connection, which comes back", async () => {
    const broker = await openScripted();
    const { connected, heard, reasons } = openLeanClient({ url: broker.url });
    await connected();
    const long = "x".repeat(256 * 1_024 - 100);
    broker.say(publishBytes(JSON.stringify(long)));
    await eventually(() => expect(heard).toEqual([["a", long]]));
    // The head alone says it.
    broker.say(publishBytes(JSON.stringify(`${long}${long}`)).subarray(0, 10));
    await eventually(() => expect(broker.connectedAt).toHaveLength(2));
    await connected();
    expect(reasons()).toEqual(["a packet is too large"]);
  });

  test.for<[what: string, bytes: number[], reason: string]>([
    ["no packet", [0x00, 0x00], "a packet cannot be read"],
    ["a packet without an end", [0x30, 0xff, 0xff, 0xff, 0xff], "a packet's length cannot be read"],
    ["a web page", [...Buffer.from(`HTTP/1.1 400 Bad Request\r\n${" ".repeat(100)}`)], "a packet cannot be read"],
  ])("and is rubbish, %s, ends its own connection only", async ([, bytes, reason]) => {
    const [bad, good] = [await openScripted(), await openScripted()];
    const [client, other] = [openLeanClient({ url: bad.url }), openLeanClient({ url: good.url })];
    await Promise.all([client.connected(), other.connected()]);
    bad.say(Buffer.from(bytes));
    await eventually(() => expect(bad.connectedAt).toHaveLength(2));
    await client.connected();
    good.say(publishBytes("1"));
    await eventually(() => expect(other.heard).toEqual([["a", 1]]));
    expect([client.reasons(), other.reasons()]).toEqual([[reason], []]);
  });
});

describe("what is published", () => {
  test("while there is no connection is never sent", async () => {
    const broker = await openScripted();
    const { client, connected, heard } = openLeanClient({ url: broker.url });
    client.publish("up", "too early");
    await connected();
    client.hold(true);
    client.publish("up", "as it breaks");
    await eventually(() => expect(heard).toEqual(["closed"]));
    client.publish("up", "meanwhile");
    client.hold(false);
    await connected();
    client.publish("up", "afterwards");
    await eventually(() => expect(payloadsOf(broker.ofKind("publish"))).toEqual(["hello", "hello", "afterwards"]));
  });

  test("goes out as it is if it is bytes, and else as JSON, with QoS 1", async () => {
    const broker = await openScripted();
    const { client, connected } = openLeanClient({ url: broker.url });
    await connected();
    client.publish("up", Uint8Array.of(1, 2, 255), true);
    await eventually(() =>
      expect(broker.ofKind("publish")).toMatchObject([
        { topic: "up", payload: Buffer.from('"hello"'), qos: 1, retain: false, dup: false },
        { topic: "up", payload: Buffer.from([1, 2, 255]), qos: 1, retain: true, dup: false },
      ]),
    );
  });
});

describe.each(SCHEMES)("over %s", (scheme) => {
  test("it hears and is heard, and comes back after the broker was away", async () => {
    await using broker = await openOutsideBroker(scheme);
    const ca = /^(mqtts|wss)$/.test(scheme) ? { ca: readFileSync(CA_FILE, "utf8") } : {};
    const [client, other] = ["c", "d"].map((clientId) => openLeanClient({ url: broker.url, clientId, ...ca }));
    for (let round = 1; round <= 2; round++) {
      await Promise.all([client?.connected(), other?.connected()]);
      client?.client.publish("a", round);
      await eventually(() => expect(other?.heard.at(-1)).toEqual(["a", round]));
      await broker.stop();
      await eventually(() => expect(client?.client.connected()).toBe(false));
      await broker.start();
    }
    await Promise.all([client?.connected(), other?.connected()]);
  });

  test("an IPv6 address is as good as any", async () => {
    const { reasons } = openLeanClient({ url: `${scheme}://[::1]:9` });
    await eventually(() => expect(reasons()).toEqual([expect.stringMatching(/^connect \w+ ::1:9/)]));
  });
});

test.for(["mqtts", "wss"] as const)(
  "over %s, whom another authority vouches for, or nobody known, is not told the password",
  async (scheme) => {
    await using broker = await openOutsideBroker(scheme);
    const other = openLeanClient({ url: broker.url, ca: readFileSync(OTHER_CA_FILE, "utf8") });
    const nobody = openLeanClient({ url: broker.url });
    for (const { reasons } of [other, nobody])
      await eventually(() => expect(reasons()[0]).toMatch(/certificate|self-signed|issuer/));
    expect(broker.clients).toEqual([]);
  },
);
