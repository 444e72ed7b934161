import { readFileSync } from "node:fs";
import pino from "pino";
import { describe, expect, onTestFinished, test } from "vitest";
import { deviceTopic } from "../../device-db/contract.ts";
import { createLog } from "../../plumbing/log.ts";
import { connectMqtt } from "../../plumbing/mqtt.ts";
import { freePorts, isFree } from "../../scripts/free-ports.ts";
import { connectUser } from "../support/brokers.ts";
import { beginChat } from "../support/chat-guest.ts";
import { openDeviceDb } from "../support/device-db-system.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { deliveredSession, erpOf, type Kit, openKit } from "../support/kit.ts";
import { CA_FILE, OTHER_CA_FILE, openOutsideBroker, SCHEMES } from "../support/outside-broker.ts";

type OutsideBroker = Awaited<ReturnType<typeof openOutsideBroker>>;

const isEncrypted = ({ url }: { url: string }) => /^(mqtts|wss):/.test(url);

/** A kit at this broker. */
async function openKitAt(broker: OutsideBroker, more: Record<string, string> = {}) {
  const kit = await openKit("safe", {
    MQTT_URL: broker.url,
    ...(isEncrypted(broker) ? { MQTT_CA: CA_FILE } : {}),
    ...more,
  });
  onTestFinished(() => kit[Symbol.asyncDispose]());
  return kit;
}

async function expectOneUsage(kit: Kit, sessionId: string): Promise<void> {
  const { delivery } = await deliveredSession(kit, sessionId);
  expect(await listUsages(erpOf(kit))).toMatchObject([{ ref: delivery.id, scent: "wood" }]);
}

async function takeSession(kit: Kit): Promise<void> {
  const guest = await beginChat(kit.launchUrl);
  expect(await guest.say("b")).toMatchObject({ status: 200 });
  await expectOneUsage(kit, guest.id);
}

describe.each(SCHEMES)("a broker that others run, over %s", (scheme) => {
  test("stands in the place of the embedded one, which does not listen", async () => {
    await using broker = await openOutsideBroker(scheme);
    const [MQTT_PORT = 0] = await freePorts(1);
    const kit = await openKitAt(broker, { MQTT_PORT: String(MQTT_PORT) });
    expect([kit.urls.mqtt, await isFree(MQTT_PORT)]).toEqual([broker.url, true]);
    await takeSession(kit);
    expect(broker.clients.map(({ id, username }) => `${id}: ${username}`).sort()).toEqual(
      [`${SERIAL}: ${SERIAL}`, "bot: bot", "device-db: device-db"].sort(),
    );
  });

  test("answers without a step of 40 ms", async () => {
    await using broker = await openOutsideBroker(scheme);
    const ca = isEncrypted(broker) ? readFileSync(CA_FILE, "utf8") : undefined;
    const [asks, answers] = ["asks", "answers"].map((name) => {
      const account = { url: broker.url, ca, clientId: name, username: name, password: "" };
      const client = connectMqtt(account, createLog("silent"));
      onTestFinished(() => client.close());
      return client;
    });
    answers?.subscribe("question", (_topic, payload) => answers.publish("answer", payload));
    let answered: (payload: unknown) => void = () => undefined;
    asks?.subscribe("answer", (_topic, payload) => answered(payload));
    await eventually(() => expect([asks?.connected(), answers?.connected()]).toEqual([true, true]));
    const roundTrips: number[] = [];
    for (let n = 0; n < 25; n++) {
      const askedAt = performance.now();
      const answer = new Promise((resolve) => {
        answered = resolve;
      });
      asks?.publish("question", n);
      expect(await answer).toBe(n);
      roundTrips.push(performance.now() - askedAt);
    }
    // On a busy machine some take long.
    expect(roundTrips.toSorted((a, b) => a - b)[6]).toBeLessThan(20);
  });
});

