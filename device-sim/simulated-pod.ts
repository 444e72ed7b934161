import { randomUUIDv7 } from "node:crypto";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import { connectMqtt } from "../plumbing/mqtt.ts";
import { childOf } from "../plumbing/trace.ts";
import type { PodAccount } from "./config.ts";
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
import { openEventOutbox } from "./event-outbox.ts";
import { decide } from "./pod.ts";
import type { PodStore } from "./store.ts";

const FIRMWARE = "sim-1";

type Place = { broker: { url: string; ca: string | undefined } };

type Deps = { store: PodStore; clock: Clock; log: Log };

/** One registered AromaPod Pro on the wire: answers commands, and reports each event until it is acknowledged. */
export function startSimulatedPod({ serial, broker, ...secrets }: PodAccount & Place, deps: Deps) {
  const { store, clock, log } = deps;
  const status = (state: PodStatus["state"]): PodStatus => ({ state, firmware: FIRMWARE, at: isoTime(clock.now()) });
  const statusTopic = podTopic(serial, "up/status");
  const mqtt = connectMqtt({ ...broker, clientId: serial, username: serial, ...secrets }, log, {
    topic: statusTopic,
    payload: status("lost"),
  });
  const outbox = openEventOutbox(store.unackedEvents(serial), (event) =>
    mqtt.publish(podTopic(serial, "up/event"), event),
  );
  const { obey, reportState } = behaviour({ serial, publish: mqtt.publish, onEvent: outbox.add }, deps);
  const obeying = new Set<Promise<void>>();

  mqtt.subscribe(podTopic(serial, "down/command"), (_topic, payload) => {
    const command = commandSchema.safeParse(payload);
    if (!command.success) return log.warn({ serial }, "unreadable command ignored");
    failpoint("pod.received");
    const done = obey(command.data)
      .catch((err: unknown) => log.error({ err, serial }, "command not carried out"))
      .finally(() => obeying.delete(done));
    obeying.add(done);
  });
  mqtt.subscribe(podTopic(serial, "down/event-ack"), (_topic, payload) => {
    const ack = eventAckSchema.safeParse(payload);
    if (!ack.success || !outbox.acknowledge(ack.data.eventId)) return;
    store.acknowledge(serial, ack.data.eventId).catch((err: unknown) => log.error({ err, serial }, "ack not kept"));
  });
  mqtt.onConnect(() => {
    mqtt.publish(statusTopic, status("online"), true);
    reportState();
    outbox.startOver();
  });

  /** The store may be closed afterwards: nothing is carried out any more. */
  async function close(): Promise<void> {
    outbox.stop();
    mqtt.publish(statusTopic, status("offline"), true);
    await mqtt.close();
    await Promise.all(obeying);
  }

  return { connected: mqtt.connected, refused: mqtt.refused, close };
}

type Voice = {
  serial: string;
  publish: ReturnType<typeof connectMqtt>["publish"];
  /** An event is on disk. */
  onEvent: (event: DeviceEvent) => void;
};

/** What the pod does with a command and what it says then, once that is on disk. */
function behaviour({ serial, publish, onEvent }: Voice, { store, clock, log }: Deps) {
  let reported: PodState["diffusing"] = null;

  async function obey(command: Command): Promise<void> {
    const { verdict, event } = await store.carryOut(serial, command.id, (pod, earlier) => {
      const judged = decide(pod, command, earlier);
      if (!judged.effect) return { verdict: judged };
      return { verdict: judged, event: eventOf(command, judged.effect.event, clock) };
    });
    failpoint("pod.persisted");
    if (event) {
      onEvent(event);
      failpoint("pod.acted");
      log.info({ serial, scent: event.scent, status: event.status, commandId: command.id }, "command carried out");
    }
    const { outcome, reason } = verdict;
    const reply: Reply = { commandId: command.id, outcome, ...(reason ? { reason } : {}), at: isoTime(clock.now()) };
    publish(podTopic(serial, "up/reply"), reply);
    if (verdict.effect && verdict.effect.pod.diffusing !== reported) reportState(verdict.effect.pod);
  }

  function reportState({ diffusing } = store.pod(serial)): void {
    reported = diffusing;
    const state: PodState = { diffusing, at: isoTime(clock.now()) };
    publish(podTopic(serial, "up/state"), state, true);
  }

  return { obey, reportState };
}

function eventOf(command: Command, what: Pick<DeviceEvent, "seq" | "status" | "scent">, clock: Clock): DeviceEvent {
  const { sessionId } = command;
  return {
    id: randomUUIDv7(),
    ...what,
    commandId: command.id,
    ...(sessionId ? { sessionId } : {}),
    at: isoTime(clock.now()),
    traceparent: childOf(command.traceparent, sessionId ?? command.id),
  };
}
