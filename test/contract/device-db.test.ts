import { request } from "undici";
import { describe, expect, test } from "vitest";
import { deviceTopic, type SessionNotice, sessionTopic } from "../../device-db/contract.ts";
import { freePorts } from "../../scripts/free-ports.ts";
import { connectUser } from "../support/brokers.ts";
import { openDeliverySystem } from "../support/delivery-system.ts";
import { connectPod, NEW_DEVICE, newEvent, OPERATOR_KEY, openDeviceDb } from "../support/device-db-system.ts";
import { SERIAL } from "../support/devices.ts";
import { eventually } from "../support/eventually.ts";
import { openFaultErp } from "../support/fault-erp.ts";

const DELIVERIES = "SELECT id, state FROM deliveries ORDER BY n";
const AS_OPERATOR = { authorization: `Bearer ${OPERATOR_KEY}` };

describe("the registry", () => {
  test("begins with one device, for everybody on this machine to read", async () => {
    await using deviceDb = await openDeviceDb();
    const device = {
      serial: SERIAL,
      room: "Room 101",
      timeZone: "Asia/Hong_Kong",
      keyVersion: 1,
      enabled: true,
      simulated: true,
      lastSeen: null,
      status: "unknown",
      firmware: null,
      desired: null,
      reported: null,
    };
    expect(await (await deviceDb.get("/api/devices")).json()).toEqual({ data: [device] });
    expect(await (await deviceDb.get(`/api/devices/${SERIAL}`)).json()).toEqual(device);
  });

  test("takes a new device, tells the bot of it and lets it in with the password that it showed once", async () => {
    await using deviceDb = await openDeviceDb();
    await using bot = await connectUser(deviceDb.mqttUrl, "bot");
    await bot.client.subscribeAsync(deviceTopic("+"), { qos: 1 });
    const added = await deviceDb.post("/api/devices", NEW_DEVICE, AS_OPERATOR);
    const { password, ...device } = (await added.json()) as Record<string, unknown>;
    expect([added.status, device]).toEqual([201, { ...NEW_DEVICE, keyVersion: 1, enabled: true, simulated: false }]);
    await eventually(() =>
      expect(bot.messages.map(({ payload }) => JSON.parse(payload) as unknown)).toMatchObject([
        { serial: SERIAL },
        device,
      ]),
    );
    await using _pod = await connectPod(deviceDb.mqttUrl, NEW_DEVICE.serial, String(password));
    const shown = await (await deviceDb.get("/api/devices")).text();
    expect(shown).not.toContain(password);
    expect(JSON.stringify([deviceDb.rows("SELECT * FROM devices"), bot.messages])).not.toContain(password);
  });

  test.for<[what: string, status: number, body: unknown, headers: Record<string, string>]>([
    ["without a key", 401, NEW_DEVICE, {}],
    ["with a wrong key", 401, NEW_DEVICE, { authorization: "Bearer guess" }],
    ["of a device that is there already", 409, { ...NEW_DEVICE, serial: SERIAL }, AS_OPERATOR],
    ["under the name of a service", 409, { ...NEW_DEVICE, serial: "bot" }, AS_OPERATOR],
    ["without a room", 422, { ...NEW_DEVICE, room: "" }, AS_OPERATOR],
    ["with a slash in the serial", 422, { ...NEW_DEVICE, serial: "a/b" }, AS_OPERATOR],
    ["with a plus as serial", 422, { ...NEW_DEVICE, serial: "+" }, AS_OPERATOR],
    ["in a time zone that does not exist", 422, { ...NEW_DEVICE, timeZone: "Mars/Olympus" }, AS_OPERATOR],
    ["with a key version", 422, { ...NEW_DEVICE, keyVersion: 7 }, AS_OPERATOR],
    ["of nothing", 422, null, AS_OPERATOR],
  ])("refuses an addition %s with %i", async ([, status, body, headers]) => {
    await using deviceDb = await openDeviceDb();
    const answer = await deviceDb.post("/api/devices", body, headers);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([status, "application/problem+json"]);
    expect(await answer.json()).toMatchObject({
      type: "about:blank",
      status,
      detail: expect.stringMatching(/\.$/) as string,
    });
    expect(deviceDb.rows("SELECT serial FROM devices")).toEqual([{ serial: SERIAL }]);
  });

  test("refuses what is no JSON with 400", async () => {
    await using deviceDb = await openDeviceDb();
    const answer = await fetch(`${deviceDb.url}/api/devices`, { method: "POST", body: "{", headers: AS_OPERATOR });
    expect(answer.status).toBe(400);
  });

  test("keeps events of devices that are not in it out of the store itself", async () => {
    await using system = await openDeliverySystem({ url: "http://127.0.0.1:9" });
    await expect(system.record("nobody")).rejects.toThrow(/FOREIGN KEY/);
    expect(system.deliveries()).toEqual([]);
  });

  test("lets in nobody that is not in it", async () => {
    await using deviceDb = await openDeviceDb();
    await expect(connectPod(deviceDb.mqttUrl, NEW_DEVICE.serial, "any")).rejects.toThrow();
    await expect(connectPod(deviceDb.mqttUrl, SERIAL, "guess")).rejects.toThrow();
  });
});

