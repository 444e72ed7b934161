import { createServer } from "node:net";
import { Aedes, type AedesPublishPacket, type AuthenticateError, type Client } from "aedes";
import { parseJson } from "../plumbing/json.ts";
import { listen } from "../plumbing/listen.ts";
import type { Log } from "../plumbing/log.ts";
import { type Access, accessOf, clientIdFits, type Identity } from "./access.ts";
import { guardPackets } from "./packet-guard.ts";

const CONNECT_TIMEOUT_MS = 5_000;
/** A subscriber that stops reading blocks all others of its topics for this long. */
const DRAIN_TIMEOUT_MS = 2_000;
const MAX_CONNECTIONS = 20_000;
const REMEMBERED_PACKETS = 1_024;

const ID_REJECTED = 2;
const BAD_CREDENTIALS = 4;

export type Broker = Awaited<ReturnType<typeof startBroker>>;

type BrokerOptions = {
  host: string;
  port: number;
  log: Log;
  /** The identity behind a user name and password, or `undefined`. */
  identify: (username: string, password: string) => Identity | undefined;
};

/**
 * The embedded MQTT 3.1.1 broker: a pipe without memory. One credential per device and per service, and topic rules.
 * Its in-process side publishes and subscribes without a connection.
 */
export async function startBroker({ host, port, log, identify }: BrokerOptions) {
  const accesses = new WeakMap<Client, Access>();

  const aedes = await Aedes.createBroker({
    connectTimeout: CONNECT_TIMEOUT_MS,
    drainTimeout: DRAIN_TIMEOUT_MS,
    authenticate: (client, username = "", password, done) => {
      const identity = identify(username, password?.toString("utf8") ?? "");
      if (!identity) return done(refusal("user name or password is wrong", BAD_CREDENTIALS), null);
      if (!clientIdFits(username, client.id))
        return done(refusal("client id does not fit the user name", ID_REJECTED), null);
      accesses.set(client, accessOf(identity));
      return done(null, true);
    },
    authorizePublish: (client, packet, done) => {
      const allowed = client !== null && accesses.get(client)?.mayPublish(packet.topic, packet.retain) === true;
      if (!allowed) log.warn({ clientId: client?.id, topic: packet.topic.slice(0, 100) }, "publish refused");
      done(allowed ? null : new Error("publishing to this topic is not allowed"));
    },
    authorizeSubscribe: (client, subscription, done) => {
      const allowed = accesses.get(client)?.maySubscribe(subscription.topic) === true;
      if (!allowed) log.warn({ clientId: client.id, topic: subscription.topic.slice(0, 100) }, "subscribe refused");
      done(null, allowed ? subscription : null);
    },
    authorizeForward: (client, packet) => (isRepeat(client, packet) ? null : packet),
  });

  // aedes drops messages that were overtaken by a later one; `isRepeat` replaces that check by an exact one.
  aedes.on("client", (client) => Object.assign(client, { duplicates: blindCounter() }));
  aedes.on("clientError", (client, error) => log.info({ clientId: client.id, err: error }, "connection cut"));
  aedes.on("connectionError", (_client, error) => log.info({ err: error }, "connection refused"));

  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    aedes.handle(guardPackets(socket));
  });
  server.maxConnections = MAX_CONNECTIONS;
  const boundPort = await listen(server, { host, port, setting: "MQTT_PORT" });

  return {
    url: `mqtt://${host}:${String(boundPort)}`,
    connections: () => aedes.connectedClients,

    publish(topic: string, payload: unknown, retain = false): void {
      const packet = {
        cmd: "publish" as const,
        topic,
        payload: JSON.stringify(payload),
        qos: 1 as const,
        retain,
        dup: false,
      };
      aedes.publish(packet, (error) => error && log.warn({ err: error, topic }, "publishing failed"));
    },

    /** `undefined` stands for a payload that is no JSON. */
    subscribe(filter: string, listener: (topic: string, payload: unknown) => void): void {
      const deliver = (packet: AedesPublishPacket, done: () => void) => {
        done();
        listener(packet.topic, parseJson(packet.payload));
      };
      aedes.subscribe(filter, deliver, () => undefined);
    },

    async close(): Promise<void> {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await new Promise<void>((resolve) => aedes.close(resolve));
      await closed;
    },
  };
}

function refusal(message: string, returnCode: number): AuthenticateError {
  return Object.assign(new Error(message), { returnCode });
}

function blindCounter(): Record<string, number> {
  const never = { get: () => 0, set: () => true, deleteProperty: () => true };
  return new Proxy(Object.create(null) as Record<string, number>, never);
}

const seenBy = new WeakMap<Client, { known: Set<string>; ring: string[]; at: number }>();

/** Whether this client got this very packet before, as with two of its filters that match one topic. */
function isRepeat(client: Client, packet: AedesPublishPacket): boolean {
  // A retained message is sent again with each subscription, and should be.
  if (packet.retain) return false;
  const seen = seenBy.getOrInsertComputed(client, () => ({ known: new Set<string>(), ring: [], at: 0 }));
  const key = `${packet.brokerId}:${String(packet.brokerCounter)}`;
  if (seen.known.has(key)) return true;
  seen.known.delete(seen.ring[seen.at] ?? "");
  seen.known.add(key);
  seen.ring[seen.at] = key;
  seen.at = (seen.at + 1) % REMEMBERED_PACKETS;
  return false;
}
