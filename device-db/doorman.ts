import type { AedesOptions, AuthenticateError, Client } from "aedes";
import type { Log } from "../plumbing/log.ts";
import { type Access, accessOf, clientIdFits, type Identity } from "./access.ts";
import { blindCounter } from "./repeats.ts";

/** A device has one connection, or for a moment two; services may have some more. */
const MAX_CONNECTIONS_PER_USER = 32;
/** More than anybody needs; a connection that asks for more is cut. */
const MAX_FILTERS = 100;

const ID_REJECTED = 2;
const UNAVAILABLE = 3;
const BAD_CREDENTIALS = 4;

/** The identity behind a user name and password, or `undefined`. */
export type Identify = (username: string, password: string) => Identity | undefined;

/** How often something was refused. */
export type Refusals = Record<"connect" | "publish" | "subscribe", number>;

type Hooks = Required<AedesOptions>;

type Guest = { access: Access; filters: Set<string> };

/** Who may connect, publish and subscribe. A refused publish cuts the connection, a refused subscription does not. */
export function createDoorman({ identify, log }: { identify: Identify; log: Log }) {
  const guests = new WeakMap<Client, Guest>();
  const attendance = trackUsers();
  const refusals: Refusals = { connect: 0, publish: 0, subscribe: 0 };

  const authenticate: Hooks["authenticate"] = (...[client, username = "", password, done]) => {
    const identity = identify(username, password?.toString("utf8") ?? "");
    if (!identity) return turnAway("user name or password is wrong", BAD_CREDENTIALS);
    if (!clientIdFits(username, client.id)) return turnAway("client id does not fit the user name", ID_REJECTED);
    if (attendance.count(username) >= MAX_CONNECTIONS_PER_USER) return turnAway("too many connections", UNAVAILABLE);
    guests.set(client, { access: accessOf(identity), filters: new Set() });
    // Of two connections with one id aedes ends the older. Serials may begin alike, so ids count per user.
    Object.assign(client, { id: `${username}/${client.id}`, duplicates: blindCounter() });
    attendance.admitted(username, client);
    return done(null, true);

    function turnAway(message: string, returnCode: number): void {
      refusals.connect += 1;
      done(Object.assign(new Error(message), { returnCode }) satisfies AuthenticateError, null);
    }
  };

  const authorizePublish: Hooks["authorizePublish"] = (client, packet, done) => {
    const mayPublish = client === null ? undefined : guests.get(client)?.access.mayPublish;
    // QoS 2 is stored until it is released: nobody here uses it, and somebody could fill the memory with it.
    if (packet.qos !== 2 && mayPublish?.(packet.topic, packet.retain)) return done(null);
    refusals.publish += 1;
    log.warn({ clientId: client?.id, topic: packet.topic.slice(0, 100) }, "publish refused");
    done(new Error("publishing to this topic is not allowed"));
  };

  const authorizeSubscribe: Hooks["authorizeSubscribe"] = (client, subscription, done) => {
    const { topic } = subscription;
    const guest = guests.get(client);
    const isNew = !guest?.filters.has(topic);
    if (isNew && (guest?.filters.size ?? MAX_FILTERS) >= MAX_FILTERS) return done(new Error("too many subscriptions"));
    guest?.filters.add(topic);
    if (guest?.access.maySubscribe(topic)) return done(null, subscription);
    refusals.subscribe += 1;
    if (isNew) log.warn({ clientId: client.id, topic: topic.slice(0, 100) }, "subscribe refused");
    done(null, null);
  };

  return { hooks: { authenticate, authorizePublish, authorizeSubscribe }, refusals, disconnect: attendance.disconnect };
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

  return { admitted, disconnect, count: (username: string) => present.get(username)?.size ?? 0 };
}
