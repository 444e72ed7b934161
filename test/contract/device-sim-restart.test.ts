import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { openHome } from "../support/home.ts";
import { openListener, openPodSystem } from "../support/pod-system.ts";

describe("a restart", () => {
  test("keeps what is not acknowledged, what diffuses and which commands are known", async () => {
    await using system = await openPodSystem();
    const { broker, pods } = system;
    for (const id of ["c1", "c2"]) broker.command(id, { scent: "fire" });
    await eventually(() => expect(broker.said("up/reply")).toHaveLength(2));
    await pods.restart();
    await eventually(() => expect(broker.said("up/event")).toHaveLength(2));
    const [before, after] = broker.said("up/event");
    expect(after).toEqual(before);
    expect(broker.said("up/state").at(-1)).toMatchObject({ diffusing: "fire" });
    broker.acknowledge(before?.id ?? "");
    await eventually(() => expect(broker.said("up/event").at(-1)).toMatchObject({ seq: 2, commandId: "c2" }));
    broker.command("c1");
    await eventually(() => expect(broker.said("up/reply").at(-1)).toMatchObject({ outcome: "duplicate" }));
  });

  test("in the middle of many commands loses none and repeats none", async () => {
    await using system = await openPodSystem();
    const { broker, pods } = system;
    const ids = Array.from({ length: 40 }, (_, n) => `c${String(n)}`);
    for (const id of ids) broker.command(id);
    await delay(5);
    await pods.restart();
    await eventually(() => expect(pods.ready()).toBe(true));
    for (const id of ids) broker.command(id);
    for (let seq = 1; seq <= ids.length; seq++) {
      await eventually(() => expect(broker.said("up/event").at(-1)?.seq).toBe(seq));
      broker.acknowledge(broker.said("up/event").at(-1)?.id ?? "");
    }
    const events = new Map(broker.said("up/event").map(({ id, commandId }) => [id, commandId]));
    expect(events.size).toBe(ids.length);
    expect(new Set(events.values())).toEqual(new Set(ids));
  });

  test("remembers the last 1,024 commands, not more", async () => {
    await using system = await openPodSystem();
    const { broker, pods } = system;
    const answersTo = (id: string) =>
      broker.said("up/reply").flatMap(({ commandId, outcome }) => (commandId === id ? [outcome] : []));
    broker.command("first");
    for (let n = 0; n < 1_023; n++) broker.command(`c${String(n)}`, { action: "explode" });
    await eventually(() => expect(broker.said("up/reply")).toHaveLength(1_024));
    await pods.restart();
    await eventually(() => expect(pods.ready()).toBe(true));
    broker.command("first");
    await eventually(() => expect(answersTo("first")).toEqual(["accepted", "duplicate"]));
    broker.command("one-more", { action: "explode" });
    broker.command("first");
    await eventually(() => expect(answersTo("first")).toEqual(["accepted", "duplicate", "accepted"]));
  });
});

describe("a process that is killed", () => {
  test("loses no event and forgets no command", async () => {
    await using broker = await openListener();
    await using home = await openHome();
    const serve = () => home.start(["serve", "device-sim", "--json"], { MQTT_PORT: String(broker.port) });
    const first = serve();
    await eventually(() => expect(broker.said("up/status")).toHaveLength(1));
    for (const id of ["c1", "c2"]) broker.command(id);
    await eventually(() => expect([broker.said("up/event").length, broker.said("up/reply").length]).toEqual([1, 2]));
    await first.stop("SIGKILL");
    await eventually(() => expect(broker.said("up/status").at(-1)).toMatchObject({ state: "lost" }));

    serve();
    await eventually(() => expect(broker.said("up/event")).toHaveLength(2));
    const [before, after] = broker.said("up/event");
    expect(after).toEqual(before);
    broker.command("c1");
    await eventually(() =>
      expect(broker.said("up/reply").at(-1)).toMatchObject({ commandId: "c1", outcome: "duplicate" }),
    );
    broker.acknowledge(before?.id ?? "");
    await eventually(() => expect(broker.said("up/event").at(-1)).toMatchObject({ seq: 2, commandId: "c2" }));
  });

  test("would do both without its folder", async () => {
    await using broker = await openListener();
    await using home = await openHome();
    const serve = (DATA_DIR: string) =>
      home.start(["serve", "device-sim", "--json"], { MQTT_PORT: String(broker.port), DATA_DIR });
    const first = serve("one");
    await eventually(() => expect(broker.said("up/status")).toHaveLength(1));
    broker.command("c1");
    await eventually(() => expect(broker.said("up/event")).toHaveLength(1));
    await first.stop("SIGKILL");
    serve("another");
    await eventually(() => expect(broker.said("up/status").at(-1)).toMatchObject({ state: "online" }));
    broker.command("c1");
    await eventually(() => expect(broker.said("up/reply").at(-1)).toMatchObject({ outcome: "accepted" }));
    const [before, after] = broker.said("up/event");
    expect(after?.id).not.toBe(before?.id);
  });
});