describe("a broker that others run", () => {
  test("gets the services' own user name where one is set, and each pod's as ever", async () => {
    await using broker = await openOutsideBroker();
    const passwords: Record<string, string> = {};
    broker.letIn((username, password) => {
      passwords[username] = password;
      return true;
    });
    const { secrets } = await openKitAt(broker, { MQTT_USER: "hotel", MQTT_PASSWORD: "s3cret" });
    expect(passwords).toEqual({ hotel: "s3cret", [SERIAL]: secrets.devices[SERIAL] });
    expect(broker.clients.map(({ id }) => id).sort()).toEqual([SERIAL, "hotel-bot", "hotel-device-db"].sort());
  });

  test.for(["before", "after"] as const)(
    "may be away and forget everything just %s the guest answers: the registry is told anew, and it is one usage",
    async (moment) => {
      await using broker = await openOutsideBroker();
      const kit = await openKitAt(broker);
      const guest = await beginChat(kit.launchUrl);
      if (moment === "before") await broker.stop();
      expect(await guest.say("b")).toMatchObject({ status: 200 });
      await broker.stop();
      const ready = async () => (await fetch(`${kit.urls.deviceDb}/readyz?verbose`)).text();
      await eventually(async () => expect(await ready()).toContain("[-]broker failed\n"));
      await broker.start();
      await expectOneUsage(kit, guest.id);
      expect(await ready()).toContain("[+]broker ok\n");
      await using late = await connectUser(broker.url, "late");
      await late.client.subscribeAsync(deviceTopic("+"), { qos: 1 });
      await eventually(() => expect(late.messages).toMatchObject([{ topic: deviceTopic(SERIAL), retain: true }]));
    },
  );
});

describe("a device database that does not get in", () => {
  /** A log that can be read. */
  function openLog() {
    const lines: Record<string, unknown>[] = [];
    return { log: pino({}, { write: (line) => lines.push(JSON.parse(line) as Record<string, unknown>) }), lines };
  }

  const ca = (file: string | undefined) => file && readFileSync(file, "utf8");

  test.for<[what: string, scheme: (typeof SCHEMES)[number], caFile: string | undefined, reason: RegExp]>([
    ["the broker is another authority's", "mqtts", OTHER_CA_FILE, /unable to (verify|get)/],
    ["the broker is another authority's, over wss", "wss", OTHER_CA_FILE, /unable to (verify|get)/],
    ["the broker's authority is not told of", "mqtts", undefined, /unable to (verify|get)/],
    ["the password is wrong", "mqtt", undefined, /^Connection refused: Not authorized$/],
    ["the password is wrong, over wss", "wss", CA_FILE, /^Connection refused: Not authorized$/],
    ["nobody listens", "ws", undefined, /ECONNREFUSED/],
  ])("because %s says so once, is not ready, and lives", async ([what, scheme, caFile, reason]) => {
    await using broker = await openOutsideBroker(scheme);
    broker.letIn(() => !what.startsWith("the password"));
    if (what === "nobody listens") await broker.stop();
    const { log, lines } = openLog();
    const account = { url: broker.url, ca: ca(caFile), clientId: "device-db", username: "device-db" };
    const externalBroker = { ...account, password: passwordOf("device-db") };
    await using deviceDb = await openDeviceDb({ externalBroker, log });
    await eventually(() => expect(broker.clients.length + lines.length).toBeGreaterThan(0));
    // Long enough for some more tries.
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(lines).toMatchObject([{ msg: "broker connection failed", broker: broker.url, clientId: "device-db" }]);
    expect(lines[0]?.["reason"]).toMatch(reason);
    expect(JSON.stringify(lines)).not.toContain(passwordOf("device-db"));
    const ready = await deviceDb.get("/readyz?verbose");
    expect([ready.status, await ready.text()]).toEqual([503, "[+]store ok\n[-]broker failed\nnot ready\n"]);
    expect((await deviceDb.get("/api/devices")).status).toBe(200);

    if (/unable/.test(reason.source)) return;
    broker.letIn(() => true);
    await broker.start();
    await eventually(async () => expect((await deviceDb.get("/readyz")).status).toBe(200));
    expect(lines.map(({ msg }) => msg)).toEqual(["broker connection failed", "broker connected"]);
  });
});
