import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventSchema, replySchema, stateSchema, statusSchema } from "../../device-sim/contract.ts";
import { OTHER_SERIAL, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { type openListener, openPodSystem, openPods } from "../support/pod-system.ts";

describe("a command", () => {
  test("is answered, carried out and reported, each as the contract has it", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    broker.command("c1", { sessionId: "s1", traceparent });
    await eventually(() => expect(broker.said("up/state").at(-1)).toMatchObject({ diffusing: "wood" }));
    expect(broker.said("up/reply")).toEqual([
      { commandId: "c1", outcome: "accepted", at: expect.any(String) as string },
    ]);
    expect(broker.said("up/event")).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f-]{36}$/) as string,
        seq: 1,
        status: "checkin",
        scent: "wood",
        commandId: "c1",
        sessionId: "s1",
        traceparent: expect.stringMatching(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/) as string,
        at: expect.any(String) as string,
      },
    ]);
    for (const [name, schema] of [
      ["up/reply", replySchema],
      ["up/event", eventSchema],
      ["up/state", stateSchema],
      ["up/status", statusSchema],
    ] as const)
      for (const payload of broker.said(name)) schema.strict().parse(payload);
    expect(JSON.stringify(broker.said("up/event"))).not.toContain("b7ad6b7169203331");
    const ofPod = broker.heard.filter(({ topic }) => topic.includes("/up/"));
    expect(new Set(ofPod.map(({ qos }) => qos))).toEqual(new Set([1]));
    const retained = ofPod.filter(({ retain }) => retain).map(({ topic }) => topic.split("/").at(-1));
    expect(new Set(retained)).toEqual(new Set(["state", "status"]));
  });

  test("to check out ends the diffusion", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    broker.command("c1", { scent: "air" });
    await eventually(() => expect(broker.said("up/event")).toHaveLength(1));
    broker.acknowledge(broker.said("up/event")[0]?.id ?? "");
    broker.command("c2", { action: "checkout" });
    await eventually(() => expect(broker.said("up/state").at(-1)).toMatchObject({ diffusing: null }));
    expect(broker.said("up/event")[1]).toMatchObject({ seq: 2, status: "checkout", scent: "air", commandId: "c2" });
  });

  test("that comes again is a duplicate and is not carried out again", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    for (let n = 0; n < 3; n++) broker.command("c1");
    await eventually(() =>
      expect(broker.said("up/reply").map(({ outcome }) => outcome)).toEqual(["accepted", "duplicate", "duplicate"]),
    );
    broker.acknowledge(broker.said("up/event")[0]?.id ?? "");
    await delay(100);
    expect(broker.said("up/event")).toHaveLength(1);
  });

  test("with another id is carried out again", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    for (const id of ["c1", "c2", "c3"]) broker.command(id);
    for (const seq of [1, 2, 3]) {
      await eventually(() => expect(broker.said("up/event").at(-1)?.seq).toBe(seq));
      broker.acknowledge(broker.said("up/event").at(-1)?.id ?? "");
    }
    expect(broker.said("up/event").map(({ commandId }) => commandId)).toEqual(["c1", "c2", "c3"]);
  });

  test.for<[what: string, fields: object, answer: object]>([
    ["no time left", { ttlS: 0 }, { outcome: "expired" }],
    ["less than no time left", { ttlS: -3 }, { outcome: "expired" }],
    ["an unknown action", { action: "explode" }, { outcome: "rejected", reason: 'unknown action "explode"' }],
    ["an unknown scent", { scent: "rose" }, { outcome: "rejected", reason: 'unknown scent "rose"' }],
    ["nothing to check out", { action: "checkout" }, { outcome: "rejected", reason: "nobody has checked in" }],
  ])("with %s is answered so and does nothing, however often it comes", async ([, fields, answer]) => {
    await using system = await openPodSystem();
    const { broker } = system;
    broker.command("c1", fields);
    broker.command("c1", fields);
    await eventually(() => expect(broker.said("up/reply")).toMatchObject([answer, answer]));
    expect(broker.said("up/event")).toEqual([]);
    expect(broker.said("up/state").every(({ diffusing }) => diffusing === null)).toBe(true);
  });

  test("that cannot be read is ignored, and the next one is not", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    for (const payload of [null, [], "text", {}, { id: "a b" }, { id: "c0", action: 1 }])
      broker.publish(`aromapod/v1/${SERIAL}/down/command`, payload);
    broker.command("c1");
    await eventually(() => expect(broker.said("up/reply")).toMatchObject([{ commandId: "c1", outcome: "accepted" }]));
  });

  test("is for one pod only", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    broker.command("c1", {}, OTHER_SERIAL);
    await eventually(() => expect(broker.said("up/event", OTHER_SERIAL)).toHaveLength(1));
    expect([broker.said("up/reply"), broker.said("up/event")]).toEqual([[], []]);
  });
});

