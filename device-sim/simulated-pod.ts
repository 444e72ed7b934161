import { randomUUIDv7 } from "node:crypto";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { connectMqtt } from "../plumbing/mqtt.ts";
import {
  type Command,
  commandSchema,
  type DeviceEvent,
  eventAckSchema,
  type PodState,
  type PodStatus,
  podTopic,
  type Reply,
} from "./contract.ts";
import { decide } from "./pod.ts";
import type { PodStore } from "./store.ts";

const FIRMWARE = "sim-1";
const FIRST_REPEAT_MS = 1_000;
const LAST_REPEAT_MS = 15_000;

type PodAccount = { serial: string; password: string; mqttUrl: string };

/** One AromaPod Pro on the wire: answers commands, and reports each event until it is acknowledged, one at a time. */
export async function startSimulatedPod(account: PodAccount, deps: { store: PodStore; clock: Clock; log: Log }) {
  const { serial } = account;
  const { store, clock, log } = deps;
  await store.register(serial);
  const status = (state: PodStatus["state"]): PodStatus => ({ state, firmware: FIRMWARE, at: isoTime(clock.now()) });
  const mqtt = connectMqtt(
    { url: account.mqttUrl, clientId: serial, username: serial, password: account.password },
    log,
    {
      topic: podTopic(serial, "up/status"),
      payload: status("lost"),
    },
  );
  const waiting = store.unackedEvents(serial);
  let repeat: NodeJS.Timeout | undefined;
  let repeatMs = FIRST_REPEAT_MS;

  function sendOldestEvent(): void {
    clearTimeout(repeat);
    const [oldest] = waiting;
    if (!oldest) return;
    mqtt.publish(podTopic(serial, "up/event"), oldest);
    repeat = setTimeout(sendOldestEvent, repeatMs);
    repeatMs = Math.min(LAST_REPEAT_MS, repeatMs * 2);
  }

  function reportState(): void {
    const state: PodState = { diffusing: store.pod(serial).diffusing, at: isoTime(clock.now()) };
    mqtt.publish(podTopic(serial, "up/state"), state, true);
  }

  async function obey(command: Command): Promise<void> {
    const { verdict, event } = await store.carryOut(serial, command.id, (pod, earlier) => {
      const judged = decide(pod, command, earlier);
      return judged.effect
        ? { verdict: judged, event: eventOf(command, judged.effect.event, clock) }
        : { verdict: judged };
    });
    if (event) {
      waiting.push(event);
      if (waiting.length === 1) sendOldestEvent();
      log.info({ serial, scent: event.scent, status: event.status, commandId: command.id }, "command carried out");
    }
    const { outcome, reason } = verdict;
    const reply: Reply = { commandId: command.id, outcome, ...(reason ? { reason } : {}), at: isoTime(clock.now()) };
    mqtt.publish(podTopic(serial, "up/reply"), reply);
    if (event) reportState();
  }

  function eventAcknowledged(eventId: string): void {
    if (waiting[0]?.id !== eventId) return;
    waiting.shift();
    store.acknowledge(serial, eventId).catch((err: unknown) => log.error({ err, serial }, "acknowledgement not kept"));
    repeatMs = FIRST_REPEAT_MS;
    sendOldestEvent();
  }

  mqtt.subscribe(podTopic(serial, "down/command"), (_topic, payload) => {
    const command = commandSchema.safeParse(payload);
    if (!command.success) return log.warn({ serial }, "unreadable command ignored");
    return obey(command.data).catch((err: unknown) => log.error({ err, serial }, "command not carried out"));
  });
  mqtt.subscribe(podTopic(serial, "down/event-ack"), (_topic, payload) => {
    const ack = eventAckSchema.safeParse(payload);
    if (ack.success) eventAcknowledged(ack.data.eventId);
  });
  mqtt.onConnect(() => {
    mqtt.publish(podTopic(serial, "up/status"), status("online"), true);
    reportState();
    repeatMs = FIRST_REPEAT_MS;
    sendOldestEvent();
  });

  return {
    connected: mqtt.connected,
    async close(): Promise<void> {
      clearTimeout(repeat);
      mqtt.publish(podTopic(serial, "up/status"), status("offline"), true);
      await mqtt.close();
    },
  };
}

function eventOf(command: Command, what: Pick<DeviceEvent, "seq" | "status" | "scent">, clock: Clock): DeviceEvent {
  const { sessionId, traceparent } = command;
  return {
    id: randomUUIDv7(),
    ...what,
    commandId: command.id,
    ...(sessionId ? { sessionId } : {}),
    at: isoTime(clock.now()),
    ...(traceparent ? { traceparent } : {}),
  };
}
