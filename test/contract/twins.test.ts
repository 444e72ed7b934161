import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Database from "better-sqlite3";
import { describe, expect, onTestFinished, test } from "vitest";
import { MIGRATIONS } from "../../device-db/migrations.ts";
import { openDeviceDbStore } from "../../device-db/store.ts";
import { openTwins } from "../../device-db/twins.ts";
import { podTopic } from "../../device-sim/contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { connectUser } from "../support/brokers.ts";
import { manualClock } from "../support/clock.ts";
import { newEvent, openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { AT_MOSQUITTO } from "../support/kit-broker.ts";
import { openOutsideBroker } from "../support/outside-broker.ts";
import { openRealPod } from "../support/real-pod.ts";

type DeviceDb = Awaited<ReturnType<typeof openDeviceDb>>;

const now = () => new Date().toISOString();
const STATE = { diffusing: "wood", capsules: { fire: 80, wood: 2.5, water: 80, air: 79 }, low: ["wood"], wifi: -61 };

/** The bot as a broker knows it: it asks pods for things. */
async function askAsBot(deviceDb: DeviceDb, id: string, more: object = {}) {
  await using bot = await connectUser(deviceDb.mqttUrl, "bot");
  const command = { id, sessionId: "s1", action: "checkin", scent: "fire", issuedAt: now(), ttlS: 120, ...more };
  await bot.client.publishAsync(podTopic(SERIAL, "down/command"), JSON.stringify(command), { qos: 1 });
  return command.issuedAt;
}

describe("the twin", () => {
  test("of a real pod shows what that reports, unknown fields too, and nothing that it does not", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    await pod.online();
    await eventually(async () =>
      expect(await deviceDb.device()).toMatchObject({ status: "online", firmware: "2.4.1", reported: null }),
    );
    const state = { ...STATE, at: now() };
    await pod.say("up/state", state);
    await eventually(async () => expect((await deviceDb.device()).reported).toEqual(state));
    expect(await deviceDb.device()).toMatchObject({ lastSeen: state.at, desired: null, simulated: true });
  });

  test("stands what guests ask for beside it, and what became of that", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    await pod.say("up/state", { ...STATE, at: now() });
    const at = await askAsBot(deviceDb, "c1");
    const desired = (state: string, reason: string | null = null) => ({
      desired: { diffusing: "fire", at, command: { id: "c1", source: "guest", state, reason } },
      reported: { diffusing: "wood" },
    });
    await eventually(async () => expect(await deviceDb.device()).toMatchObject(desired("pending")));
    await pod.reply("c1", "rejected", "no capsule");
    await eventually(async () => expect(await deviceDb.device()).toMatchObject(desired("rejected", "no capsule")));
    // A repeat that was on its way is no new wish.
    await askAsBot(deviceDb, "c1");
    await delay(100);
    expect(await deviceDb.device()).toMatchObject(desired("rejected", "no capsule"));
  });

  test("of a pod that does not answer in time says that the command is over", async () => {
    await using deviceDb = await openDeviceDb();
    await askAsBot(deviceDb, "c1", { ttlS: 0.3 });
    const command = { id: "c1", state: "expired", reason: "the pod did not answer in time" };
    await eventually(async () => expect((await deviceDb.device()).desired).toMatchObject({ command }));
  });

  test.for<[what: string, name: "up/status" | "up/state", payload: unknown]>([
    ["no JSON", "up/state", "{"],
    ["no state", "up/state", { at: now() }],
    ["less than nothing in a capsule", "up/state", { ...STATE, at: now(), capsules: { wood: -1 } }],
    ["a capsule that nobody knows", "up/state", { ...STATE, at: now(), capsules: { rose: 1 } }],
    ["more than any pod has to say", "up/state", { ...STATE, at: now(), note: "x".repeat(5_000) }],
    ["a deep nest", "up/state", `{"diffusing":null,"at":"${now()}","x":${"[".repeat(30_000)}${"]".repeat(30_000)}}`],
    ["no date", "up/status", { state: "online", firmware: "2.4.1", at: "yesterday" }],
    ["an unknown presence", "up/status", { state: "asleep", firmware: "2.4.1", at: now() }],
  ])("is not changed by what holds %s", async ([, name, payload]) => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    const before = await deviceDb.device();
    await pod.say(name, payload);
    const event = newEvent();
    await pod.say("up/event", event);
    await eventually(() => expect(pod.acks).toEqual([event.id]));
    // Who reports an event is there.
    const heard = { lastSeen: expect.any(String) as string, status: "online" };
    expect(await deviceDb.device()).toEqual({ ...before, ...heard });
  });

  test("is `lost` by a last will, and `offline` by a goodbye", async () => {
    await using deviceDb = await openDeviceDb();
    const status = async () => (await deviceDb.device()).status;
    const first = await openRealPod(deviceDb.mqttUrl);
    await first.online();
    await eventually(async () => expect(await status()).toBe("online"));
    await first.leave(true);
    await eventually(async () => expect(await status()).toBe("lost"));
    await using second = await openRealPod(deviceDb.mqttUrl);
    await second.say("up/status", { state: "offline", firmware: "2.4.1", at: now() });
    await eventually(async () => expect(await status()).toBe("offline"));
  });

  test("is kept over a restart, but for a presence that nobody vouches for any more", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    await pod.online();
    await pod.say("up/state", { ...STATE, at: now() });
    await askAsBot(deviceDb, "c1");
    await pod.reply("c1", "accepted");
    await eventually(async () => expect((await deviceDb.device()).desired?.command.state).toBe("accepted"));
    const before = await deviceDb.device();
    await deviceDb.restart();
    // The embedded broker ends with it, and may come to say the last wills of its clients.
    const status = expect.stringMatching(AT_MOSQUITTO ? "online" : /^(unknown|lost)$/) as "unknown";
    await eventually(async () => expect(await deviceDb.device()).toEqual({ ...before, status }));
  });

  test("is told again by a broker that remembers, without being seen by that", async () => {
    await using broker = await openOutsideBroker();
    await using pod = await openRealPod(broker.url);
    const at = new Date(Date.now() - 3_600_000).toISOString();
    await pod.say("up/status", { state: "online", firmware: "2.4.1", at });
    const account = { clientId: "device-db", username: "device-db", password: "" };
    await using deviceDb = await openDeviceDb({ externalBroker: { url: broker.url, ...account } });
    await eventually(async () => expect(await deviceDb.device()).toMatchObject({ status: "online", lastSeen: at }));
  });
});

