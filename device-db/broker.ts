import type { EventEmitter } from "node:events";
import { createServer, type Socket } from "node:net";
import { Aedes, type AedesOptions, type AedesPublishPacket, type AuthenticateError, type Client } from "aedes";
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

export type Broker = Awaited<ReturnType<typeof startBroker>>;

/** The identity behind a user name and password, or `undefined`. */
type Identify = (username: string, password: string) => Identity | undefined;

type BrokerOptions = { host: string; port: number; log: Log; identify: Identify };

/**
 * The embedded MQTT 3.1.1 broker: a pipe without memory. One credential per device and per service, and topic rules.
 * Its in-process side publishes and subscribes without a connection.
 */
export async function startBroker({ host, port, log, identify }: BrokerOptions) {
  await using opening = new AsyncDisposableStack();
  const isRepeat = rememberPackets();
  const aedes = await Aedes.createBroker({
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    preConnect: receive,
    ...accessHooks(identify, log),
    authorizeForward: (client, packet) => (isRepeat(client, packet) ? null : packet),
  });
  opening.defer(() => new Promise<void>((resolve) => aedes.close(resolve)));
  tellFailures(aedes, log);
  const server = opening.adopt(await openServer(aedes, { host, port }), (open) => open.close());
  const owned = opening.move();
  const close = () => owned.disposeAsync();
  return { url: server.url, connections: () => aedes.connectedClients, ...inProcessSide(aedes, log), close };
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

  /** `undefined` stands for a payload that is no JSON. */
  function subscribe(filter: string, listener: (topic: string, payload: unknown) => void): void {
    const deliver = (packet: AedesPublishPacket, done: () => void) => {
      done();
      listener(packet.topic, parseJson(packet.payload));
    };
    aedes.subscribe(filter, deliver, () => undefined);
  }

  return { publish, subscribe };
}

type Hooks = Required<AedesOptions>;

/** Who may connect, publish and subscribe. A refused publish cuts the connection, a refused subscription does not. */
function accessHooks(identify: Identify, log: Log) {
  const accesses = new WeakMap<Client, Access>();

  const authenticate: Hooks["authenticate"] = (...[client, username = "", password, done]) => {
    const identity = identify(username, password?.toString("utf8") ?? "");
    if (!identity) return done(refusal("user name or password is wrong", BAD_CREDENTIALS), null);
    if (!clientIdFits(username, client.id))
      return done(refusal("client id does not fit the user name", ID_REJECTED), null);
    accesses.set(client, accessOf(identity));
    // Of two connections with one id aedes ends the older. Serials may begin alike, so ids count per user.
    Object.assign(client, { id: `${username}/${client.id}`, duplicates: blindCounter() });
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
