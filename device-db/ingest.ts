import {
  commandSchema,
  type DeviceEvent,
  eventSchema,
  type PodTopic,
  podTopic,
  replySchema,
  serialOf,
  stateSchema,
  statusSchema,
} from "../device-sim/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import type { Broker } from "./broker.ts";
import type { Commands } from "./commands.ts";
import { sessionNoticeSchema, sessionTopic } from "./contract.ts";
import type { Deliveries } from "./deliveries.ts";
import { watchFlows } from "./flow-watch.ts";
import type { DeviceDbStore } from "./store.ts";
import type { Twins } from "./twins.ts";

const ALL = "+";

type Schema<T> = { safeParse(payload: unknown): { success: true; data: T } | { success: false } };

type Deps = {
  broker: Broker;
  store: DeviceDbStore;
  reportScents: readonly string[];
  deliveries: Deliveries;
  twins: Twins;
  commands: Commands;
  clock: Clock;
  log: Log;
};

/**
 * Takes in whatever comes over the broker, and hands it to those who want it. Nothing is taken from devices that are not
 * registered or are disabled, also where the broker is not ours to keep them out of.
 */
export function ingest(deps: Deps): void {
  const { store, twins, commands, log } = deps;
  const flows = watchFlows({ flow: store.flow, clock: deps.clock });
  const takeEvent = eventTaker(deps, flows.recorded);

  const { on, onDevices } = listen(deps);

  onDevices("up/event", eventSchema, (serial, told) => {
    const event = flows.isAwaited(serial, told) ? told : ownWords(serial, told, deps);
    twins.reported(serial, event);
    // The pod has carried out its command, also when the reply was lost or came too late.
    if (event.commandId !== undefined) commands.replied(serial, { commandId: event.commandId, outcome: "accepted" });
    takeEvent(serial, event).catch((err: unknown) => log.error({ err, serial }, "event not taken in"));
  });
  onDevices("up/reply", replySchema, (serial, reply) => {
    flows.replied(serial, reply);
    twins.replied(serial, reply);
    commands.replied(serial, reply);
  });
  onDevices("up/state", stateSchema, twins.state);
  onDevices("up/status", statusSchema, twins.status);
  onDevices("down/command", commandSchema, (serial, command) => {
    flows.commanded(serial, command);
    // Those of operators are known already.
    twins.asked(serial, command, "guest");
  });
  on(sessionTopic(ALL), sessionNoticeSchema, flows.told);
}

function listen({ broker, store, log }: Pick<Deps, "broker" | "store" | "log">) {
  function on<T>(filter: string, schema: Schema<T>, take: (serial: string, message: T) => void): void {
    broker.subscribe(filter, (topic, payload) => {
      const serial = serialOf(topic);
      if (serial === undefined) return;
      const message = schema.safeParse(payload);
      if (!message.success) return log.warn({ topic }, "unreadable message ignored");
      try {
        take(serial, message.data);
      } catch (err) {
        log.error({ err, topic }, "message not taken in");
      }
    });
  }

  function onDevices<T>(name: PodTopic, schema: Schema<T>, take: (serial: string, message: T) => void): void {
    on(podTopic(ALL, name), schema, (serial, message) => {
      if (store.registry.isEnabled(serial)) take(serial, message);
      else log.warn({ serial, name }, "message of a device that is unknown or disabled ignored");
    });
  }

  return { on, onDevices };
}

/** A device speaks for itself: what it says of another's session or command is left out. */
function ownWords(serial: string, event: DeviceEvent, { store, log }: Pick<Deps, "store" | "log">): DeviceEvent {
  const { sessionId, commandId, ...own } = event;
  const isOfAnother = (id: string | undefined) => id !== undefined && store.flow.isOfAnother(id, serial);
  if (!isOfAnother(sessionId) && !isOfAnother(commandId)) return event;
  log.warn({ serial, eventId: event.id, sessionId, commandId }, "event names the session of another device");
  return own;
}

/** An event is acknowledged when it and its delivery are on disk, never before. */
function eventTaker(
  { broker, store, reportScents, deliveries, clock, log }: Deps,
  recorded: (serial: string, event: DeviceEvent, heardAt: number) => void,
) {
  return async (serial: string, event: DeviceEvent): Promise<void> => {
    const heardAt = clock.now();
    const { id, scent, sessionId } = event;
    const report = reportScents.includes(scent);
    failpoint("event.received");
    const { isNew, isForeign, claimed } = await record(serial, event, { report, now: heardAt });
    if (isForeign) return log.warn({ serial, eventId: id }, "event refused: its id belongs to another device");
    failpoint("event.committed");
    if (isNew) recorded(serial, event, heardAt);
    if (claimed) deliveries.send(claimed);
    else if (isNew && report) deliveries.notify();
    broker.publish(podTopic(serial, "down/event-ack"), { eventId: id });
    if (isNew) log.info({ serial, eventId: id, sessionId, scent }, "event recorded");
  };

  async function record(serial: string, event: DeviceEvent, how: { report: boolean; now: number }) {
    const reserved = new Set<string>();
    // A write may be run again.
    const reserve = (id: string) => reserved.has(id) || (deliveries.reserve(id) && reserved.add(id).size > 0);
    try {
      const recorded = await store.journal.record(serial, event, { ...how, reserve });
      if (recorded.claimed) reserved.clear();
      return recorded;
    } finally {
      for (const id of reserved) deliveries.release(id);
    }
  }
}
