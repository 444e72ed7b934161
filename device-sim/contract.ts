/**
 * The MQTT contract of an AromaPod Pro: topics below `aromapod/v1/<serial>/`, MQTT 3.1.1, QoS 1, JSON.
 * A pod publishes only below its `up/` and subscribes only below its `down/`.
 */
import { z } from "zod";

export const SCENTS = ["fire", "wood", "water", "air"] as const;
export type Scent = (typeof SCENTS)[number];

/** What a serial looks like, as part of a pattern. */
export const SERIAL = "[A-Za-z0-9-]{1,32}";

/** Ids are made once, at the origin (UUIDv7); received ones may be anything of this shape. */
const idSchema = z.string().regex(/^[A-Za-z0-9_-]{1,64}$/);
const scent = z.enum(SCENTS);
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/);
const instant = z.iso.datetime();
/** What the pod's own clock says, where a simulation lets its time go faster than ours. */
const virtualAt = instant.optional().describe("The pod's own time, where a simulation lets it go faster than `at`.");
/** W3C Trace Context comes with a message and never spoils it. */
const traceparent = z
  .string()
  .max(64)
  .optional()
  .catch(undefined)
  .describe("W3C Trace Context. The event has the trace of its command; anything else in its place is ignored.");

/** `down/command`, never retained. */
export const commandSchema = z.object({
  id: idSchema.describe("Of the command; each repeat has the same."),
  sessionId: idSchema.optional().describe("The guest's session, where a guest asks."),
  action: z.string().max(32).describe("`checkin`, `checkout` or `schedule`; the pod rejects what it does not know."),
  scent: z
    .string()
    .max(32)
    .optional()
    .describe("`fire`, `wood`, `water` or `air`; for `checkin`, and for `schedule` unless it is that of the stay."),
  startTime: clockTime.optional().describe("When a schedule's window opens, by the clock in the room."),
  endTime: clockTime.optional().describe("When it closes; before `startTime` means the day after."),
  timeZone: z.string().max(64).optional().describe("IANA name of the room's time zone, for `schedule`."),
  issuedAt: instant.describe("When it was asked for; the same in each repeat."),
  ttlS: z
    .number()
    .max(86_400)
    .describe("Seconds that remain when it is sent, less with each repeat: no clocks are compared."),
  traceparent,
});
export type Command = z.infer<typeof commandSchema>;

/** `down/event-ack`: the event is on disk at the device database. */
export const eventAckSchema = z.object({ eventId: idSchema.describe("The `id` of the event.") });

/** `up/reply` */
export const replySchema = z.object({
  commandId: idSchema.describe("The `id` of the command."),
  outcome: z
    .enum(["accepted", "duplicate", "rejected", "expired"])
    .describe("`accepted` once it is carried out, `duplicate` for what was accepted before."),
  reason: z.string().max(200).optional().describe("Why it was rejected, for people."),
  at: instant.describe("When the pod said so."),
});
export type Reply = z.infer<typeof replySchema>;

/** How a command has ended by its pod's word: what the pod knows already, it has carried out. */
export function endOf(outcome: Reply["outcome"]): "accepted" | "rejected" | "expired" {
  return outcome === "duplicate" ? "accepted" : outcome;
}

/** `up/event`, repeated until acknowledged. Duplicates are known by `id`; `seq` only shows gaps. */
export const eventSchema = z.object({
  id: idSchema.describe("Made once, by the pod, and kept over a restart; each repeat has the same. A UUIDv7 is best."),
  seq: z.number().int().positive().describe("Counts the pod's events from 1 on; it only shows gaps."),
  status: z
    .enum(["checkin", "checkout", "timein", "timeout"])
    .describe("A stay begins or ends; the window of a schedule opens or closes."),
  scent: scent.describe("The scent of the stay or of the window."),
  startTime: clockTime.optional().describe("Of the schedule, as it was asked for."),
  endTime: clockTime.optional().describe("Of the schedule, as it was asked for."),
  commandId: idSchema.optional().describe("The command that it came of; absent where nobody asked."),
  sessionId: idSchema.optional().describe("That of the command."),
  at: instant.describe("When it happened; the same in each repeat."),
  virtualAt,
  traceparent,
});
export type DeviceEvent = z.infer<typeof eventSchema>;

