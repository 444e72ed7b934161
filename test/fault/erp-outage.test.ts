import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { DeviceDbStore } from "../../device-db/store.ts";
import { quantile } from "../bench/statistics.ts";
import { openChatKit } from "../support/chat-kit.ts";
import { type ManualClock, manualClock } from "../support/clock.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { openTcpProxy } from "../support/tcp-proxy.ts";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** The clock may move on between a call's start and its arrival, so that it counts for the second after. */
const LATE_CALLS = 2;

/** An ERP that can be switched off and on. */
async function openErp(clock: ManualClock) {
  await using opening = new AsyncDisposableStack();
  const erp = opening.use(await openFaultErp({ now: () => clock.now() }));
  const line = opening.use(await openTcpProxy(erp.url));
  const owned = opening.move();
  return {
    ...erp,
    url: line.url,
    down: () => line.down(),
    up: () => line.up(),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Lets time pass faster than it does, while everybody comes to work. */
async function pass(clock: ManualClock, ms: number, stepMs = SECOND): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    clock.advance(stepMs);
    await delay(3);
  }
}

async function callsNotSent(deviceDbUrl: string): Promise<number> {
  const metrics = await (await fetch(`${deviceDbUrl}/metrics`)).text();
  return Number(/^device_db_erp_calls_total\{proof="not-sent"\} (\d+)$/m.exec(metrics)?.[1]);
}

/** The most calls that came within any second. */
function mostInASecond(calls: readonly { at: number }[]): number {
  return Math.max(...calls.map(({ at: from }) => calls.filter(({ at }) => at >= from && at < from + SECOND).length));
}

describe("F32: an ERP that is down for half an hour and comes back", () => {
  test("is left alone meanwhile, tried with the oldest call, and then gets all in order at the rate", async () => {
    const clock = manualClock();
    await using erp = await openErp(clock);
    await using system = await openDeliverySystem({
      url: erp.url,
      settle: "operator",
      rate: 20,
      concurrency: 4,
      clock,
    });
    erp.down();
    const ids: Record<string, string[]> = { [SERIAL]: [], [OTHER_SERIAL]: [] };
    for (let n = 0; n < 40; n++)
      for (const [serial, ofDevice] of Object.entries(ids)) ofDevice.push(await system.report(serial));
    await pass(clock, 30 * MINUTE, 5 * SECOND);
    expect(system.deliveries().every(({ state }) => state === "pending")).toBe(true);
    // Five to see that it is down, and one each after 10, 20, 40, 80, 160 and then every 300 seconds.
    const { outcomes, breaker } = system.worker.figures();
    expect(outcomes["not-sent"]).toBeGreaterThanOrEqual(10);
    expect(outcomes["not-sent"]).toBeLessThanOrEqual(20);
    expect(breaker).not.toBe("closed");

    await erp.up();
    erp.script.push("slow");
    await eventually(() => {
      clock.advance(5 * SECOND);
      expect(erp.calls.length).toBeGreaterThan(0);
    });
    // While the first one is under way, which is slow, nothing else is tried.
    clock.advance(SECOND);
    await delay(100);
    expect(erp.calls.map(({ key }) => key)).toEqual([ids[SERIAL]?.[0]]);
    await eventually(() => {
      clock.advance(50);
      expect(system.deliveries().every(({ state }) => state === "delivered")).toBe(true);
    });
    for (const [serial, ofDevice] of Object.entries(ids))
      expect(erp.executions.filter((call) => call.serial === serial).map(({ ref }) => ref)).toEqual(ofDevice);
    expect(mostInASecond(erp.calls)).toBeLessThanOrEqual(20 + LATE_CALLS);
  });
});

