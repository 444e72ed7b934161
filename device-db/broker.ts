import type { EventEmitter } from "node:events";
import { createServer, type Socket } from "node:net";
import { Aedes, type AedesOptions, type AedesPublishPacket, type AuthenticateError, type Client } from "aedes";
import { failpoint } from "../plumbing/failpoint.ts";
import { parseJson } from "../plumbing/json.ts";
import { listen } from "../plumbing/listen.ts";
import type { Log } from "../plumbing/log.ts";
import { type Access, accessOf, clientIdFits, type Identity } from "./access.ts";
import { guardPackets } from "./packet-guard.ts";
import { blindCounter, rememberPackets } from "./repeats.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** A subscriber that stops reading blocks all others of its topics for this long. */
const DRAIN_TIMEOUT_MS = 2_000;
const MAX_CONNECTIONS = 20_000;

const ID_REJECTED = 2;
const BAD_CREDENTIALS = 4;

/** A pipe without memory, the embedded one or another: whoever needs to know that a message arrived has to be told. */
export type Broker = {
  url: string;
  connected: () => boolean;
  /** How many clients the embedded broker has; of another one nobody knows. */
  connections: () => number;
  publish: (topic: string, payload: unknown, retain?: boolean) => void;
  /** `undefined` stands for a payload that is no JSON. */
  subscribe: (filter: string, listener: (topic: string, payload: unknown) => void) => void;
  /** Called when the broker has what it needs, or has to be told anew as it forgot. */
  onConnect: (listener: () => void) => void;
  /** Ends the connections of this user; false at a broker where that is not ours to do. */
  disconnect: (username: string) => boolean;
  close: () => Promise<void>;
};

/** The identity behind a user name and password, or `undefined`. */
type Identify = (username: string, password: string) => Identity | undefined;

type BrokerOptions = { host: string; port: number; log: Log; identify: Identify };

/**
 * The embedded MQTT 3.1.1 broker: one credential per device and per service, and topic rules.
 * Its in-process side publishes and subscribes without a connection.
 */
export async function startBroker({ host, port, log, identify }: BrokerOptions): Promise<Broker> {
  await using opening = new AsyncDisposableStack();
  const isRepeat = rememberPackets();
  const attendance = trackUsers();
  const aedes = await Aedes.createBroker({
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    preConnect: receive,
    ...accessHooks({ identify, admitted: attendance.admitted, log }),
    authorizeForward: (client, packet) => {
      failpoint("broker.acknowledged", packet.topic);
      return isRepeat(client, packet) ? null : packet;
    },
  });
  opening.defer(() => new Promise<void>((resolve) => aedes.close(resolve)));
  tellFailures(aedes, log);
  const server = opening.adopt(await openServer(aedes, { host, port }), (open) => open.close());
  const owned = opening.move();
  return {
    url: server.url,
    connected: () => true,
    connections: () => aedes.connectedClients,
    ...inProcessSide(aedes, log),
    onConnect: (listener) => listener(),
    disconnect: attendance.disconnect,
    close: () => owned.disposeAsync(),
  };
}

async function openServer(aedes: Aedes, { host, port }: { host: string; port: number }) {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
    socket.on("error", () => socket.destroy());
    aedes.handle(guardPackets(socket));
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

/** Who is there under which user name, from the moment of being let in: aedes lists a client only somewhat later. */
function trackUsers() {
  const present = new Map<string, Set<Client>>();

  function admitted(username: string, client: Client): void {
    const those = present.getOrInsertComputed(username, () => new Set<Client>());
    those.add(client);
    client.conn.once("close", () => {
      those.delete(client);
      if (those.size === 0) present.delete(username);
    });
  }

  function disconnect(username: string): true {
    for (const client of present.get(username) ?? []) client.close();
    return true;
  }

  return { admitted, disconnect };
}

type Hooks = Required<AedesOptions>;

type Doorman = { identify: Identify; admitted: (username: string, client: Client) => void; log: Log };

/** Who may connect, publish and subscribe. A refused publish cuts the connection, a refused subscription does not. */
function accessHooks({ identify, admitted, log }: Doorman) {
  const accesses = new WeakMap<Client, Access>();

  const authenticate: Hooks["authenticate"] = (...[client, username = "", password, done]) => {
    const identity = identify(username, password?.toString("utf8") ?? "");
    if (!identity) return done(refusal("user name or password is wrong", BAD_CREDENTIALS), null);
    if (!clientIdFits(username, client.id))
      return done(refusal("client id does not fit the user name", ID_REJECTED), null);
    accesses.set(client, accessOf(identity));
    // Of two connections with one id aedes ends the older. Serials may begin alike, so ids count per user.
    Object.assign(client, { id: `${username}/${client.id}`, duplicates: blindCounter() });
    admitted(username, client);
    return done(null, true);
  };

  const authorizePublish: Hooks["authorizePublish"] = (client, packet, done) => {
    const allowed = client !== null && accesses.get(client)?.mayPublish(packet.topic, packet.retain) === true;
    if (!allowed) log.warn({ clientId: client?.id, topic: packet.topic.slice(0, 100) }, "publish refused");
    done(allowed ? null : new Error("publishing to this topic is not allowed"));
  };

  const authorizeSubscribe: Hooks["authorizeSubscribe"] = (client, subscription, done) => {
    const allowed = accesses.get(client)?.maySubscribe(subscription.topic) === true;
    if (!allowed) log.warn({ clientId: client.id, topic: subscription.topic.slice(0, 100) }, "subscribe refused");
    done(null, allowed ? subscription : null);
  };

  return { authenticate, authorizePublish, authorizeSubscribe };
}

const receive: Hooks["preConnect"] = (client, packet, done) => {
  // aedes reads on before it has asked who this is, and would take what comes as if it knew; it resumes by itself.
  (client as Client & { pause: () => void }).pause();
  // Nothing is kept for a client that is away: aedes would keep it in memory, without a limit.
  packet.clean = true;
  done(null, true);
};

function refusal(message: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(message), { returnCode });
}

function tellFailures(aedes: Aedes, log: Log): void {
  aedes.on("clientError", (client, error) => log.info({ clientId: client.id, err: error }, "connection cut"));
  aedes.on("connectionError", (_client, error) => log.info({ err: error }, "connection refused"));
  // Without a listener this event would end the process; it is not in the library's types.
  (aedes as EventEmitter).on("error", (err) => log.error({ err }, "broker failure"));
}