/** What a capsule may hold by what a pod says of itself. */
const MAX_CAPSULE_ML = 10_000;

/** `up/state`, retained: all that the pod reports of itself, and more than is named here. */
export const stateSchema = z.looseObject({
  diffusing: scent.nullable().describe("The scent in the air now."),
  at: instant.describe("When the pod said so."),
  capsules: z
    .partialRecord(scent, z.number().min(0).max(MAX_CAPSULE_ML))
    .optional()
    .describe("Millilitres left, by scent; a slot without a capsule is left out."),
  low: z.array(scent).max(SCENTS.length).optional().describe("The scents that are to be refilled soon."),
  intensity: z.number().int().min(1).max(3).optional().describe("1 gentle, 2 normal, 3 strong."),
  stay: scent.nullable().optional().describe("The scent of the open stay, from its check-in to its check-out."),
  schedule: z
    .object({
      scent: scent.describe("What the window diffuses."),
      startTime: clockTime.describe("As it was asked for."),
      endTime: clockTime.describe("As it was asked for."),
      timeZone: z.string().max(64).describe("IANA name of the room's time zone."),
      startsAt: instant.describe("When the window opens."),
      endsAt: instant.describe("When it closes."),
    })
    .nullable()
    .optional()
    .describe("The window that waits or runs."),
  uptimeS: z.number().min(0).optional().describe("Seconds since the pod started."),
  rssi: z.number().int().min(-127).max(0).optional().describe("Signal of its Wi-Fi, in dBm."),
  firmware: z.string().max(64).optional().describe("Version of the pod's software."),
  virtualAt,
});
export type PodState = z.infer<typeof stateSchema>;

/** `up/status`, retained; the last will says `lost`, a clean goodbye `offline`. */
export const statusSchema = z.object({
  state: z
    .enum(["online", "offline", "lost"])
    .describe("`online` after each connection, `offline` before a clean goodbye, `lost` by the last will."),
  firmware: z.string().max(64).describe("Version of the pod's software."),
  at: instant.describe("When the pod said so; in the last will, when it connected."),
});
export type PodStatus = z.infer<typeof statusSchema>;

/** Every topic of a pod: who hears it, whether the broker keeps its last message, and what it carries. */
export const POD_TOPICS = {
  "down/command": {
    to: "pod",
    retained: false,
    payload: commandSchema,
    about:
      "What the pod is asked for. It is repeated until the pod replies or its time to live is up. Each unexpired command with a new id is carried out, in the order of arrival.",
  },
  "down/event-ack": {
    to: "pod",
    retained: false,
    payload: eventAckSchema,
    about: "The event is on disk at the device database: the pod may forget it and send the next one.",
  },
  "up/reply": {
    to: "asker",
    retained: false,
    payload: replySchema,
    about: "The pod's word on a command, given to each repeat of it too. What it has accepted before is a duplicate.",
  },
  "up/event": {
    to: "device database",
    retained: false,
    payload: eventSchema,
    about:
      "What the pod has done. It is kept on the pod and repeated until its acknowledgement; the next one is sent after that.",
  },
  "up/state": {
    to: "everybody",
    retained: true,
    payload: stateSchema,
    about: "All that the pod reports of itself, whenever it changes and after each connection.",
  },
  "up/status": {
    to: "everybody",
    retained: true,
    payload: statusSchema,
    about: "Presence. The pod says `online` and `offline`; its last will says `lost`.",
  },
} as const;
export type PodTopic = keyof typeof POD_TOPICS;

const IN_TOPIC = new RegExp(`^aromapod/v1/(${SERIAL})/`);

/** The topic of one pod; `+` as serial makes the filter for all of them. */
export function podTopic(serial: string, name: PodTopic): string {
  return `aromapod/v1/${serial}/${name}`;
}

/** The serial in a topic of this contract, or `undefined` for another topic. */
export function serialOf(topic: string): string | undefined {
  return IN_TOPIC.exec(topic)?.[1];
}