describe("an ERP that is down for ten minutes, with 2,000 deliveries waiting", () => {
  const DEVICES = Array.from({ length: 40 }, (_, n) => `backlog-${String(n).padStart(2, "0")}`);
  const WAITING = 2_000;
  const RATE = 20;
  const WATCHED = 300;
  /** Below this no guest sees a difference, however fast the machine usually is. */
  const NOTICEABLE_MS = 150;

  async function addBacklog(store: DeviceDbStore, now: number): Promise<void> {
    await Promise.all(
      DEVICES.map((serial) => store.registry.add({ serial, room: serial, timeZone: "Etc/UTC", simulated: false }, "")),
    );
    const at = new Date(now).toISOString();
    await Promise.all(
      Array.from({ length: WAITING }, (_, n) => {
        const event = {
          id: `waiting-${String(n).padStart(4, "0")}`,
          seq: n + 1,
          status: "checkin",
          scent: "wood",
          at,
        } as const;
        const serial = DEVICES[n % DEVICES.length] ?? "";
        return store.journal.record(serial, event, { report: true, now, reserve: () => false });
      }),
    );
  }

  /** Guests chat one after the other until `work` is done; resolves with the p95 of what they wait for their answer, in ms. */
  async function chatsDuring(chat: () => Promise<number>, work: Promise<unknown>) {
    const took: number[] = [];
    const over = new AbortController();
    const done = work.finally(() => over.abort());
    while (!over.signal.aborted || took.length < 40) {
      took.push(await chat());
      await delay(50);
    }
    await done;
    return { chats: took.length, p95: quantile(took, 0.95) };
  }

  test("drains in order at the rate, and no guest notices", async () => {
    const clock = manualClock();
    await using erp = await openErp(clock);
    const target = { url: erp.url, rate: RATE };
    const usual = await (async () => {
      await using kit = await openChatKit({ erp: target, clock });
      return await chatsDuring(kit.chat, pass(clock, 10 * MINUTE));
    })();
    const before = erp.calls.length;
    erp.down();
    await using kit = await openChatKit({ erp: target, clock, prepare: (store) => addBacklog(store, clock.now()) });
    const down = await chatsDuring(kit.chat, pass(clock, 10 * MINUTE));
    expect(erp.calls).toHaveLength(before);
    // Forty devices that each try again for themselves would have come to some hundreds.
    expect(await callsNotSent(kit.deviceDbUrl)).toBeLessThanOrEqual(20);

    await erp.up();
    await eventually(() => {
      clock.advance(SECOND);
      expect(erp.calls.length).toBeGreaterThan(before);
    });
    const backAt = clock.now();
    const executed = () => erp.executions.slice(before);
    /** Time goes on with each call that the rate lets through; each takes so long at least. */
    const drain = async (count: number, leastMs = 0) => {
      while (executed().length < count) {
        const seen = erp.calls.length;
        const leastTime = delay(leastMs);
        clock.advance(SECOND / RATE);
        for (let ms = 0; ms < 50 && erp.calls.length === seen; ms++) await delay(1);
        await leastTime;
      }
    };
    // Guests chat while time goes at twice its speed at most; what is left then is sent as fast as this machine can.
    const draining = await chatsDuring(kit.chat, drain(WATCHED, SECOND / RATE / 2));
    const total = WAITING + down.chats + draining.chats;
    await drain(total);
    const calls = erp.calls.slice(before);
    const drainedInS = (clock.now() - backAt) / SECOND;

    for (const serial of DEVICES) {
      const refs = executed()
        .filter((call) => call.serial === serial)
        .map(({ ref }) => ref);
      expect(refs).toEqual(refs.toSorted());
      expect(refs).toHaveLength(WAITING / DEVICES.length);
    }
    expect(new Set(executed().map(({ ref }) => ref)).size).toBe(total);
    expect(mostInASecond(calls)).toBeLessThanOrEqual(RATE + LATE_CALLS);
    expect(calls.length / drainedInS).toBeGreaterThan(RATE * 0.9);
    for (const [when, { chats, p95 }] of Object.entries({ down, draining })) {
      const ratio = p95 / usual.p95;
      console.log(`${when}: ${String(chats)} chats, p95 ${p95.toFixed(1)} ms, ${ratio.toFixed(2)} times the usual`);
      expect(p95).toBeLessThan(Math.max(4 * usual.p95, NOTICEABLE_MS));
    }
  }, 150_000);
});
