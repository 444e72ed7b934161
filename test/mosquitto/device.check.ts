import { randomUUIDv7 } from "node:crypto";
import { tmpdir } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import type { DeviceView } from "../../device-db/contract.ts";
import {
  type Command,
  commandSchema,
  type DeviceEvent,
  eventAckSchema,
  type PodStatus,
  type PodTopic,
  podTopic,
  type Scent,
} from "../../device-sim/contract.ts";
import { beginChat } from "../support/chat-guest.ts";
import { OTHER_SERIAL } from "../support/devices.ts";
import { listUsages } from "../support/erp-calls.ts";
import { eventually } from "../support/eventually.ts";
import { askOperator, deliveredSession, erpOf, listDeliveries, openKit } from "../support/kit.ts";
import { runProcess, startProcess } from "../support/process.ts";

/** A device is two connections here, and the shipped settings of Mosquitto allow one: so the broker is the embedded one. */
const EMBEDDED = { MQTT_URL: "" };
const HERE = { cwd: tmpdir() };
/** Longer than a last will takes, on a busy machine too. */
const QUIET_MS = 1_000;

type Kit = Awaited<ReturnType<typeof openKit>>;

async function operate<T>({ urls, secrets }: Kit, path: string, body: object): Promise<T> {
  const headers = { authorization: `Bearer ${secrets.operatorKey}` };
  const answer = await fetch(urls.deviceDb + path, { method: "POST", headers, body: JSON.stringify(body) });
  expect(answer.ok).toBe(true);
  return (await answer.json()) as T;
}

const ask = (kit: Kit, command: { action: string; scent?: string }) =>
  operate<{ id: string }>(kit, `/api/devices/${OTHER_SERIAL}/commands`, command);

async function statusAt({ urls }: Kit): Promise<DeviceView["status"]> {
  return ((await (await fetch(`${urls.deviceDb}/api/devices/${OTHER_SERIAL}`)).json()) as DeviceView).status;
}

const statusOf = (state: PodStatus["state"]): PodStatus => ({ state, firmware: "2.4.1", at: new Date().toISOString() });

/** A real device as far as the kit can tell: mosquitto_sub is its ears and mosquitto_pub its mouth. */
async function openDevice(kit: Kit) {
  const row = { serial: OTHER_SERIAL, room: "Room 102", timeZone: "Asia/Hong_Kong" };
  const { password } = await operate<{ password: string }>(kit, "/api/devices", row);
  const { hostname, port } = new URL(kit.urls.mqtt);
  const account = ["-V", "mqttv311", "-h", hostname, "-p", port, "-u", OTHER_SERIAL, "-P", password, "-q", "1"];
  const at = (name: PodTopic) => podTopic(OTHER_SERIAL, name);
  const will = ["--will-topic", at("up/status"), "--will-payload", JSON.stringify(statusOf("lost"))];
  const topics = ["-t", at("down/command"), "-t", at("down/event-ack")];
  const args = [...account, "-i", OTHER_SERIAL, ...will, "--will-qos", "1", "--will-retain", ...topics, "-v"];
  const ears = startProcess("mosquitto_sub", args, HERE);

  function heard(name: "down/command" | "down/event-ack"): unknown[] {
    const lines = ears.output.stdout.split("\n").slice(0, -1);
    const begin = `${at(name)} `;
    return lines.filter((line) => line.startsWith(begin)).map((line) => JSON.parse(line.slice(begin.length)));
  }

  async function say(name: PodTopic, payload: object, ...more: string[]): Promise<void> {
    const message = ["-i", `${OTHER_SERIAL}-mouth`, "-t", at(name), "-m", JSON.stringify(payload), ...more];
    const { code, stderr } = await runProcess("mosquitto_pub", [...account, ...message], HERE);
    expect([code, stderr]).toEqual([0, ""]);
  }

  const acks = () => heard("down/event-ack").map((ack) => eventAckSchema.parse(ack).eventId);

  return {
    acks,
    say,
    /** The command, once it is heard. */
    hears: (isMeant: (command: Command) => boolean): Promise<Command> =>
      eventually(() => {
        const commands = heard("down/command").map((command) => commandSchema.parse(command));
        const found = commands.find(isMeant);
        if (!found) throw new Error(`Not heard yet; heard: ${JSON.stringify(commands)}`);
        return found;
      }),
    accept: (commandId: string) => say("up/reply", { commandId, outcome: "accepted", at: new Date().toISOString() }),
    /** Says it again and again until it is acknowledged. */
    report: (event: DeviceEvent): Promise<void> =>
      eventually(async () => {
        await say("up/event", event);
        expect(acks()).toContain(event.id);
      }),
    show: (state: PodStatus["state"]) => say("up/status", statusOf(state), "-r"),
    leave: ears.stop,
    [Symbol.asyncDispose]: ears[Symbol.asyncDispose],
  };
}

