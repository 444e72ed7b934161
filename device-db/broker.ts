import type { EventEmitter } from "node:events";
import { createServer, type Socket } from "node:net";
import { Aedes, type AedesOptions, type AedesPublishPacket, type Client } from "aedes";
import { failpoint } from "../plumbing/failpoint.ts";
import { parseJson } from "../plumbing/json.ts";
import { listen } from "../plumbing/listen.ts";
import type { Log } from "../plumbing/log.ts";
import { createDoorman, type Identify, type Refusals } from "./doorman.ts";
import { openEntrance } from "./entrance.ts";
import { guardPackets } from "./packet-guard.ts";
import { rememberPackets } from "./repeats.ts";
import { keepRetained } from "./retained.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** A subscriber that stops reading blocks all others of its topics for this long. */
const DRAIN_TIMEOUT_MS = 2_000;
/** What waits for others aedes hands on in a recursion, which thousands of messages at a time would bring down. */
const ALL_AT_ONCE = 0;
const MAX_CONNECTIONS = 20_000;
/** So many may be about to introduce themselves at a time, as after a restart. */
const MAX_WAITING = 2_000;

/** A pipe without memory, the embedded one or another: whoever needs to know that a message arrived has to be told. */
export type Broker = {
  url: string;
  connected: () => boolean;
  /** How many clients the embedded broker has; of another one nobody knows. */
  connections: () => number;
  /** What it refused so far; another one does that by itself. */
  refusals: () => Readonly<Refusals>;
  publish: (topic: string, payload: unknown, retain?: boolean) => void;
  /** `undefined` stands for a payload that is no JSON. */
  subscribe: (filter: string, listener: (topic: string, payload: unknown) => void) => void;
  /** Called when the broker has what it needs, or has to be told anew as it forgot. */
  onConnect: (listener: () => void) => void;
  /** Ends the connections of this user; false at a broker where that is not ours to do. */
  disconnect: (username: string) => boolean;
  close: () => Promise<void>;
};

type BrokerOptions = { host: string; port: number; log: Log; identify: Identify };

/**
 * The embedded MQTT 3.1.1 broker: one credential per device and per service, and topic rules.
 * Its in-process side publishes and subscribes without a connection.
 */
export async function startBroker({ host, port, log, identify }: BrokerOptions): Promise<Broker> {
  await using opening = new AsyncDisposableStack();
  const isRepeat = rememberPackets();
  const doorman = createDoorman({ identify, log });
  const aedes = await Aedes.createBroker({
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    concurrency: ALL_AT_ONCE,
    preConnect: receive,
    ...doorman.hooks,
    authorizeForward: (client, packet) => {
      failpoint("broker.acknowledged", packet.topic);
      return isRepeat(client, packet) ? null : packet;
    },
  });
  opening.defer(() => new Promise<void>((resolve) => aedes.close(resolve)));
  // It is not in the library's types.
  Object.assign((aedes as Aedes & { persistence: object }).persistence, keepRetained());
  tellFailures(aedes, log);
  const server = opening.adopt(await openServer(aedes, { host, port }), (open) => open.close());
  const owned = opening.move();
  return {
    url: server.url,
    connected: () => true,
    connections: () => aedes.connectedClients,
    refusals: () => doorman.refusals,
    ...inProcessSide(aedes, log),
    onConnect: (listener) => listener(),
    disconnect: doorman.disconnect,
    close: () => owned.disposeAsync(),
  };
}

async function openServer(aedes: Aedes, { host, port }: { host: string; port: number }) {
  const sockets = new Set<Socket>();
  const limits = { places: MAX_WAITING, patienceMs: CONNECT_TIMEOUT_MS };
  const entrance = openEntrance(limits, (socket) => aedes.handle(guardPackets(socket)));
  aedes.on("client", ({ conn }) => entrance.letIn(conn as Socket));
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    entrance.enter(socket);
  });
  server.maxConnections = MAX_CONNECTIONS;
  const boundPort = await listen(server, { host, port, setting: "MQTT_PORT" });

  /** aedes ends only the connections that have introduced themselves, and the others would keep the server open. */
  async function close(): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const socket of sockets) socket.destroy();
    await closed;
  }

  return { url: `mqtt://${host}:${String(boundPort)}`, close };
}

/** Publishing and subscribing without a connection. */
function inProcessSide(aedes: Aedes, log: Log) {
  function publish(topic: string, payload: unknown, retain = false): void {
    const packet = { cmd: "publish", topic, payload: JSON.stringify(payload), qos: 1, retain, dup: false } as const;
    aedes.publish(packet, (error) => error && log.warn({ err: error, topic }, "publishing failed"));
  }

  function subscribe(filter: string, listener: (topic: string, payload: unknown) => void): void {
    const deliver = (packet: AedesPublishPacket, done: () => void) => {
      done();
      listener(packet.topic, parseJson(packet.payload));
    };
    aedes.subscribe(filter, deliver, () => undefined);
  }

  return { publish, subscribe };
}

const receive: Required<AedesOptions>["preConnect"] = (client, packet, done) => {
  // aedes reads on before it has asked who this is, and would take what comes as if it knew; it resumes by itself.
  (client as Client & { pause: () => void }).pause();
  // Nothing is kept for a client that is away: aedes would keep it in memory, without a limit.
  packet.clean = true;
  done(null, true);
};

function tellFailures(aedes: Aedes, log: Log): void {
  aedes.on("clientError", (client, error) => log.info({ clientId: client.id, err: error }, "connection cut"));
  aedes.on("connectionError", (_client, error) => log.info({ err: error }, "connection refused"));
  // Without a listener this event would end the process; it is not in the library's types.
  (aedes as EventEmitter).on("error", (err) => log.error({ err }, "broker failure"));
}
