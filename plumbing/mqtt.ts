import { setTimeout as delay } from "node:timers/promises";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { parseJson } from "./json.ts";
import type { Log } from "./log.ts";

type MqttAccount = { url: string; clientId: string; username: string; password: string };

type Listener = (topic: string, payload: unknown) => void;

type Will = { topic: string; payload: unknown };

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
const CLOSE_GRACE_MS = 2_000;

/**
 * An MQTT 3.1.1 connection that comes back by itself. QoS 1 everywhere, no session at the broker, JSON payloads.
 * Nothing here tells that a message arrived: whoever needs that repeats until the other side answers.
 */
export function connectMqtt(account: MqttAccount, log: Log, will?: Will) {
  const client = connect(account.url, clientOptions(account, will));
  const listeners = new Map<string, Listener>();
  const onReady: (() => void)[] = [];
  let ready = false;

  client.on("connect", () => {
    // Nagle's algorithm with delayed acknowledgements costs 40 ms a hop; MQTT.js leaves it on.
    (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
    log.info({ clientId: account.clientId }, "broker connected");
    client.subscribe([...listeners.keys()], { qos: 1 }, (error) => {
      // Who closes in this very moment is told of as a failure, and is none.
      if (client.disconnecting) return;
      if (error) return log.warn({ err: error }, "subscribing failed");
      ready = true;
      for (const listener of onReady) listener();
    });
  });
  client.on("close", () => {
    ready = false;
  });
  client.on("error", (error) => log.warn({ err: error, clientId: account.clientId }, "broker connection failed"));
  client.on("message", (topic, payload) => {
    const message = parseJson(payload);
    for (const [filter, listener] of listeners) if (matches(filter, topic)) listener(topic, message);
  });
  backOff(client);

  return {
    connected: () => ready,

    /** Sends now if connected; otherwise the message is dropped, as nothing may rely on the broker's memory. */
    publish: (topic: string, payload: unknown, retain = false): void => {
      if (client.connected && !client.disconnecting) client.publish(topic, JSON.stringify(payload), { qos: 1, retain });
    },

    /** To be called before the first connection is up; `undefined` stands for a payload that is no JSON. */
    subscribe: (filter: string, listener: Listener): void => {
      listeners.set(filter, listener);
    },

    /** Called after each connection, once all subscriptions are granted. */
    onConnect: (listener: () => void): void => {
      onReady.push(listener);
    },

    close: () => end(client),
  };
}

/** MQTT.js has one fixed period for reconnecting; set before each try, it becomes a jittered back-off. */
function backOff(client: MqttClient): void {
  let tries = 0;
  client.on("connect", () => {
    tries = 0;
  });
  client.on("close", () => {
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** tries++);
    client.options.reconnectPeriod = ceiling / 2 + Math.random() * (ceiling / 2);
  });
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

function clientOptions(account: MqttAccount, will: Will | undefined): IClientOptions {
  const { clientId, username, password } = account;
  return {
    clientId,
    username,
    password,
    protocolVersion: 4,
    clean: true,
    keepalive: 30,
    connectTimeout: 5_000,
    reconnectPeriod: FIRST_RETRY_MS,
    // A refused CONNACK would otherwise end reconnecting for good.
    reconnectOnConnackError: true,
    resubscribe: false,
    queueQoSZero: false,
    ...(will
      ? { will: { topic: will.topic, payload: Buffer.from(JSON.stringify(will.payload)), qos: 1, retain: true } }
      : {}),
  };
}

function matches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const levels = topic.split("/");
  return wanted.length === levels.length && wanted.every((level, at) => level === "+" || level === levels[at]);
}
