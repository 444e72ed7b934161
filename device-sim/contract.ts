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
/** W3C Trace Context comes with a message and never spoils it. */
const traceparent = z.string().max(64).optional().catch(undefined);

/** `down/command`, never retained. `ttlS` is what remains of its life when it is sent, so no clocks are compared. */
export const commandSchema = z.object({
  id: idSchema,
  sessionId: idSchema.optional(),
  action: z.string().max(32),
  scent: z.string().max(32).optional(),
  startTime: clockTime.optional(),
  endTime: clockTime.optional(),
  timeZone: z.string().max(64).optional(),
  issuedAt: instant,
  ttlS: z.number().max(86_400),
  traceparent,
});
export type Command = z.infer<typeof commandSchema>;

/** `down/event-ack`: the event is on disk at the device database. */
export const eventAckSchema = z.object({ eventId: idSchema });

/** `up/reply` */
export const replySchema = z.object({
  commandId: idSchema,
  outcome: z.enum(["accepted", "duplicate", "rejected", "expired"]),
  reason: z.string().max(200).optional(),
  at: instant,
});
export type Reply = z.infer<typeof replySchema>;

/** How a command has ended by its pod's word: what the pod knows already, it has carried out. */
export function endOf(outcome: Reply["outcome"]): "accepted" | "rejected" | "expired" {
  return outcome === "duplicate" ? "accepted" : outcome;
}

/** `up/event`, repeated until acknowledged. Duplicates are known by `id`; `seq` only shows gaps. */
export const eventSchema = z.object({
  id: idSchema,
  seq: z.number().int().positive(),
  status: z.enum(["checkin", "checkout", "timein", "timeout"]),
  scent,
  startTime: clockTime.optional(),
  endTime: clockTime.optional(),
  commandId: idSchema.optional(),
  sessionId: idSchema.optional(),
  at: instant,
  traceparent,
});
export type DeviceEvent = z.infer<typeof eventSchema>;

const MAX_CAPSULE_ML = 10_000;

/** `up/state`, retained: all that the pod reports of itself, and more than is named here. */
export const stateSchema = z.looseObject({
  diffusing: scent.nullable(),
  at: instant,
  /** Millilitres left, by scent. */
  capsules: z.partialRecord(scent, z.number().min(0).max(MAX_CAPSULE_ML)).optional(),
  /** The scents that are to be refilled soon. */
  low: z.array(scent).max(SCENTS.length).optional(),
});
export type PodState = z.infer<typeof stateSchema>;

/** `up/status`, retained; the last will says `lost`, a clean goodbye `offline`. */
export const statusSchema = z.object({
  state: z.enum(["online", "offline", "lost"]),
  firmware: z.string().max(64),
  at: instant,
});
export type PodStatus = z.infer<typeof statusSchema>;

const IN_TOPIC = new RegExp(`^aromapod/v1/(${SERIAL})/`);

export type PodTopic = "down/command" | "down/event-ack" | "up/reply" | "up/event" | "up/state" | "up/status";

/** The topic of one pod; `+` as serial makes the filter for all of them. */
export function podTopic(serial: string, name: PodTopic): string {
  return `aromapod/v1/${serial}/${name}`;
}

/** The serial in a topic of this contract, or `undefined` for another topic. */
export function serialOf(topic: string): string | undefined {
  return IN_TOPIC.exec(topic)?.[1];
}
