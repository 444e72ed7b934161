import { connect, type IClientOptions } from "mqtt";
import { parseJson } from "./json.ts";
import type { Log } from "./log.ts";

export type MqttConnection = ReturnType<typeof connectMqtt>;

export type MqttAccount = { url: string; clientId: string; username: string; password: string };

type Will = { topic: string; payload: unknown };

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;

/**
 * An MQTT 3.1.1 connection that comes back by itself. QoS 1 everywhere, no session at the broker, JSON payloads.
 * Nothing here tells that a message arrived: whoever needs that repeats until the other side answers.
 */
export function connectMqtt(account: MqttAccount, log: Log, will?: Will) {
  const client = connect(account.url, clientOptions(account, will));
  const subscriptions = new Map<string, (topic: string, payload: unknown) => void>();
  const onConnect: (() => void)[] = [];
  let retries = 0;
  let subscribed = false;

  client.on("connect", () => {
    retries = 0;
    // Nagle's algorithm with delayed acknowledgements costs 40 ms a hop; MQTT.js leaves it on.
    (client.stream as { setNoDelay?: (on: boolean) => void }).setNoDelay?.(true);
    log.info({ clientId: account.clientId }, "broker connected");
    const filters = [...subscriptions.keys()];
    const ready = () => {
      subscribed = true;
      for (const listener of onConnect) listener();
    };
    if (filters.length === 0) ready();
    else
      client.subscribe(filters, { qos: 1 }, (error) =>
        error ? log.warn({ err: error }, "subscribing failed") : ready(),
      );
  });
  client.on("close", () => {
    subscribed = false;
    // MQTT.js has one fixed period for reconnecting; set before each try, it becomes a jittered back-off.
    const ceiling = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** retries++);
    client.options.reconnectPeriod = ceiling / 2 + Math.random() * (ceiling / 2);
  });
  client.on("error", (error) => log.warn({ err: error, clientId: account.clientId }, "broker connection failed"));
  client.on("message", (topic, payload) => {
    const message = parseJson(payload);
    for (const [filter, listener] of subscriptions) if (matches(filter, topic)) listener(topic, message);
  });

  return {
    connected: () => subscribed,

    /** Sends now if connected; otherwise the message is dropped, as nothing may rely on the broker's memory. */
    publish(topic: string, payload: unknown, retain = false): void {
      if (client.connected) client.publish(topic, JSON.stringify(payload), { qos: 1, retain });
    },

    /** To be called before the first connection is up; `undefined` stands for a payload that is no JSON. */
    subscribe(filter: string, listener: (topic: string, payload: unknown) => void): void {
      subscriptions.set(filter, listener);
    },

    /** Called after each connection, once all subscriptions are granted. */
    onConnect(listener: () => void): void {
      onConnect.push(listener);
    },

    /** Ends the connection; what was published before still leaves if the broker is there. */
    close: (): Promise<void> => client.endAsync(!client.connected),
  };
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
