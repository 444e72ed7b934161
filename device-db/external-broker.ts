import type { Log } from "../plumbing/log.ts";
import { connectMqtt, type MqttAccount } from "../plumbing/mqtt.ts";
import type { Broker } from "./broker.ts";

const NONE = { connect: 0, publish: 0, subscribe: 0 };

/** A broker that others run. Who may connect, publish and subscribe there is theirs to say, and who is there to know. */
export function openExternalBroker(account: MqttAccount, log: Log): Broker {
  const mqtt = connectMqtt(account, log);
  return { ...mqtt, url: account.url, connections: () => 0, refusals: () => NONE, disconnect: () => false };
}
