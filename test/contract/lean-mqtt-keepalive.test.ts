import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Packet } from "../../plumbing/mqtt-stream.ts";
import { eventually } from "../support/eventually.ts";
import { openLeanClient, openScripted } from "../support/lean-client.ts";
import { publishBytes, usualAnswer } from "../support/scripted-broker.ts";

const KEEPALIVE_MS = 30_000;

type Broker = Awaited<ReturnType<typeof openScripted>>;

describe("a connection without a word for a while", () => {
  test("stays where the broker answers", async () => {
    const { broker, reasons } = await openQuiet();
    for (const pings of [1, 2, 3, 4]) await letPassUntil(broker, pings);
    expect(broker.ofKind("connect")).toMatchObject([{ keepalive: KEEPALIVE_MS / 1_000, clean: true }]);
    expect([broker.ofKind("pingreq").length, broker.connectedAt.length, reasons()]).toEqual([4, 1, []]);
  });

  test("ends where it does not, and comes back", async () => {
    const { broker, connected, reasons } = await openQuiet((packet) =>
      packet.cmd === "pingreq" ? undefined : usualAnswer(packet),
    );
    await letPassUntil(broker, 1);
    expect(reasons()).toEqual([]);
    vi.advanceTimersByTime(KEEPALIVE_MS);
    await eventually(() => expect(reasons()).toEqual(["no answer"]));
    vi.advanceTimersByTime(100);
    await connected();
    expect([broker.ofKind("pingreq").length, broker.connectedAt.length]).toEqual([1, 2]);
  });
});

/** The keepalive passes once; the ping is at the broker then, and its answer, if there is one, has come back. */
async function letPassUntil(broker: Broker, pings: number): Promise<void> {
  vi.advanceTimersByTime(KEEPALIVE_MS);
  await eventually(() => expect(broker.ofKind("pingreq")).toHaveLength(pings));
  await delay(100);
}

async function openQuiet(answer?: (packet: Packet) => Packet | undefined) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const broker = await openScripted(answer);
  const lean = openLeanClient({ url: broker.url });
  await eventually(() => expect(broker.ofKind("publish")).toHaveLength(1));
  // What comes in order after the answer to the greeting: from here on nothing is on its way.
  broker.say(publishBytes("1"));
  await eventually(() => expect(lean.heard).toEqual([["a", 1]]));
  return { broker, ...lean };
}