let events = 0;

function eventOf({ id, sessionId }: Command, what: { status: DeviceEvent["status"]; scent: Scent }): DeviceEvent {
  events += 1;
  const cause = { commandId: id, ...(sessionId === undefined ? {} : { sessionId }) };
  return { id: randomUUIDv7(), seq: events, ...what, ...cause, at: new Date().toISOString() };
}

const CHECK_IN = { status: "checkin", scent: "wood" } as const;
const CHECK_OUT = { status: "checkout", scent: "wood" } as const;

test("what an operator asks of it becomes one usage, however often it reports its event", async () => {
  await using kit = await openKit("legacy", EMBEDDED);
  await using device = await openDevice(kit);
  await device.show("online");
  await eventually(async () => expect(await statusAt(kit)).toBe("online"));
  const { id } = await ask(kit, { action: "checkin", scent: "wood" });
  const command = await device.hears((one) => one.id === id);
  expect(command).toMatchObject({ action: "checkin", scent: "wood" });
  await device.accept(id);
  const event = eventOf(command, CHECK_IN);
  await device.report(event);
  await eventually(async () => expect(await listUsages(erpOf(kit))).toHaveLength(1));

  const acksBefore = device.acks().length;
  await device.say("up/event", event);
  await eventually(() => expect(device.acks().length).toBeGreaterThan(acksBefore));
  expect(await listDeliveries(kit)).toMatchObject([{ id: event.id, serial: OTHER_SERIAL, state: "delivered" }]);
  expect(await listUsages(erpOf(kit))).toMatchObject([{ serial: OTHER_SERIAL, scent: "wood", checkoutAt: null }]);

  // Only the id makes it the same event.
  await device.report(eventOf(command, CHECK_IN));
  await eventually(async () => expect(await listUsages(erpOf(kit))).toHaveLength(2));
});

test("its next event waits for the acknowledgement of the one before, and the ERP hears both in order", async () => {
  await using kit = await openKit("legacy", EMBEDDED);
  await using device = await openDevice(kit);
  const asked = [await ask(kit, { action: "checkin", scent: "wood" }), await ask(kit, { action: "checkout" })];
  const [checkIn, checkOut] = await Promise.all(asked.map(({ id }) => device.hears((one) => one.id === id)));
  if (!checkIn || !checkOut) throw new Error("Two commands were asked for.");
  for (const { id } of [checkIn, checkOut]) await device.accept(id);
  const happened = [eventOf(checkIn, CHECK_IN), eventOf(checkOut, CHECK_OUT)];
  for (const event of happened) await device.report(event);
  expect([...new Set(device.acks())]).toEqual(happened.map(({ id }) => id));
  await eventually(async () =>
    expect(await listUsages(erpOf(kit))).toMatchObject([
      { serial: OTHER_SERIAL, scent: "wood", checkoutAt: expect.any(String) as string },
    ]),
  );
});

test("what a guest answers at its link reaches it, and the session is one usage", async () => {
  await using kit = await openKit("safe", EMBEDDED);
  await using device = await openDevice(kit);
  const link = await askOperator(`${kit.urls.bot}/api/launch/${OTHER_SERIAL}`, kit.secrets);
  const guest = await beginChat(((await link.json()) as { url: string }).url);
  await guest.say("fire");
  const command = await device.hears(({ sessionId }) => sessionId === guest.id);
  await device.accept(command.id);
  const event = eventOf(command, { status: "checkin", scent: "fire" });
  await device.report(event);
  const { delivery } = await deliveredSession(kit, guest.id);
  expect(delivery.id).toBe(event.id);
  expect(await listUsages(erpOf(kit))).toMatchObject([{ ref: event.id, serial: OTHER_SERIAL, scent: "fire" }]);
});

test("when it breaks down its last will says so", async () => {
  await using kit = await openKit("safe", EMBEDDED);
  await using device = await openDevice(kit);
  await hearsSomething(kit, device);
  await device.show("online");
  await eventually(async () => expect(await statusAt(kit)).toBe("online"));
  await device.leave("SIGKILL");
  await eventually(async () => expect(await statusAt(kit)).toBe("lost"));
});

test("after a goodbye no last will speaks", async () => {
  await using kit = await openKit("safe", EMBEDDED);
  await using device = await openDevice(kit);
  await hearsSomething(kit, device);
  await device.show("offline");
  await device.leave("SIGTERM");
  await delay(QUIET_MS);
  expect(await statusAt(kit)).toBe("offline");
});

/** So it is connected. */
async function hearsSomething(kit: Kit, device: Awaited<ReturnType<typeof openDevice>>): Promise<void> {
  const { id } = await ask(kit, { action: "checkin", scent: "air" });
  await device.hears((one) => one.id === id);
}
