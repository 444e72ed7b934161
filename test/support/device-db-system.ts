import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import mqtt from "mqtt";
import type { DeviceDbConfig } from "../../device-db/config.ts";
import type { DeviceView } from "../../device-db/contract.ts";
import { startDeviceDb } from "../../device-db/service.ts";
import { type DeviceEvent, podTopic } from "../../device-sim/contract.ts";
import { type Clock, systemClock } from "../../plumbing/clock.ts";
import { createLog, type Log } from "../../plumbing/log.ts";
import { passwordOf, SERIAL } from "./devices.ts";
import { openDeviceDbBroker, tellBroker } from "./kit-broker.ts";

export const NEW_DEVICE = { serial: "HKAP0100000002", room: "Room 102", timeZone: "Europe/London" };
export const OPERATOR_KEY = "operator-key-of-the-tests";

const NOBODY_LISTENS = "http://127.0.0.1:9";

type Options = Partial<Pick<DeviceDbConfig, "port" | "mqttPort" | "externalBroker" | "reportScents" | "publicUrl">> & {
  erpUrl?: string;
  log?: Log;
  clock?: Clock;
};

/** A device database with one registered pod, on free ports and in a folder of its own. */
export async function openDeviceDb(given: Options = {}) {
  const { erpUrl = NOBODY_LISTENS, log = createLog("silent"), clock = systemClock, ...options } = given;
  await using opening = new AsyncDisposableStack();
  const dataDir = await mkdtemp(join(tmpdir(), "device-db-"));
  opening.defer(() => rm(dataDir, { recursive: true }));
  const broker = opening.use(await openDeviceDbBroker([SERIAL]));
  const config: DeviceDbConfig = {
    host: "127.0.0.1",
    port: 0,
    mqttPort: 0,
    externalBroker: broker.account,
    dataDir,
    reportScents: ["fire", "wood", "water", "air"],
    operatorKey: OPERATOR_KEY,
    publicUrl: undefined,
    mqttSecrets: { bot: passwordOf("bot"), deviceDb: passwordOf("device-db") },
    firstDevice: { serial: SERIAL, room: "Room 101", timeZone: "Asia/Hong_Kong", secret: passwordOf(SERIAL) },
    erp: { url: erpUrl, settle: "operator", apiKey: undefined, concurrency: 8, rate: undefined, quiesceMs: 100 },
    ...options,
  };
  const start = () => startDeviceDb(config, { clock, log });
  let running = await start();
  opening.defer(() => running.close());
  const owned = opening.move();
  const file = join(dataDir, "device-db.sqlite");

  return {
    file,
    get url() {
      return running.url;
    },
    get mqttUrl() {
      return running.mqttUrl;
    },
    get: (path: string, headers: Record<string, string> = {}) => fetch(running.url + path, { headers }),
    post: (path: string, body: unknown, headers: Record<string, string> = {}) =>
      fetch(running.url + path, { method: "POST", body: JSON.stringify(body), headers }),
    /** What a query finds in the store. */
    rows(sql: string): unknown[] {
      using db = openFile(file);
      return db.prepare(sql).all();
    },
    /** Changes the store's schema behind its back. */
    tamper(sql: string): void {
      using db = openFile(file);
      db.exec(sql);
    },
    /** How the device is shown. */
    async device(serial = SERIAL): Promise<DeviceView> {
      return (await (await fetch(`${running.url}/api/devices/${serial}`)).json()) as DeviceView;
    },
    /** What an operator asks of the device. */
    async operate(path: string, body?: unknown, serial = SERIAL) {
      const answer = await fetch(`${running.url}/api/devices/${serial}/${path}`, {
        method: "POST",
        body: body === undefined ? null : JSON.stringify(body),
        headers: { authorization: `Bearer ${OPERATOR_KEY}` },
      });
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
    },
    async restart() {
      await running.close();
      running = await start();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** A pod of the tests' own making: it says what it is told and collects its acknowledgements. */
export async function connectPod(mqttUrl: string, serial = SERIAL, password = passwordOf(serial)) {
  await tellBroker(mqttUrl, serial, password);
  const client = await mqtt.connectAsync(mqttUrl, {
    clientId: serial,
    username: serial,
    password,
    protocolVersion: 4,
    reconnectPeriod: 0,
  });
  const acks: string[] = [];
  client.on("message", (_topic, payload) => acks.push((JSON.parse(payload.toString()) as { eventId: string }).eventId));
  await client.subscribeAsync(podTopic(serial, "down/event-ack"), { qos: 1 });
  return {
    client,
    acks,
    /** Resolves with the broker's PUBACK. */
    say: (payload: string | Buffer) => client.publishAsync(podTopic(serial, "up/event"), payload, { qos: 1 }),
    report: (event: DeviceEvent) =>
      client.publishAsync(podTopic(serial, "up/event"), JSON.stringify(event), { qos: 1 }),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

let events = 0;

export function newEvent(fields: Partial<DeviceEvent> = {}): DeviceEvent {
  events += 1;
  return {
    id: `event-${String(events)}`,
    seq: events,
    status: "checkin",
    scent: "wood",
    at: "2026-03-01T12:00:00.000Z",
    ...fields,
  };
}

function openFile(file: string) {
  const db = new Database(file);
  return Object.assign(db, { [Symbol.dispose]: () => void db.close() });
}
