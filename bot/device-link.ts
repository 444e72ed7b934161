import { type Device, deviceSchema, deviceTopic, type SessionNotice, sessionTopic } from "../device-db/contract.ts";
import {
  type Command,
  podTopic,
  type Reply,
  replySchema,
  serialOf,
  stateSchema,
  statusSchema,
} from "../device-sim/contract.ts";
import type { Log } from "../plumbing/log.ts";
import { connectMqtt, type MqttAccount } from "../plumbing/mqtt.ts";
import type { GuestView } from "./contract.ts";

const ALL = "+";

export type DeviceLink = ReturnType<typeof connectDevices>;

/** The bot's side of the broker: the registry as it is published, the pods' presence, commands and their replies. */
export function connectDevices(account: MqttAccount, log: Log) {
  const devices = new Map<string, Device>();
  const presence = new Map<string, GuestView["pod"]>();
  const diffusing = new Map<string, string | null>();
  const mqtt = connectMqtt(account, log);
  let onReply: (serial: string, reply: Reply) => void = () => undefined;

  mqtt.subscribe(deviceTopic(ALL), (_topic, payload) => {
    const device = deviceSchema.safeParse(payload);
    if (device.success) devices.set(device.data.serial, device.data);
  });
  mqtt.subscribe(podTopic(ALL, "up/status"), (topic, payload) => {
    const status = statusSchema.safeParse(payload);
    if (status.success) presence.set(serialOf(topic) ?? "", status.data.state);
  });
  mqtt.subscribe(podTopic(ALL, "up/state"), (topic, payload) => {
    const state = stateSchema.safeParse(payload);
    if (state.success) diffusing.set(serialOf(topic) ?? "", state.data.diffusing);
  });
  mqtt.subscribe(podTopic(ALL, "up/reply"), (topic, payload) => {
    const reply = replySchema.safeParse(payload);
    if (reply.success) onReply(serialOf(topic) ?? "", reply.data);
  });

  return {
    connected: mqtt.connected,
    /** Whether any part of the registry has arrived. */
    knowsDevices: () => devices.size > 0,
    device: (serial: string) => devices.get(serial),
    /** What was heard last, as long as anything can be heard at all. */
    podState: (serial: string) => (mqtt.connected() ? presence.get(serial) : undefined) ?? "unknown",
    /** The scent that the pod said it is diffusing. */
    podDiffuses: (serial: string) => (mqtt.connected() ? diffusing.get(serial) : undefined) ?? null,
    /** Nothing goes to a device that is disabled, also where the broker would let it through. */
    sendCommand: (serial: string, command: Command): void => {
      if (devices.get(serial)?.enabled !== false) mqtt.publish(podTopic(serial, "down/command"), command);
    },
    /** For the live flow only; dropped when the broker is away. */
    notice: (serial: string, notice: SessionNotice) => mqtt.publish(sessionTopic(serial), notice),
    onReply: (listener: (serial: string, reply: Reply) => void): void => {
      onReply = listener;
    },
    onConnect: mqtt.onConnect,
    close: mqtt.close,
  };
}
