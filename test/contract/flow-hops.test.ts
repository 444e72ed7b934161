import { randomUUIDv7 } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { SessionView } from "../../device-db/contract.ts";
import { connectPod, NEW_DEVICE, newEvent, OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";
import { openTellers, STEPS_OF_A_SESSION, stepsOf } from "../support/told-sessions.ts";

type DeviceDb = Awaited<ReturnType<typeof openDeviceDb>>;

const viewOf = async (deviceDb: DeviceDb, id: string) =>
  (await (await deviceDb.get(`/api/sessions/${id}`)).json()) as SessionView;

/** The steps of a flow, once this one is among them. */
const stepsUntil = (deviceDb: DeviceDb, id: string, last: string) =>
  eventually(async () => {
    const view = await viewOf(deviceDb, id);
    expect(stepsOf(view.hops)).toContain(last);
    return view.hops;
  });

describe("a session's hops", () => {
  test("tell what each part did, in the order of the flow, with what was sent", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using tellers = await openTellers(deviceDb);
    const id = await tellers.takeSession();
    const hops = await stepsUntil(deviceDb, id, "device database: delivered");
    const sideways = ["pod: accepted", "bot: command confirmed"];
    expect(stepsOf(hops).filter((step) => !sideways.includes(step))).toEqual(STEPS_OF_A_SESSION);
    const hop = (step: string) => hops[stepsOf(hops).indexOf(step)];
    const sent = (step: string) => JSON.parse(hop(step)?.payload ?? "null") as unknown;
    const [call] = erp.calls;
    const trace = id.replaceAll("-", "");
    expect(hop("phone: answered")).toMatchObject({ detail: '"b"', ok: true });
    expect(hop("bot: session ended")).toMatchObject({ detail: "wood" });
    expect(sent("broker: command handed on")).toMatchObject({ sessionId: id, ttlS: 120 });
    expect(sent("pod: event reported")).toMatchObject({ sessionId: id, scent: "wood" });
    expect(sent("ERP: called")).toMatchObject({
      request: `GET ${erp.url}${String(call?.url)}`,
      headers: { "idempotency-key": call?.key, traceparent: expect.stringContaining(trace) as string },
    });
    expect(hop("ERP: answered")).toMatchObject({ detail: "HTTP 200", ok: true });
    expect(sent("ERP: answered")).toMatchObject({ serial: SERIAL, status: "checkin" });
    expect((await viewOf(deviceDb, id)).traceparent).toContain(trace);
  });

  test("tell what failed, and why", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using tellers = await openTellers(deviceDb);
    erp.script.push("rejected");
    const id = await tellers.takeSession();
    const hops = await stepsUntil(deviceDb, id, "device database: dead");
    expect(hops.filter(({ ok }) => !ok).map(({ part, name, detail }) => [part, name, detail])).toEqual([
      ["ERP", "answered", expect.stringMatching(/^HTTP 4\d\d$/)],
      ["device database", "dead", expect.stringMatching(/^HTTP 4\d\d: /)],
    ]);
    await tellers.told({ sessionId: id, step: "rejected", reason: "no capsule" });
    const rejected = await stepsUntil(deviceDb, id, "bot: command rejected");
    expect(rejected.at(-1)).toMatchObject({ ok: false, detail: "no capsule" });
  });

  test("are told once for what is repeated", async () => {
    await using deviceDb = await openDeviceDb();
    await using tellers = await openTellers(deviceDb);
    for (let n = 0; n < 4; n++) await tellers.command({ id: "c1", sessionId: "s1" });
    const event = newEvent({ sessionId: "s1", commandId: "c1" });
    for (let n = 0; n < 3; n++) await tellers.pod.report(event);
    for (let n = 0; n < 2; n++) await tellers.reply("c1", "duplicate");
    await tellers.told({ sessionId: "s1", step: "confirmed" });
    const steps = stepsOf(await stepsUntil(deviceDb, "s1", "bot: command confirmed"));
    const times = (step: string) => steps.filter((one) => one === step).length;
    expect(times("broker: command handed on")).toBe(1);
    expect(times("broker: command repeated")).toBe(1);
    expect(times("pod: event reported")).toBe(1);
    expect(times("device database: event recorded")).toBe(1);
  });

  test("have no secrets in them, and are no longer than people read", async () => {
    await using deviceDb = await openDeviceDb();
    await using tellers = await openTellers(deviceDb);
    const answer = "my password: hunter22hunter22";
    await tellers.told({ sessionId: "s1", step: "ended", answer, scent: "wood" });
    const hops = await stepsUntil(deviceDb, "s1", "bot: session ended");
    const payload = hops.at(-1)?.payload ?? "";
    expect(payload).toContain("my password: ***");
    expect(deviceDb.rows("SELECT payload FROM hops").filter((row) => JSON.stringify(row).includes("hunter"))).toEqual(
      [],
    );
  });

  test("happen at no later time than they are heard of, whatever a clock says", async () => {
    await using deviceDb = await openDeviceDb();
    await using tellers = await openTellers(deviceDb);
    const told = { sessionId: "s1", step: "started", at: "2199-01-01T00:00:00.000Z" } as const;
    await tellers.told(told);
    const [hop] = await stepsUntil(deviceDb, "s1", "phone: chat opened");
    expect(Math.abs(Date.parse(hop?.at ?? "") - Date.now())).toBeLessThan(10_000);
  });
});

