import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { startDeviceDb } from "../../device-db/service.ts";
import { openPods } from "../../device-sim/pods.ts";
import { startDeviceSim } from "../../device-sim/service.ts";
import { openPodStore, type PodStore } from "../../device-sim/store.ts";
import { startErp } from "../../erp-stub/service.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog, type Log } from "../../plumbing/log.ts";
import { OPERATOR_KEY } from "./device-db-system.ts";
import { passwordOf } from "./devices.ts";
import { eventually } from "./eventually.ts";
import { furnish } from "./furnish.ts";
import { readPodBooks } from "./ledgers.ts";

const DEPS = { clock: systemClock, log: createLog("silent") };
const ERP_KEY = "erp-key-of-the-tests";

export type PodGround = Awaited<ReturnType<typeof openPodGround>>;

/** A device database with its broker before an ERP that honours keys, where pods of these serials are registered. */
export async function openPodGround(serials: readonly string[]) {
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "pods-"));
  opening.defer(() => rm(dataDir, { recursive: true }));
  await furnish(dataDir, Object.fromEntries(serials.map((serial) => [serial, passwordOf(serial)])));
  const common = { host: "127.0.0.1", port: 0, dataDir };
  const erpConfig = {
    ...common,
    mode: "safe",
    seed: "empty",
    allow: ["127.0.0.1"],
    apiKey: ERP_KEY,
    faults: false,
  } as const;
  const erp = opening.adopt(await startErp(erpConfig, DEPS), (running) => running.close());
  const deviceDb = opening.adopt(
    await startDeviceDb(
      {
        ...common,
        mqttPort: 0,
        reportScents: ["fire", "wood", "water", "air"],
        operatorKey: OPERATOR_KEY,
        publicUrl: undefined,
        mqttSecrets: { bot: "bot", deviceDb: "device-db" },
        firstDevice: { serial: "first", room: "First", timeZone: "Etc/UTC", secret: "first" },
        erp: { url: erp.url, settle: "key", apiKey: ERP_KEY, concurrency: 64, rate: undefined, quiesceMs: 100 },
      },
      DEPS,
    ),
    (running) => running.close(),
  );
  const owned = opening.move();
  return {
    dataDir,
    mqttUrl: deviceDb.mqttUrl,
    pods: serials.map((serial) => ({ serial, password: passwordOf(serial) })),

    /** As an operator. */
    command: async (serial: string, command: { action: string; scent?: string; ttlS: number }): Promise<void> => {
      const answer = await post(`${deviceDb.url}/api/devices/${serial}/commands`, command);
      expect(answer.status).toBe(202);
    },

    books: () => readPodBooks(dataDir),

    /** Until nothing is under way any more, or that takes too long: what is left over then is found in the books. */
    untilStill: (deadlineMs: number) =>
      eventually(() => {
        const { unacked, commands, deliveries } = readPodBooks(dataDir);
        const open = deliveries.filter(({ state }) => state !== "delivered");
        const pending = commands.filter(({ state }) => state === "pending");
        expect({ unacked, pending, open }).toEqual({ unacked: [], pending: [], open: [] });
      }, deadlineMs).catch(() => undefined),

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function post(url: string, body: object): Promise<Response> {
  const headers = { authorization: `Bearer ${OPERATOR_KEY}` };
  return fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
}

/** The simulator of all pods of a ground, once all are connected. */
export async function openSimulator({ dataDir, mqttUrl, pods }: PodGround) {
  const config = {
    host: "127.0.0.1",
    port: 0,
    dataDir,
    mqttUrl,
    pods,
    operatorKey: OPERATOR_KEY,
    timeZone: "Etc/UTC",
    speed: 1,
  };
  const running = await startDeviceSim(config, DEPS);
  await eventually(() => expect(running.ready()).toBe(true));
  return {
    /** What hands do to a pod; tells whether it did anything. */
    hand: async (serial: string, name: string, body: object): Promise<boolean> => {
      const answer = await post(`${running.url}/api/pods/${serial}/${name}`, body);
      expect([200, 409]).toContain(answer.status);
      return answer.ok;
    },
    [Symbol.asyncDispose]: running.close,
  };
}

/** `time` is the pods' own; without it, it is ours. */
type Place = Pick<PodGround, "dataDir" | "mqttUrl" | "pods"> & { time?: Clock; log?: Log };

/** The pods of a ground with another memory than theirs, once all are connected. */
export async function openPodsWith(
  memory: (store: PodStore) => PodStore,
  { dataDir, mqttUrl, pods, time, log }: Place,
) {
  const store = openPodStore(join(dataDir, "device-sim.sqlite"));
  await store.register(
    pods.map(({ serial }) => serial),
    (time ?? DEPS.clock).now(),
  );
  const deps = {
    ...DEPS,
    log: log ?? DEPS.log,
    store: memory(store),
    time: time ?? DEPS.clock,
    watch: { changed: () => undefined },
  };
  const opened = openPods({ url: mqttUrl, ca: undefined }, deps);
  for (const account of pods) opened.add(account);
  await eventually(() => expect(opened.all().every((pod) => pod.connected())).toBe(true));
  return {
    all: opened.all(),
    putOn: (...words: string[]): void => {
      for (const pod of opened.all()) void pod.putOn({ words, seed: 1 });
    },
    [Symbol.asyncDispose]: async (): Promise<void> => {
      await opened.close();
      await store.close();
    },
  };
}
