import { type DeviceEvent, eventSchema, podTopic, serialOf } from "../device-sim/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import type { Broker } from "./broker.ts";
import { sessionNoticeSchema, sessionTopic } from "./contract.ts";
import type { Deliveries } from "./deliveries.ts";
import type { DeviceDbStore } from "./store.ts";

const ALL = "+";

type Deps = {
  broker: Broker;
  store: DeviceDbStore;
  reportScents: readonly string[];
  deliveries: Deliveries;
  clock: Clock;
  log: Log;
};

/** Takes in what pods and the bot publish. An event is acknowledged when it and its delivery are on disk, never before. */
export function ingest({ broker, store, reportScents, deliveries, clock, log }: Deps): void {
  async function takeEvent(serial: string, payload: unknown): Promise<void> {
    const event = eventSchema.safeParse(payload);
    if (!event.success) return log.warn({ serial }, "unreadable event ignored");
    const { id, scent, sessionId } = event.data;
    const report = reportScents.includes(scent);
    failpoint("event.received");
    const { isNew, claimed } = await record(serial, event.data, report);
    failpoint("event.committed");
    if (claimed) deliveries.send(claimed);
    else if (isNew && report) deliveries.notify();
    broker.publish(podTopic(serial, "down/event-ack"), { eventId: id });
    if (isNew) log.info({ serial, eventId: id, sessionId, scent }, "event recorded");
  }

  async function record(serial: string, event: DeviceEvent, report: boolean) {
    const reserved = new Set<string>();
    const reserve = (id: string) => deliveries.reserve(id) && reserved.add(id).size > 0;
    try {
      return await store.journal.record(serial, event, { report, now: clock.now(), reserve });
    } catch (error) {
      for (const id of reserved) deliveries.release(id);
      throw error;
    }
  }

  async function takeNotice(serial: string, payload: unknown): Promise<void> {
    const notice = sessionNoticeSchema.safeParse(payload);
    if (!notice.success) return log.warn({ serial }, "unreadable session notice ignored");
    const { step, at, answer, reason } = notice.data;
    const ok = step !== "rejected" && step !== "expired";
    const hop = {
      at: Date.parse(at),
      part: "bot",
      name: `session ${step}`,
      ok,
      detail: reason ?? answer ?? "",
    } as const;
    await store.flow.notice(serial, notice.data, hop);
  }

  function on(filter: string, take: (serial: string, payload: unknown) => Promise<void>): void {
    broker.subscribe(filter, (topic, payload) => {
      const serial = serialOf(topic);
      if (serial) take(serial, payload).catch((err: unknown) => log.error({ err, topic }, "message not taken in"));
    });
  }

  on(podTopic(ALL, "up/event"), takeEvent);
  on(sessionTopic(ALL), takeNotice);
}