describe("the twins' writes", () => {
  async function openStore() {
    const folder = await mkdtemp(join(tmpdir(), "twins-test-"));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    const log = createLog("silent");
    const store = openDeviceDbStore(join(folder, "device-db.sqlite"), log);
    const serials = ["pod-1", "pod-2", "pod-3"];
    for (const serial of serials) await store.registry.add({ serial, room: "R", timeZone: "UTC" }, "hash");
    return { store, log, serials };
  }

  test("are one a second for all that changed, and one at the end", async () => {
    const { store, log, serials } = await openStore();
    const clock = manualClock();
    const saved: number[] = [];
    const counting = {
      ...store.twins,
      save: (twins: Parameters<typeof store.twins.save>[0]) => {
        saved.push(twins.length);
        return store.twins.save(twins);
      },
    };
    const twins = openTwins({ store: counting, clock, log });
    const sayAll = () => {
      for (const serial of serials)
        for (let n = 0; n < 100; n++) twins.replied(serial, { commandId: "c", outcome: "accepted", at: now() });
    };
    sayAll();
    clock.advance(999);
    await delay(50);
    expect(saved).toEqual([]);
    clock.advance(1);
    await eventually(() => expect(store.twins.list()).toHaveLength(3));
    sayAll();
    sayAll();
    clock.advance(1_000);
    await delay(50);
    twins.status("pod-2", { state: "offline", firmware: "1", at: now() });
    await twins.close();
    expect(saved).toEqual([3, 3, 1]);
    expect(new Map(store.twins.list()).get("pod-2")).toMatchObject({ status: "offline" });
    await store.close();
  });

  test("that the store could not take are made up for with the next", async () => {
    const { store, log } = await openStore();
    const clock = manualClock();
    let isFull = true;
    const failing = {
      ...store.twins,
      save: (twins: Parameters<typeof store.twins.save>[0]) =>
        isFull ? Promise.reject(new Error("full")) : store.twins.save(twins),
    };
    const twins = openTwins({ store: failing, clock, log });
    twins.cutOff("pod-1");
    clock.advance(1_000);
    await delay(20);
    isFull = false;
    twins.cutOff("pod-2");
    await twins.close();
    expect(store.twins.list().map(([serial]) => serial)).toEqual(["pod-1", "pod-2"]);
    await store.close();
  });
});

test("in a store of before there were twins, the device that came first is the simulated one", async () => {
  const folder = await mkdtemp(join(tmpdir(), "twins-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const file = join(folder, "device-db.sqlite");
  const old = new Database(file);
  old.exec(`${MIGRATIONS[0] ?? ""}
    INSERT INTO devices (serial, room, time_zone, secret_hash) VALUES ('Z-1', 'R', 'UTC', 'x'), ('A-1', 'R', 'UTC', 'x');
    PRAGMA user_version = 1;`);
  old.close();
  const store = openDeviceDbStore(file, createLog("silent"));
  onTestFinished(() => store.close());
  expect(store.registry.list().map(({ serial, simulated }) => [serial, simulated])).toEqual([
    ["A-1", false],
    ["Z-1", true],
  ]);
});
