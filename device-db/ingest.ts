import { eventSchema, podTopic, replySchema, serialOf } from "../device-sim/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { Broker } from "./broker.ts";
import { sessionNoticeSchema } from "./contract.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = {
  broker: Broker;
  store: DeviceDbStore;
  reportScents: readonly string[];
  /** A new delivery is on disk. */
  onDelivery: () => void;
  clock: Clock;
  log: Log;
};

/** Takes in what pods and the bot publish. An event is acknowledged when it and its delivery are on disk, never before. */
export function ingest({ broker, store, reportScents, onDelivery, clock, log }: Deps): void {
  async function takeEvent(serial: string, payload: unknown): Promise<void> {
    const event = eventSchema.safeParse(payload);
    if (!event.success) return log.warn({ serial }, "unreadable event ignored");
    const { id, scent, sessionId } = event.data;
    const report = reportScents.includes(scent);
    const isNew = await store.journal.record(serial, event.data, { report, now: clock.now() });
    if (isNew && report) onDelivery();
    broker.publish(podTopic(serial, "down/event-ack"), { eventId: id });
    if (isNew) log.info({ serial, eventId: id, sessionId, scent }, "event recorded");
  }

  async function takeNotice(serial: string, payload: unknown): Promise<void> {
    const notice = sessionNoticeSchema.safeParse(payload);
    if (!notice.success) return log.warn({ serial }, "unreadable session notice ignored");
    const { step, at, answer, reason } = notice.data;
    const ok = step !== "rejected" && step !== "expired";
    const hop = { at: Date.parse(at), part: "bot", name: `session ${step}`, ok, detail: reason ?? answer ?? "" };
    await store.flow.notice(serial, notice.data, hop);
  }

  function on(name: string, take: (serial: string, payload: unknown) => Promise<void>): void {
    broker.subscribe(`aromapod/v1/+/${name}`, (topic, payload) => {
      const serial = serialOf(topic);
      if (serial) take(serial, payload).catch((err: unknown) => log.error({ err, serial }, `${name} not taken in`));
    });
  }

  on("up/event", takeEvent);
  on("session", takeNotice);
  on("up/reply", async (serial, payload) => {
    const reply = replySchema.safeParse(payload);
    if (reply.success) log.info({ serial, ...reply.data }, "pod replied");
  });
}
