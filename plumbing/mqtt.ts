import { setTimeout as delay } from "node:timers/promises";
import { connect, type IClientOptions, type MqttClient, Store } from "mqtt";
import { retryAfterMs } from "./back-off.ts";
import { parseJson } from "./json.ts";
import type { Log } from "./log.ts";

/** Where a broker is, and as whom to come there. */
export type MqttAccount = {
  /** `mqtt:`, `mqtts:`, `ws:` or `wss:`. */
  url: string;
  /** PEM of the authority behind the broker's certificate; absent means those that Node trusts. */
  ca?: string | undefined;
  clientId: string;
  username: string;
  password: string;
};

/** `undefined` stands for a payload that is no JSON. */
export type MqttListener = (topic: string, payload: unknown) => void;

const FIRST_RETRY_MS = 100;
const CLOSE_GRACE_MS = 2_000;

/**
 * An MQTT 3.1.1 connection that comes back by itself. QoS 1 everywhere, no session at the broker, JSON payloads.
 * Nothing here tells that a message arrived: whoever needs that repeats until the other side answers.
 */
export function connectMqtt(account: MqttAccount, log: Log) {
  const client = connect(account.url, clientOptions(account));
  const subscriptions = listen(client);
  const onReady: (() => void)[] = [];
  const retries = backOff(client);
  const failures = tellFailures(client, account, log);
  let ready = false;

  client.on("connect", () => {
    sendAtOnce(client);
    log.info({ clientId: account.clientId }, "broker connected");
    subscriptions.renew((error) => {
      if (error) return refused(error);
      ready = true;
      retries.succeeded();
      failures.succeeded();
      for (const listener of onReady) listener();
    });
  });
  client.on("close", () => {
    ready = false;
    forgetUnsent(client);
  });

  /** What nobody hears is no connection: it is given up and tried again. */
  function refused(error: Error): void {
    failures.note(error);
    client.stream.destroy();
  }

  return {
    connected: () => ready,

    /** Sends now if connected; otherwise the message is dropped, as nothing may rely on the broker's memory. */
    publish: (topic: string, payload: unknown, retain = false): void => {
      if (client.connected && !client.disconnecting) client.publish(topic, JSON.stringify(payload), { qos: 1, retain });
    },

    subscribe: (filter: string, listener: MqttListener): void =>
      subscriptions.add(filter, listener, (error) => error && refused(error)),

    /** Called after each connection, once all subscriptions are granted. */
    onConnect: (listener: () => void): void => {
      onReady.push(listener);
    },

    close: () => end(client),
  };
}

/** Nagle's algorithm with delayed acknowledgements costs 40 ms a hop. MQTT.js leaves it on, but for WebSockets. */
function sendAtOnce(client: MqttClient): void {
  (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
}

type Granted = (error: Error | null) => void;

/** Who is to hear what: any number for a filter, at any time. */
function listen(client: MqttClient) {
  const listeners = new Map<string, MqttListener[]>();

  client.on("message", (topic, payload) => {
    const message = parseJson(payload);
    for (const [filter, those] of listeners)
      if (matches(filter, topic)) for (const listener of those) listener(topic, message);
  });

  function subscribe(filters: string[], done: Granted): void {
    // Who closes in this very moment is told of as a failure, and is none.
    client.subscribe(filters, { qos: 1 }, (error) => client.disconnecting || done(error));
  }

  function add(filter: string, listener: MqttListener, done: Granted): void {
    const those = listeners.get(filter);
    if (those) return void those.push(listener);
    listeners.set(filter, [listener]);
    if (client.connected && !client.disconnecting) subscribe([filter], done);
  }

  function renew(done: Granted): void {
    const filters = [...listeners.keys()];
    // MQTT.js would not answer.
    if (filters.length === 0) done(null);
    else subscribe(filters, done);
  }

  return { add, renew };
}

/** MQTT.js has one fixed period for reconnecting; set before each try, it becomes a jittered back-off. */
function backOff(client: MqttClient) {
  let tries = 0;
  client.on("close", () => {
    client.options.reconnectPeriod = retryAfterMs(tries++);
  });
  return {
    succeeded: (): void => {
      tries = 0;
    },
  };
}

/** Tells why there is no connection, once for each reason until there is one. */
function tellFailures(client: MqttClient, { url, clientId }: MqttAccount, log: Log) {
  let otherwise = "no answer";
  let noted: string | undefined;
  let told: string | undefined;

  client.on("error", (error) => note(error));
  client.on("close", () => {
    const reason = noted ?? otherwise;
    if (reason !== told && !client.disconnecting)
      log.warn({ clientId, broker: url, reason }, "broker connection failed");
    told = reason;
    noted = undefined;
    otherwise = "no answer";
  });

  /** When all addresses of a name refuse, the error has no message of its own. */
  function note({ message, code }: Error & { code?: unknown }): void {
    noted = message || String(code);
  }

  function succeeded(): void {
    otherwise = "the connection ended";
    noted = undefined;
    told = undefined;
  }

  return { note, succeeded };
}

/** MQTT.js would send again what was not acknowledged, by then with a time-to-live that is no longer true. */
function forgetUnsent(client: MqttClient): void {
  client.outgoingStore = new Store();
  client.outgoing = {};
}

/** What was published before still leaves, if the broker takes it within a moment. */
async function end(client: MqttClient): Promise<void> {
  const impatience = new AbortController();
  const tooLong = delay(CLOSE_GRACE_MS, undefined, { signal: impatience.signal }).then(
    () => client.stream.destroy(),
    () => undefined,
  );
  await Promise.race([client.endAsync(!client.connected), tooLong]);
  impatience.abort();
}

function clientOptions({ url, ca, clientId, username, password }: MqttAccount): IClientOptions {
  return {
    // For WebSockets MQTT.js makes a URL again, and forgets the brackets of an IPv6 address.
    ...(/^wss?:/.test(url) ? { hostname: new URL(url).hostname } : {}),
    clientId,
    username,
    password,
    ...(ca === undefined ? {} : { ca }),
    rejectUnauthorized: true,
    protocolVersion: 4,
    clean: true,
    keepalive: 30,
    connectTimeout: 5_000,
    reconnectPeriod: FIRST_RETRY_MS,
    // A refused CONNACK would otherwise end reconnecting for good.
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
  };
}

function matches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  return wanted.length === levels.length && wanted.every((level, at) => level === "+" || level === levels[at]);
}
