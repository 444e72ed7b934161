import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { FlowSummary, SessionView } from "../../device-db/contract.ts";
import { lockForWriting } from "../support/delivery-system.ts";
import { NEW_DEVICE, newEvent, OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { passwordOf, SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { AT_MOSQUITTO } from "../support/kit-broker.ts";
import { openRealPod, type RealPod } from "../support/real-pod.ts";

const CHECKIN = { action: "checkin", scent: "wood" };
const COMMANDS = "SELECT id, state, reason FROM commands ORDER BY issued_at, id";

type DeviceDb = Awaited<ReturnType<typeof openDeviceDb>>;

async function send(deviceDb: DeviceDb, body: object = CHECKIN): Promise<string> {
  const { status, body: view } = await deviceDb.operate("commands", body);
  expect([status, view]).toEqual([
    202,
    { id: expect.any(String) as string, source: "operator", state: "pending", reason: null },
  ]);
  return String(view["id"]);
}

/** What the pod got of one command. */
const copies = (pod: RealPod, id: string) => pod.commands.filter((command) => command.id === id);

async function hopsOf(deviceDb: DeviceDb, flowId: string): Promise<string[]> {
  const { hops } = (await (await deviceDb.get(`/api/sessions/${flowId}`)).json()) as SessionView;
  return hops.map(({ part, name, ok, detail }) => `${ok ? "" : "! "}${part}: ${name} ${detail}`.trim());
}

describe("a command of an operator", () => {
  test("reaches a real pod as the contract has it, and ends with its reply", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    const id = await send(deviceDb, { action: "schedule", scent: "air", startTime: "18:30:00", endTime: "23:00:00" });
    await eventually(() => expect(pod.commands).toHaveLength(1));
    expect(pod.commands[0]).toEqual({
      id,
      action: "schedule",
      scent: "air",
      startTime: "18:30:00",
      endTime: "23:00:00",
      timeZone: "Asia/Hong_Kong",
      issuedAt: expect.any(String) as string,
      ttlS: expect.closeTo(120, 0) as number,
      traceparent: expect.stringMatching(`^00-${id.replaceAll("-", "")}-[0-9a-f]{16}-01$`) as string,
    });
    await pod.reply(id, "accepted");
    await eventually(() => expect(deviceDb.rows(COMMANDS)).toEqual([{ id, state: "accepted", reason: null }]));
    expect((await deviceDb.device()).desired).toMatchObject({ command: { id, source: "operator", state: "accepted" } });
    await eventually(async () =>
      expect(await hopsOf(deviceDb, id)).toEqual([
        "device database: command issued by an operator: schedule air",
        "broker: command handed on schedule air",
        "pod: accepted",
      ]),
    );
    const { data } = (await (await deviceDb.get("/api/flows")).json()) as { data: FlowSummary[] };
    expect(data).toMatchObject([{ id, serial: SERIAL, state: "command", ok: true }]);
  });

  test("is repeated with the life that is left until its own pod replies, and no more then", async () => {
    await using deviceDb = await openDeviceDb();
    const added = await deviceDb.post("/api/devices", NEW_DEVICE, { authorization: `Bearer ${OPERATOR_KEY}` });
    const { password } = (await added.json()) as { password: string };
    await using pod = await openRealPod(deviceDb.mqttUrl);
    const known = AT_MOSQUITTO ? passwordOf(NEW_DEVICE.serial) : password;
    await using other = await openRealPod(deviceDb.mqttUrl, NEW_DEVICE.serial, known);
    const id = await send(deviceDb);
    await eventually(() => expect(pod.commands).toHaveLength(1));
    await other.reply(id, "accepted");
    await eventually(() => expect(pod.commands).toHaveLength(2));
    expect(pod.commands.map(({ ttlS }) => Math.round(ttlS))).toEqual([120, 118]);
    await pod.reply(id, "duplicate");
    await eventually(() => expect(deviceDb.rows(COMMANDS)).toMatchObject([{ id, state: "accepted" }]));
    // The next repeat would come four seconds after the last one.
    await delay(4_500);
    expect([pod.commands.length, other.commands.length]).toEqual([2, 0]);
  });

  test("that its pod rejects is told with the reason", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    const id = await send(deviceDb, { action: "checkin", scent: "rose" });
    await eventually(() => expect(pod.commands).toHaveLength(1));
    await pod.reply(id, "rejected", 'unknown scent "rose"');
    const rejected = { state: "rejected", reason: 'unknown scent "rose"' };
    await eventually(() => expect(deviceDb.rows(COMMANDS)).toEqual([{ id, ...rejected }]));
    expect((await deviceDb.device()).desired).toMatchObject({ diffusing: "rose", command: { id, ...rejected } });
    await eventually(async () => expect(await hopsOf(deviceDb, id)).toContain('! pod: rejected unknown scent "rose"'));
  });

  test("whose pod is away expires; a pod that did carry it out has the last word", async () => {
    await using deviceDb = await openDeviceDb();
    const id = await send(deviceDb, { ...CHECKIN, ttlS: 1 });
    const expired = { state: "expired", reason: "the pod did not answer in time" };
    await eventually(() => expect(deviceDb.rows(COMMANDS)).toEqual([{ id, ...expired }]));
    expect((await deviceDb.device()).desired).toMatchObject({ command: { id, ...expired } });
    await eventually(async () =>
      expect(await hopsOf(deviceDb, id)).toContain(`! device database: command expired ${expired.reason}`),
    );
    await using pod = await openRealPod(deviceDb.mqttUrl);
    await delay(100);
    expect(pod.commands).toEqual([]);

    await pod.say("up/event", newEvent({ commandId: id }));
    await eventually(() => expect(deviceDb.rows(COMMANDS)).toEqual([{ id, state: "accepted", reason: null }]));
    expect((await deviceDb.device()).desired).toMatchObject({ command: { id, state: "accepted", reason: null } });
  });

  test("is on disk when it is answered for, and sent again after a restart", async () => {
    await using deviceDb = await openDeviceDb();
    const ids = [await send(deviceDb), await send(deviceDb, { action: "checkout" })];
    expect(deviceDb.rows(COMMANDS)).toEqual(ids.map((id) => ({ id, state: "pending", reason: null })));
    await deviceDb.restart();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    await eventually(() => expect(ids.map((id) => copies(pod, id).length)).toEqual([1, 1]));
    expect((await deviceDb.device()).desired).toMatchObject({ diffusing: null, command: { id: ids[1] } });
    for (const id of ids) await pod.reply(id, "accepted");
    await eventually(() =>
      expect(deviceDb.rows(COMMANDS)).toMatchObject([{ state: "accepted" }, { state: "accepted" }]),
    );
    await deviceDb.restart();
    await using again = await openRealPod(deviceDb.mqttUrl);
    await delay(2_500);
    expect(again.commands).toEqual([]);
  });

  test("does not leave before it is on disk", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await openRealPod(deviceDb.mqttUrl);
    using lock = lockForWriting(deviceDb.file);
    expect(await deviceDb.operate("commands", CHECKIN)).toMatchObject({ status: 500 });
    await delay(200);
    expect([pod.commands, (await deviceDb.device()).desired]).toEqual([[], null]);
    lock.release();
    const id = await send(deviceDb);
    await eventually(() => expect(pod.commands).toMatchObject([{ id }]));
  });

  test.for<[what: string, status: number, body: unknown, detail: RegExp]>([
    ["of an unknown action", 422, { action: "explode" }, /^action: must be one of checkin, checkout, schedule\.$/],
    ["without a scent", 422, { action: "checkin" }, /^scent: is needed for this action\.$/],
    ["with an unknown field", 422, { ...CHECKIN, mood: "good" }, /mood/],
    ["with a life of no time", 422, { ...CHECKIN, ttlS: 0 }, /^ttlS: /],
    ["with a life of two days", 422, { ...CHECKIN, ttlS: 172_800 }, /^ttlS: /],
    ["to a schedule without an end", 422, { ...CHECKIN, action: "schedule", startTime: "18:00:00" }, /^startTime: /],
    ["at a time that no clock shows", 422, { ...CHECKIN, startTime: "25:00:00", endTime: "1" }, /^startTime: /],
    ["in a time zone that does not exist", 422, { ...CHECKIN, timeZone: "Mars/Olympus" }, /^timeZone: /],
    ["of nothing", 422, null, /\.$/],
  ])("%s is refused with %i and a sentence, and leaves nothing", async ([, status, body, detail]) => {
    await using deviceDb = await openDeviceDb();
    expect(await deviceDb.operate("commands", body)).toMatchObject({
      status,
      body: { detail: expect.stringMatching(detail) as string },
    });
    expect([deviceDb.rows(COMMANDS), (await deviceDb.device()).desired]).toEqual([[], null]);
  });

  test("is refused without the operator's key, and for a device that is not there", async () => {
    await using deviceDb = await openDeviceDb();
    expect((await deviceDb.post(`/api/devices/${SERIAL}/commands`, CHECKIN)).status).toBe(401);
    expect(await deviceDb.operate("commands", CHECKIN, "NOBODY-1")).toMatchObject({
      status: 404,
      body: { detail: 'No device "NOBODY-1" is registered.' },
    });
    expect(deviceDb.rows(COMMANDS)).toEqual([]);
  });
});
