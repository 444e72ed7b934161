import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import { schedule } from "../../device-sim/pod.ts";
import type { PodStore } from "../../device-sim/store.ts";
import { manualClock } from "../support/clock.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openLogBook } from "../support/log-book.ts";
import { openPodsWith } from "../support/pod-ground.ts";
import { openListener } from "../support/pod-system.ts";

const HOUR = 3_600_000;
/** It begins at eight in the evening in Hong Kong. */
const MORNING = {
  action: "schedule",
  scent: "wood",
  startTime: "08:00:00",
  endTime: "12:00:00",
  timeZone: "Asia/Hong_Kong",
};

/** One pod whose time is moved by hand, at a broker that acknowledges nothing by itself. */
async function openPod(memory = (store: PodStore) => store) {
  const broker = await openListener();
  onTestFinished(() => broker[Symbol.asyncDispose]());
  const dataDir = await mkdtemp(join(tmpdir(), "pod-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const time = manualClock();
  const { log, lines, alerts } = openLogBook();
  const place = { dataDir, mqttUrl: broker.url, pods: [{ serial: SERIAL, password: "" }], time, log };
  const pods = await openPodsWith(memory, place);
  const [pod] = pods.all;
  if (!pod) throw new Error("There is no pod.");
  const ask = async (id: string, fields: object = {}) => {
    broker.command(id, fields);
    await eventually(() => expect(broker.said("up/reply").map(({ commandId }) => commandId)).toContain(id));
  };
  return { broker, pod, time, lines, alerts, ask, close: () => pods[Symbol.asyncDispose]() };
}

describe("without power", () => {
  test("a pod is gone without a word, hears nothing, and starts anew from what is on disk", async () => {
    const { broker, pod, ask, close } = await openPod();
    await ask("c1");
    pod.power(false);
    await eventually(() => expect(broker.said("up/status").at(-1)).toMatchObject({ state: "lost" }));
    broker.command("c2", { scent: "air" });
    await delay(200);
    expect([pod.hasPower(), pod.connected()]).toEqual([false, false]);
    pod.power(true);
    await eventually(() => expect(broker.said("up/status").at(-1)).toMatchObject({ state: "online" }));
    expect(broker.said("up/state").at(-1)).toMatchObject({ stay: "wood", diffusing: "wood", uptimeS: 0 });
    expect(broker.said("up/reply").map(({ commandId }) => commandId)).toEqual(["c1"]);
    await close();
  });

  test("nothing is used up, and no window opens", async () => {
    const { broker, pod, time, ask, close } = await openPod();
    await ask("c1");
    const capsules = () => pod.view().state.capsules;
    time.advance(10 * HOUR);
    expect(capsules()).toMatchObject({ wood: 8.5 });
    await ask("c2", MORNING);
    broker.acknowledge(broker.said("up/event").at(-1)?.id ?? "");
    await eventually(() => expect(pod.unacked()).toBe(0));
    pod.power(false);
    time.advance(4 * HOUR);
    await delay(100);
    expect(pod.unacked()).toBe(0);
    pod.power(true);
    await eventually(() => expect(broker.said("up/event").at(-1)).toMatchObject({ status: "timein" }));
    expect(capsules()).toMatchObject({ wood: 8.5 });
    time.advance(HOUR);
    expect(capsules()).toMatchObject({ wood: 8.35 });
    await close();
  });

  test("nothing is used up of a stay that goes on", async () => {
    const { pod, time, ask, close } = await openPod();
    await ask("c1");
    pod.power(false);
    time.advance(10 * HOUR);
    pod.power(true);
    await eventually(() => expect(pod.connected()).toBe(true));
    await eventually(() => expect(pod.view().state).toMatchObject({ diffusing: "wood", capsules: { wood: 10 } }));
    await close();
  });

  test("what is being kept at that moment sets no alarm: its window opens when there is power again", async () => {
    const { broker, pod, time, ask, close } = await openPod();
    await ask("c1");
    broker.acknowledge(broker.said("up/event").at(-1)?.id ?? "");
    await eventually(() => expect(pod.unacked()).toBe(0));
    const done = pod.handle((now) => schedule(now, MORNING, {}));
    pod.power(false);
    expect((await done).outcome).toBe("accepted");
    time.advance(13 * HOUR);
    await delay(100);
    expect([pod.unacked(), pod.view().state.schedule === null]).toEqual([0, false]);
    pod.power(true);
    await eventually(() => expect(broker.said("up/event").at(-1)).toMatchObject({ status: "timein" }));
    await close();
  });
});

test("after its end a pod does nothing any more, whatever was due", async () => {
  const { time, ask, alerts, close } = await openPod();
  await ask("c1");
  await ask("c2", MORNING);
  await close();
  time.advance(20 * HOUR);
  await delay(200);
  expect(alerts()).toEqual([]);
});

test("what cannot be kept when it is due is tried again once a second of ours, however fast the pod's time goes", async () => {
  let isBroken = false;
  const breaking = (store: PodStore): PodStore => ({
    ...store,
    change: (...args) => (isBroken ? Promise.reject(new Error("disk full")) : store.change(...args)),
  });
  const { broker, time, ask, alerts, close } = await openPod(breaking);
  await ask("c1");
  await ask("c2", MORNING);
  broker.acknowledge(broker.said("up/event").at(-1)?.id ?? "");
  isBroken = true;
  time.advance(12 * HOUR);
  for (let n = 0; n < 10; n++) {
    await delay(20);
    time.advance(60_000);
  }
  expect(alerts()).toEqual(["what was due is not done yet"]);
  isBroken = false;
  await eventually(() => expect(broker.said("up/event").at(-1)).toMatchObject({ status: "timein" }));
  await close();
});

test("a pod at rest writes nothing, though its alarm rings now and then", async () => {
  let changes = 0;
  const counting = (store: PodStore): PodStore => ({
    ...store,
    change: async (...args) => {
      const kept = await store.change(...args);
      if (kept) changes += 1;
      return kept;
    },
  });
  const { time, ask, close } = await openPod(counting);
  await ask("c1");
  for (let hour = 0; hour < 5; hour++) {
    time.advance(HOUR);
    await delay(20);
  }
  expect(changes).toBe(0);
  await close();
});
