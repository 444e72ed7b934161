import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { deviceTopic } from "../../device-db/contract.ts";
import { connectUser } from "../support/brokers.ts";
import { NEW_DEVICE, newEvent, OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openOutsideBroker } from "../support/outside-broker.ts";
import { openRealPod } from "../support/real-pod.ts";

const AS_OPERATOR = { authorization: `Bearer ${OPERATOR_KEY}` };
const CUT_OFF_WITHIN_MS = 1_000;

type DeviceDb = Awaited<ReturnType<typeof openDeviceDb>>;

/** A second device, connected. */
async function openOther(deviceDb: DeviceDb) {
  const added = await deviceDb.post("/api/devices", NEW_DEVICE, AS_OPERATOR);
  const { password } = (await added.json()) as { password: string };
  return openRealPod(deviceDb.mqttUrl, NEW_DEVICE.serial, password);
}

describe("a disabled device", () => {
  test("is cut off within a second, is not let in again, and no other is; enabled, it is back", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    await using other = await openOther(deviceDb);
    await pod.online();
    await eventually(async () => expect(await deviceDb.device()).toMatchObject({ status: "online" }));

    const disabledAt = performance.now();
    expect(await deviceDb.operate("disable")).toMatchObject({ status: 200, body: { enabled: false } });
    await eventually(() => expect(pod.connected()).toBe(false), CUT_OFF_WITHIN_MS);
    expect(performance.now() - disabledAt).toBeLessThan(CUT_OFF_WITHIN_MS);
    await expect(openRealPod(deviceDb.mqttUrl)).rejects.toThrow(/Connection refused/);
    expect(other.connected()).toBe(true);
    // Its last will came after it was disabled: nobody knows of a device that is not listened to.
    await delay(100);
    expect(await deviceDb.device()).toMatchObject({ enabled: false, status: "unknown", firmware: "2.4.1" });

    await deviceDb.restart();
    await expect(openRealPod(deviceDb.mqttUrl)).rejects.toThrow(/Connection refused/);
    expect(await deviceDb.operate("enable")).toMatchObject({ status: 200, body: { enabled: true } });
    await using again = await openRealPod(deviceDb.mqttUrl);
    await again.online();
    await eventually(async () => expect(await deviceDb.device()).toMatchObject({ enabled: true, status: "online" }));
  });

  test("would stay connected if only its row in the store said so", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    deviceDb.tamper("UPDATE devices SET enabled = 0");
    await delay(CUT_OFF_WITHIN_MS);
    expect(pod.connected()).toBe(true);
  });

  test("is told to the bot, at once and at its next connection", async () => {
    await using deviceDb = await openDeviceDb();
    await using bot = await connectUser(deviceDb.mqttUrl, "bot");
    await bot.client.subscribeAsync(deviceTopic("+"), { qos: 1 });
    await deviceDb.operate("disable");
    const isEnabled = ({ messages }: typeof bot) =>
      messages.map(({ payload }) => (JSON.parse(payload) as { enabled: boolean }).enabled);
    await eventually(() => expect(isEnabled(bot)).toEqual([true, false]));
    await using late = await connectUser(deviceDb.mqttUrl, "bot");
    await late.client.subscribeAsync(deviceTopic("+"), { qos: 1 });
    await eventually(() => expect(isEnabled(late)).toEqual([false]));
  });

  test("gets no commands and no acknowledgements, also where a broker of others lets it through", async () => {
    await using broker = await openOutsideBroker();
    const account = { clientId: "device-db", username: "device-db", password: "" };
    await using deviceDb = await openDeviceDb({ externalBroker: { url: broker.url, ...account } });
    await using pod = await openRealPod(broker.url);
    await pod.online();
    await eventually(async () => expect(await deviceDb.device()).toMatchObject({ status: "online" }));
    await deviceDb.operate("commands", { action: "checkin", scent: "wood" });
    await eventually(() => expect(pod.commands).toHaveLength(1));
    const before = await deviceDb.device();

    await deviceDb.operate("disable");
    expect(await deviceDb.operate("commands", { action: "checkout" })).toMatchObject({ status: 409 });
    const event = newEvent();
    await pod.say("up/event", event);
    await pod.say("up/state", { diffusing: "fire", at: new Date().toISOString() });
    await pod.reply(String(before.desired?.command.id), "rejected");
    // The first repeat of the open command is due after two seconds.
    await delay(2_500);
    expect([pod.connected(), pod.commands.length, pod.acks]).toEqual([true, 1, []]);
    expect(deviceDb.rows("SELECT * FROM journal")).toEqual([]);
    expect(await deviceDb.device()).toEqual({ ...before, enabled: false, status: "unknown" });

    await deviceDb.operate("enable");
    await pod.say("up/event", event);
    await eventually(() => expect([pod.acks, pod.commands.length]).toEqual([[event.id], 2]));
  });

  test("is no other than a device that nobody registered: 404 for that one, 401 without the key", async () => {
    await using deviceDb = await openDeviceDb();
    for (const path of ["disable", "enable", "rotate"]) {
      const nobody = await deviceDb.operate(path, undefined, "NOBODY-1");
      expect([path, nobody]).toMatchObject([path, { status: 404, body: { detail: expect.any(String) as string } }]);
      expect((await deviceDb.post(`/api/devices/${SERIAL}/${path}`, {})).status).toBe(401);
    }
    expect(await deviceDb.device()).toMatchObject({ enabled: true });
  });
});

describe("a new password", () => {
  test("is the only good one, is shown once, and ends the connection that used the old one", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    await using other = await openOther(deviceDb);
    const { status, body } = await deviceDb.operate("rotate");
    const password = String(body["password"]);
    expect([status, body["serial"], Buffer.from(password, "base64url").length]).toEqual([200, SERIAL, 32]);
    await eventually(() => expect(pod.connected()).toBe(false), CUT_OFF_WITHIN_MS);
    await expect(openRealPod(deviceDb.mqttUrl, SERIAL, passwordOf(SERIAL))).rejects.toThrow(/Connection refused/);
    expect(other.connected()).toBe(true);
    await using _again = await openRealPod(deviceDb.mqttUrl, SERIAL, password);
    const kept = JSON.stringify([deviceDb.rows("SELECT * FROM devices"), await deviceDb.device()]);
    expect(kept).not.toContain(password);

    await deviceDb.restart();
    await using _late = await openRealPod(deviceDb.mqttUrl, SERIAL, password);
  });
});
