import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { lockForWriting } from "../support/delivery-system.ts";
import { connectPod, NEW_DEVICE, newEvent, OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";

const JOURNAL = "SELECT event_id AS id, serial, session_id AS sessionId, seq FROM journal ORDER BY n";
const DELIVERIES = "SELECT id, state FROM deliveries ORDER BY n";
const AS_OPERATOR = { authorization: `Bearer ${OPERATOR_KEY}` };

describe("an event", () => {
  test("is recorded, acknowledged and delivered", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using pod = await connectPod(deviceDb.mqttUrl);
    const event = newEvent({ sessionId: "s1" });
    await pod.report(event);
    await eventually(() => expect(pod.acks).toEqual([event.id]));
    expect(deviceDb.rows(JOURNAL)).toEqual([{ id: event.id, serial: SERIAL, sessionId: "s1", seq: event.seq }]);
    await eventually(() => expect(deviceDb.rows(DELIVERIES)).toEqual([{ id: event.id, state: "delivered" }]));
    expect(erp.executions).toEqual([{ ref: event.id, serial: SERIAL, status: "checkin", scent: "wood" }]);
  });

  test("that is repeated is acknowledged each time and recorded once", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using pod = await connectPod(deviceDb.mqttUrl);
    const event = newEvent();
    for (let n = 0; n < 3; n++) await pod.report(event);
    await Promise.all([pod.report(event), pod.report(event)]);
    await eventually(() => expect(pod.acks).toEqual(Array(5).fill(event.id)));
    await deviceDb.restart();
    await using again = await connectPod(deviceDb.mqttUrl);
    await again.report(event);
    await eventually(() => expect(again.acks).toEqual([event.id]));
    expect(deviceDb.rows(JOURNAL)).toHaveLength(1);
    await eventually(() => expect(erp.executions).toHaveLength(1));
  });

  test("is recorded with its delivery or not at all", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await connectPod(deviceDb.mqttUrl);
    const event = newEvent({ sessionId: "s1" });
    deviceDb.tamper("CREATE TRIGGER broken BEFORE INSERT ON deliveries BEGIN SELECT RAISE(ABORT, 'broken'); END");
    await pod.report(event);
    await delay(100);
    expect([deviceDb.rows(JOURNAL), deviceDb.rows("SELECT * FROM hops"), pod.acks]).toEqual([[], [], []]);
    deviceDb.tamper("DROP TRIGGER broken");
    await pod.report(event);
    await eventually(() => expect(pod.acks).toEqual([event.id]));
    expect([deviceDb.rows(JOURNAL).length, deviceDb.rows(DELIVERIES).length]).toEqual([1, 1]);
  });

  test("is neither acknowledged nor delivered before it is on disk, whatever the broker's own PUBACK says", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using pod = await connectPod(deviceDb.mqttUrl);
    const event = newEvent();
    using lock = lockForWriting(deviceDb.file);
    const pubAck = pod.report(event);
    expect(await pubAck).toMatchObject({ cmd: "publish" });
    await delay(300);
    expect([pod.acks, erp.calls]).toEqual([[], []]);
    lock.release();
    expect(deviceDb.rows(JOURNAL)).toEqual([]);
    await pod.report(event);
    await eventually(() => expect([pod.acks, erp.executions.length]).toEqual([[event.id], 1]));
  });

  test.for<[what: string, payload: string | Buffer]>([
    ["nothing", ""],
    ["no JSON", "{"],
    ["null", "null"],
    ["a number", "1"],
    ["a list", "[]"],
    ["no fields", "{}"],
    ["an id with a space", JSON.stringify(newEvent({ id: "a b" }))],
    ["an id of 65 characters", JSON.stringify(newEvent({ id: "x".repeat(65) }))],
    ["seq 0", JSON.stringify(newEvent({ seq: 0 }))],
    ["a fraction as seq", JSON.stringify(newEvent({ seq: 1.5 }))],
    ["an unknown scent", JSON.stringify({ ...newEvent(), scent: "rose" })],
    ["an unknown status", JSON.stringify({ ...newEvent(), status: "explode" })],
    ["no date", JSON.stringify(newEvent({ at: "yesterday" }))],
    ["a hostile prototype", '{"__proto__":{"id":"x"},"constructor":1}'],
    ["a deep nest", `${"[".repeat(10_000)}${"]".repeat(10_000)}`],
    ["no UTF-8", Buffer.from([0xff, 0xfe, 0x00, 0x80])],
  ])("that holds %s is ignored, and the next one is not", async ([, payload]) => {
    await using deviceDb = await openDeviceDb();
    await using pod = await connectPod(deviceDb.mqttUrl);
    await pod.say(payload);
    const event = newEvent();
    await pod.report(event);
    await eventually(() => expect(pod.acks).toEqual([event.id]));
    expect(deviceDb.rows(JOURNAL)).toHaveLength(1);
  });

  test("with fields that nobody knows is taken without them", async () => {
    await using deviceDb = await openDeviceDb();
    await using pod = await connectPod(deviceDb.mqttUrl);
    await pod.say(JSON.stringify({ ...newEvent(), mood: "good" }));
    await eventually(() => expect(pod.acks).toHaveLength(1));
    expect(JSON.stringify(deviceDb.rows("SELECT payload FROM journal"))).not.toContain("mood");
  });

  test("under an id that another device used is neither recorded nor acknowledged", async () => {
    await using deviceDb = await openDeviceDb();
    const added = await deviceDb.post("/api/devices", NEW_DEVICE, AS_OPERATOR);
    const { password } = (await added.json()) as { password: string };
    await using pod = await connectPod(deviceDb.mqttUrl);
    await using other = await connectPod(deviceDb.mqttUrl, NEW_DEVICE.serial, password);
    const event = newEvent();
    await pod.report(event);
    await eventually(() => expect(pod.acks).toHaveLength(1));
    await other.report({ ...event, scent: "fire" });
    await other.report(newEvent());
    await eventually(() => expect(other.acks).toHaveLength(1));
    expect(other.acks).not.toContain(event.id);
    expect(deviceDb.rows(JOURNAL)).toHaveLength(2);
  });

  test("of a scent that is not to be reported is recorded and acknowledged, but not delivered", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url, reportScents: ["wood"] });
    await using pod = await connectPod(deviceDb.mqttUrl);
    const [fire, wood] = [newEvent({ scent: "fire", sessionId: "s1" }), newEvent({ scent: "wood" })];
    await pod.report(fire);
    await pod.report(wood);
    await eventually(() => expect(pod.acks).toEqual([fire.id, wood.id]));
    expect(deviceDb.rows(JOURNAL)).toHaveLength(2);
    await eventually(() => expect(deviceDb.rows(DELIVERIES)).toEqual([{ id: wood.id, state: "delivered" }]));
    expect(await (await deviceDb.get("/api/sessions/s1")).json()).toMatchObject({ serial: SERIAL, delivery: null });
  });
});