describe("an event", () => {
  test("is repeated until it is acknowledged, and then no more", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    broker.command("c1");
    await eventually(() => expect(broker.said("up/event")).toHaveLength(1));
    broker.acknowledge("another-event");
    await eventually(() => expect(broker.said("up/event")).toHaveLength(2));
    const [first, again] = broker.said("up/event");
    expect(again).toEqual(first);
    broker.acknowledge(first?.id ?? "");
    // The next repeat would come after two seconds.
    await delay(2_500);
    expect(broker.said("up/event")).toHaveLength(2);
  });

  test("waits for the acknowledgement of the one before", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    for (const id of ["c1", "c2"]) broker.command(id);
    await eventually(() => expect(broker.said("up/reply")).toHaveLength(2));
    await delay(100);
    expect(broker.said("up/event").map(({ seq }) => seq)).toEqual([1]);
    broker.acknowledge(broker.said("up/event")[0]?.id ?? "");
    await eventually(() => expect(broker.said("up/event").map(({ seq }) => seq)).toEqual([1, 2]));
  });

  test("is said again as soon as a lost connection is back", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    broker.command("c1");
    // After the second repeat the next one would be four seconds away.
    await eventually(() => expect(broker.said("up/event")).toHaveLength(3));
    const cutAt = performance.now();
    broker.cutAll();
    await eventually(() => expect(broker.said("up/event")).toHaveLength(4));
    expect(performance.now() - cutAt).toBeLessThan(1_500);
  });
});

describe("presence", () => {
  const states = (broker: Awaited<ReturnType<typeof openListener>>) =>
    broker.said("up/status").map(({ state }) => state);

  test("is `lost` by the last will when the connection breaks, and `online` when it is back", async () => {
    await using system = await openPodSystem();
    const { broker } = system;
    await eventually(() => expect(states(broker)).toEqual(["online"]));
    broker.cutAll();
    await eventually(() => expect(states(broker)).toEqual(["online", "lost", "online"]));
  });

  test("ends with `offline` after a goodbye, and no last will follows", async () => {
    await using system = await openPodSystem();
    const { broker, pods } = system;
    await pods.stop();
    await delay(100);
    expect(states(broker)).toEqual(["online", "offline"]);
  });
});

test("the simulator is ready while all its pods are connected", async () => {
  await using pods = await openPods("mqtt://127.0.0.1:9");
  expect((await pods.get("/livez")).status).toBe(200);
  const waiting = await pods.get("/readyz?verbose");
  expect([waiting.status, await waiting.text()]).toEqual([503, "[-]broker failed\nnot ready\n"]);
  await using system = await openPodSystem();
  const ready = await system.pods.get("/readyz?verbose");
  expect([ready.status, await ready.text()]).toEqual([200, "[+]broker ok\nok\n"]);
  expect(await (await system.pods.get("/metrics")).text()).toContain("device_sim_pods 2\n");
});
