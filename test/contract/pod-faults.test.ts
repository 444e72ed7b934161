import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openPodsWith } from "../support/pod-ground.ts";
import { openListener } from "../support/pod-system.ts";

/** One pod, at a broker that acknowledges nothing by itself. */
async function openPod() {
  const broker = await openListener();
  onTestFinished(() => broker[Symbol.asyncDispose]());
  const dataDir = await mkdtemp(join(tmpdir(), "pod-"));
  onTestFinished(() => rm(dataDir, { recursive: true }));
  const place = { dataDir, mqttUrl: broker.url, pods: [{ serial: SERIAL, password: "" }] };
  const { all, putOn, ...pods } = await openPodsWith((store) => store, place);
  onTestFinished(() => pods[Symbol.asyncDispose]());
  const [pod] = all;
  if (!pod) throw new Error("There is no pod.");
  return { broker, pod, putOn };
}

test("a pod that reboots between its events loses none, and says none that was acknowledged again", async () => {
  const { broker, pod, putOn } = await openPod();
  putOn("silent");
  for (const id of ["c1", "c2", "c3"]) broker.command(id);
  await eventually(() => expect(pod.unacked()).toBe(3));
  expect(broker.said("up/event")).toEqual([]);
  putOn("reboot=100%");
  putOn();
  for (const seq of [1, 2, 3]) {
    await eventually(() => expect(broker.said("up/event").at(-1)?.seq).toBe(seq));
    broker.acknowledge(broker.said("up/event").at(-1)?.id ?? "");
  }
  await eventually(() => expect(pod.unacked()).toBe(0));
  expect(new Set(broker.said("up/event").map(({ id }) => id)).size).toBe(3);
});

test("what a pod says when behaviours are taken off makes good what they held back", async () => {
  const { broker, pod, putOn } = await openPod();
  putOn("silent", "late=24h");
  broker.command("c1", { scent: "air" });
  await eventually(() => expect(pod.unacked()).toBe(1));
  expect(broker.said("up/state").at(-1)).toMatchObject({ diffusing: null });
  putOn();
  await eventually(() => expect(broker.said("up/state").at(-1)).toMatchObject({ diffusing: "air" }));
  await eventually(() => expect(broker.said("up/event")).toMatchObject([{ commandId: "c1", scent: "air" }]));
});

test("a pod whose clock is wrong carries out what has time left, and says its own time", async () => {
  const { broker, putOn } = await openPod();
  putOn("clock-skew=-24h");
  broker.command("c1", { ttlS: 1 });
  await eventually(() => expect(broker.said("up/reply")).toMatchObject([{ commandId: "c1", outcome: "accepted" }]));
  const said = Date.parse(broker.said("up/event").at(-1)?.at ?? "");
  expect(Math.abs(Date.now() - 86_400_000 - said)).toBeLessThan(10_000);
});

test("a pod with an empty capsule refuses its scent, until the capsule is full again", async () => {
  const { broker, putOn } = await openPod();
  putOn("empty-capsule=fire");
  await eventually(() => expect(broker.said("up/state").at(-1)).toMatchObject({ capsules: { fire: 0, wood: 10 } }));
  broker.command("c1", { scent: "fire" });
  await eventually(() =>
    expect(broker.said("up/reply").at(-1)).toMatchObject({ commandId: "c1", outcome: "rejected" }),
  );
  putOn();
  await eventually(() => expect(broker.said("up/state").at(-1)).toMatchObject({ capsules: { fire: 10 } }));
  broker.command("c2", { scent: "fire" });
  await eventually(() =>
    expect(broker.said("up/reply").at(-1)).toMatchObject({ commandId: "c2", outcome: "accepted" }),
  );
});

test("a pod without power stays away, whatever behaviours end meanwhile, and hears nothing that one held back", async () => {
  const { broker, pod, putOn } = await openPod();
  putOn("reorder=100%");
  broker.command("c1");
  // It waits for another message to overtake it, for a second at most.
  await delay(200);
  pod.power(false);
  await eventually(() => expect(pod.connected()).toBe(false));
  await delay(1_200);
  putOn("offline");
  putOn();
  await delay(300);
  expect([pod.connected(), pod.unacked()]).toEqual([false, 0]);
  pod.power(true);
  await eventually(() => expect(pod.connected()).toBe(true));
});

test("a pod that is offline stays so when its power comes back", async () => {
  const { pod, putOn } = await openPod();
  putOn("offline");
  pod.power(false);
  pod.power(true);
  await delay(300);
  expect(pod.connected()).toBe(false);
  putOn();
  await eventually(() => expect(pod.connected()).toBe(true));
});
