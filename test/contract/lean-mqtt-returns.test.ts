import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openLeanClient, openScripted } from "../support/lean-client.ts";
import { publishBytes, usualAnswer } from "../support/scripted-broker.ts";

describe("a connection that comes back", () => {
  test("is not tried again while it is held, also when a try was due", async () => {
    let isOpen = false;
    const broker = await openScripted((packet) => {
      if (isOpen) return usualAnswer(packet);
      broker.cut();
      return undefined;
    });
    const { client, connected } = openLeanClient({ url: broker.url });
    await eventually(() => expect(broker.connectedAt.length).toBeGreaterThan(2));
    await eventually(() => expect(client.connected()).toBe(false));
    client.hold(true);
    const tries = broker.connectedAt.length;
    await delay(1_200);
    expect(broker.connectedAt.length - tries).toBeLessThanOrEqual(1);
    isOpen = true;
    client.hold(false);
    await connected();
  });

  test("begins with a clean sheet: half a packet of the one before is forgotten", async () => {
    const half = publishBytes("1").subarray(0, 5);
    let times = 0;
    const broker = await openScripted((packet) => {
      if (packet.cmd === "subscribe" && times++ === 0) {
        broker.say(half);
        setTimeout(() => broker.cut(), 50);
        return undefined;
      }
      return usualAnswer(packet);
    });
    const { connected, reasons } = openLeanClient({ url: broker.url });
    await connected();
    expect([broker.connectedAt.length, reasons().filter((reason) => reason.includes("packet"))]).toEqual([2, []]);
  });

  test("bears a listener that fails: that is told, and what follows is heard", async () => {
    const broker = await openScripted();
    const { client, connected, heard } = openLeanClient({ url: broker.url }, (payload) => {
      if (payload === 1) throw new Error("a bug");
    });
    await connected();
    broker.say(publishBytes("1"), publishBytes("2"));
    await eventually(() => expect(heard).toEqual([["a", 2]]));
    expect([client.connected(), broker.connectedAt.length]).toEqual([true, 1]);
  });
});