describe("a flow without a session", () => {
  test("is named after its command, and its delivery belongs to it", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using tellers = await openTellers(deviceDb);
    await tellers.command({ id: "c1" });
    await tellers.reply("c1", "accepted");
    await tellers.pod.report(newEvent({ commandId: "c1" }));
    const hops = await stepsUntil(deviceDb, "c1", "device database: delivered");
    expect(stepsOf(hops).filter((step) => /broker|pod|ERP/.test(step))).toEqual([
      "broker: command handed on",
      "pod: accepted",
      "pod: event reported",
      "ERP: called",
      "ERP: answered",
    ]);
  });

  test("or after its event", async () => {
    await using deviceDb = await openDeviceDb();
    await using tellers = await openTellers(deviceDb);
    const event = newEvent({ status: "timein" });
    await tellers.pod.report(event);
    expect(stepsOf(await stepsUntil(deviceDb, event.id, "ERP: called")).slice(0, 2)).toEqual([
      "pod: event reported",
      "device database: event recorded",
    ]);
  });
});

describe("what is said of a device", () => {
  test("that nobody registered is not taken", async () => {
    await using deviceDb = await openDeviceDb();
    await using tellers = await openTellers(deviceDb);
    await tellers.command({ id: "c1", sessionId: "s1" }, "unknown-1");
    await tellers.told({ sessionId: "s2", step: "started" });
    await stepsUntil(deviceDb, "s2", "phone: chat opened");
    expect(deviceDb.rows("SELECT id FROM flows")).toEqual([{ id: "s2" }]);
  });

  test("that is disabled is neither recorded nor acknowledged, until it is enabled again", async () => {
    await using deviceDb = await openDeviceDb();
    await using tellers = await openTellers(deviceDb);
    const event = newEvent({ sessionId: "s1" });
    deviceDb.tamper("UPDATE devices SET enabled = 0");
    await tellers.pod.report(event);
    // A broker that others run takes it before it hands it on.
    await delay(200);
    deviceDb.tamper("UPDATE devices SET enabled = 1");
    const other = newEvent({ sessionId: "s2" });
    await tellers.pod.report(other);
    await eventually(() => expect(tellers.pod.acks).toEqual([other.id]));
    expect(deviceDb.rows("SELECT event_id AS id FROM journal")).toEqual([{ id: other.id }]);
    await tellers.pod.report(event);
    await eventually(() => expect(tellers.pod.acks).toEqual([other.id, event.id]));
  });
});

describe("a pod that names the session of another device", () => {
  test.for(["before", "after"] as const)(
    "%s the other's own event changes nothing there: its event stands by itself",
    async (when) => {
      await using erp = await openFaultErp();
      await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
      await using tellers = await openTellers(deviceDb);
      const key = { authorization: `Bearer ${OPERATOR_KEY}` };
      const added = await deviceDb.post("/api/devices", NEW_DEVICE, key);
      const { serial, password } = (await added.json()) as { serial: string; password: string };
      await using other = await connectPod(deviceDb.mqttUrl, serial, password);
      const sessionId = randomUUIDv7();
      const foreign = newEvent({ sessionId, commandId: `command-of-${sessionId.slice(-12)}`, scent: "fire" });
      if (when === "before") {
        await other.report(foreign);
        await eventually(() => expect(other.acks).toEqual([foreign.id]));
      }
      await tellers.takeSession(sessionId);
      await stepsUntil(deviceDb, sessionId, "device database: delivered");
      if (when === "after") await other.report(foreign);
      await eventually(() => expect(other.acks).toEqual([foreign.id]));
      await eventually(async () => {
        const view = await viewOf(deviceDb, sessionId);
        expect(view).toMatchObject({ serial: SERIAL, event: { scent: "wood" }, delivery: { serial: SERIAL } });
      });
      if (when === "after")
        expect(deviceDb.rows("SELECT session_id FROM deliveries ORDER BY n")).toEqual([
          { session_id: sessionId },
          { session_id: null },
        ]);
    },
  );
});