describe("a session", () => {
  test("is shown with what the bot told and what the pod reported", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using bot = await connectUser(deviceDb.mqttUrl, "bot");
    await using pod = await connectPod(deviceDb.mqttUrl);
    const at = new Date(Date.now() - 1_000).toISOString();
    const notices: SessionNotice[] = [
      { sessionId: "s1", step: "started", at },
      { sessionId: "s1", step: "answered", at, answer: "b", scent: "wood" },
      { sessionId: "s1", step: "ended", at, commandId: "c1" },
      { sessionId: "s1", step: "confirmed", at, commandId: "c1" },
    ];
    for (const notice of notices)
      await bot.client.publishAsync(sessionTopic(SERIAL), JSON.stringify(notice), { qos: 1 });
    await bot.client.publishAsync(sessionTopic(SERIAL), '{"sessionId":"s1","step":"exploded"}', { qos: 1 });
    const event = newEvent({ sessionId: "s1", commandId: "c1" });
    await pod.report(event);
    await eventually(async () => {
      const view = (await (await deviceDb.get("/api/sessions/s1")).json()) as { hops: { name: string }[] };
      expect(view).toMatchObject({
        id: "s1",
        serial: SERIAL,
        state: "ended",
        answer: "b",
        scent: "wood",
        command: { id: "c1", state: "confirmed" },
        event: { id: event.id, seq: event.seq, status: "checkin", scent: "wood", at: event.at },
        delivery: { id: event.id, sessionId: "s1", state: "delivered", attempts: 1 },
      });
      expect(view.hops.map(({ name }) => name)).toEqual([
        "chat opened",
        "answered",
        "session ended",
        "command confirmed",
        "event reported",
        "event recorded",
        "called",
        "answered",
        "delivered",
      ]);
    });
  });

  test("that nobody knows is not found", async () => {
    await using deviceDb = await openDeviceDb();
    const answer = await deviceDb.get("/api/sessions/unknown");
    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ detail: "No session has this id." });
  });
});

describe("the list of deliveries", () => {
  test("can be narrowed to a state, and to no other word", async () => {
    await using erp = await openFaultErp();
    await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
    await using pod = await connectPod(deviceDb.mqttUrl);
    erp.script.push("none", "rejected");
    const [first, second] = [newEvent(), newEvent({ sessionId: "s2" })];
    await pod.report(first);
    await pod.report(second);
    const list = async (query: string) => (await deviceDb.get(`/api/deliveries${query}`)).json();
    await eventually(async () => expect(await list("?state=dead")).toMatchObject({ data: [{ id: second.id }] }));
    expect(await list("?state=delivered")).toMatchObject({ data: [{ id: first.id, sessionId: null }] });
    expect(await list("?state=held")).toEqual({ data: [] });
    expect(await list("")).toMatchObject({ data: [{ id: second.id }, { id: first.id }] });
    expect(Object.keys(((await list("")) as { data: object[] }).data[0] ?? {})).toEqual([
      "id",
      "serial",
      "sessionId",
      "status",
      "scent",
      "state",
      "attempts",
      "dueAt",
      "evidence",
    ]);
    expect((await deviceDb.get("/api/deliveries?state=lost")).status).toBe(422);
    expect((await deviceDb.get("/api/deliveries?state=")).status).toBe(422);
  });
});

describe("reading", () => {
  const paths = ["/api/devices", `/api/devices/${SERIAL}`, "/api/sessions/x", "/api/deliveries"];

  test.for(["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"])(
    "behind a proxy, as %s shows, needs the operator's key",
    async (header) => {
      await using deviceDb = await openDeviceDb();
      for (const path of paths) {
        expect((await deviceDb.get(path, { [header]: "1" })).status).toBe(401);
        expect((await deviceDb.get(path, { [header]: "1", ...AS_OPERATOR })).status).not.toBe(401);
      }
    },
  );

  test("at a public address needs the operator's key", async () => {
    await using deviceDb = await openDeviceDb({ publicUrl: "https://scent.hotel.example" });
    for (const path of paths) expect((await deviceDb.get(path)).status).toBe(401);
  });

  test("under another host name is refused", async () => {
    await using deviceDb = await openDeviceDb();
    const answer = await request(`${deviceDb.url}/api/devices`, { headers: { host: "evil.example" } });
    expect(answer.statusCode).toBe(403);
    await answer.body.dump();
  });
});

test("health and figures are told", async () => {
  await using erp = await openFaultErp();
  await using deviceDb = await openDeviceDb({ erpUrl: erp.url });
  await using pod = await connectPod(deviceDb.mqttUrl);
  await pod.report(newEvent());
  await eventually(() => expect(deviceDb.rows(DELIVERIES)).toMatchObject([{ state: "delivered" }]));
  const get = async (path: string) => (await deviceDb.get(path)).text();
  expect(await get("/livez")).toBe("ok\n");
  expect(await get("/readyz?verbose")).toBe("[+]store ok\n[+]broker ok\nok\n");
  const metrics = await get("/metrics");
  expect(metrics).toContain("device_db_broker_connections 1\n");
  expect(metrics).toContain('device_db_deliveries{state="delivered"} 1\n');
  expect(metrics).toContain('device_db_deliveries{state="held"} 0\n');
});

describe("the start", () => {
  test("names the setting of a port that is taken, and leaves nothing open", async () => {
    await using first = await openDeviceDb();
    const [mqttPort = 0] = await freePorts(1);
    const portOf = (url: string) => Number(new URL(url).port);
    await expect(openDeviceDb({ mqttPort: portOf(first.mqttUrl) })).rejects.toThrow(/MQTT_PORT\.$/);
    await expect(openDeviceDb({ port: portOf(first.url), mqttPort })).rejects.toThrow(/DEVICE_DB_PORT\.$/);
    await using _second = await openDeviceDb({ mqttPort });
  });
});
