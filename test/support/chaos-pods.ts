import { randomUUIDv7 } from "node:crypto";
import { type DeviceEvent, eventAckSchema, podTopic, SCENTS } from "../../device-sim/contract.ts";
import { openEventOutbox } from "../../device-sim/event-outbox.ts";
import { createLog } from "../../plumbing/log.ts";
import { connectMqtt } from "../../plumbing/mqtt.ts";

/** A pod that has its events on its own disk, as it were: it repeats each until it is acknowledged. */
export function startChaosPod(account: { serial: string; password: string; mqttUrl: string }, events: number) {
  const { serial, password, mqttUrl } = account;
  const waiting = Array.from({ length: events }, (_, at) => eventOf(at));
  const mqtt = connectMqtt({ url: mqttUrl, clientId: serial, username: serial, password }, createLog("silent"));
  const outbox = openEventOutbox(waiting, (event) => mqtt.publish(podTopic(serial, "up/event"), event));
  let acknowledged = 0;
  mqtt.subscribe(podTopic(serial, "down/event-ack"), (_topic, payload) => {
    if (outbox.acknowledge(eventAckSchema.parse(payload).eventId)) acknowledged += 1;
  });
  mqtt.onConnect(outbox.startOver);
  return {
    serial,
    events: waiting,
    acknowledged: () => acknowledged,
    async close(): Promise<void> {
      outbox.stop();
      await mqtt.close();
    },
  };
}

function eventOf(at: number): DeviceEvent & { sessionId: string } {
  const scent = SCENTS[at % SCENTS.length] ?? "wood";
  const now = new Date().toISOString();
  return { id: randomUUIDv7(), sessionId: randomUUIDv7(), seq: at + 1, status: "checkin", scent, at: now };
}
