import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import type { Command, DeviceEvent, PodState, PodStatus, Reply } from "../../device-sim/contract.ts";
import { podTopic } from "../../device-sim/contract.ts";
import { startDeviceSim } from "../../device-sim/service.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog } from "../../plumbing/log.ts";
import { openStockBroker } from "./brokers.ts";
import { OPERATOR_KEY } from "./device-db-system.ts";
import { OTHER_SERIAL, passwordOf, SERIAL } from "./devices.ts";
import { eventually } from "./eventually.ts";

type Said = { "up/reply": Reply; "up/event": DeviceEvent; "up/state": PodState; "up/status": PodStatus };

/** aedes as it comes, which hears all that pods say and says what it is told. */
export async function openListener() {
  const broker = await openStockBroker();
  const heard: { topic: string; payload: unknown; retain: boolean; qos: number }[] = [];
  broker.aedes.subscribe(
    "aromapod/#",
    ({ topic, payload, retain, qos }, done) => {
      heard.push({ topic, payload: JSON.parse(payload.toString()), retain, qos });
      done();
    },
    () => undefined,
  );

  function publish(topic: string, payload: unknown): void {
    const packet = {
      cmd: "publish",
      topic,
      payload: JSON.stringify(payload),
      qos: 1,
      retain: false,
      dup: false,
    } as const;
    broker.aedes.publish(packet, () => undefined);
  }

  return {
    port: broker.port,
    url: broker.url,
    heard,
    /** What a pod said on one of its topics, in order. */
    said: <Name extends keyof Said>(name: Name, serial = SERIAL) =>
      heard.filter(({ topic }) => topic === podTopic(serial, name)).map(({ payload }) => payload as Said[Name]),
    publish,
    command: (id: string, fields: Partial<Command> = {}, serial = SERIAL): void => {
      const command = { action: "checkin", scent: "wood", issuedAt: "2026-03-01T12:00:00.000Z", ttlS: 120 };
      publish(podTopic(serial, "down/command"), { id, ...command, ...fields });
    },
    acknowledge: (eventId: string): void => publish(podTopic(SERIAL, "down/event-ack"), { eventId }),
    /** Ends all connections without a word, as a broken network does. */
    cutAll(): void {
      for (const client of Object.values((broker.aedes as unknown as { clients: Record<string, Cuttable> }).clients))
        client.conn.destroy();
    },
    [Symbol.asyncDispose]: () => broker[Symbol.asyncDispose](),
  };
}

type PodsOptions = { serials?: readonly string[]; time?: Clock };

type Cuttable = { conn: { destroy: () => void } };

/** The simulator of some pods, two unless others are named, with a folder of its own, and a time if `time` is given. */
export async function openPods(mqttUrl: string, { serials = [SERIAL, OTHER_SERIAL], time }: PodsOptions = {}) {
  const dataDir = await mkdtemp(join(tmpdir(), "device-sim-"));
  const pods = serials.map((serial) => ({ serial, password: passwordOf(serial) }));
  const config = {
    host: "127.0.0.1",
    port: 0,
    dataDir,
    mqttUrl,
    pods,
    operatorKey: OPERATOR_KEY,
    timeZone: "Asia/Hong_Kong",
    speed: 1,
  };
  const start = () => startDeviceSim(config, { clock: systemClock, log: createLog("silent"), ...(time && { time }) });
  let running: Awaited<ReturnType<typeof start>> | undefined = await start();

  return {
    url: () => running?.url ?? "",
    get: async (path: string) => fetch(`${running?.url ?? ""}${path}`),
    ready: () => running?.ready() ?? false,
    async stop(): Promise<void> {
      await running?.close();
      running = undefined;
    },
    async restart(): Promise<void> {
      await running?.close();
      running = await start();
    },
    async [Symbol.asyncDispose]() {
      await running?.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** The simulator's pods at a broker of its own. */
export async function openPodSystem() {
  await using opening = new AsyncDisposableStack();
  const broker = opening.use(await openListener());
  const pods = opening.use(await openPods(broker.url));
  await eventually(() => expect(pods.ready()).toBe(true));
  const owned = opening.move();
  return { broker, pods, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
