/** What the device database serves: the registry row and session notices over MQTT, and its HTTP API. */
import { z } from "zod";
import { isTimeZone } from "../plumbing/time-zone.ts";

/** Four digits of a launch link. */
export const MAX_KEY_VERSION = 9_999;

const timeZone = z.string().max(64).refine(isTimeZone, "must be an IANA time zone such as Asia/Hong_Kong");

/** A registered device as everyone may see it; published retained on `aromapod/v1/<serial>/device`. */
export const deviceSchema = z.object({
  serial: z
    .string()
    .regex(/^[A-Za-z0-9-]{1,32}$/, "must be 1 to 32 letters, digits or hyphens")
    .describe("By which everybody knows the device."),
  room: z.string().min(1).max(80).describe("The room that it stands in, for people."),
  timeZone: timeZone.describe("IANA name of the room's time zone."),
  keyVersion: z
    .number()
    .int()
    .min(1)
    .max(MAX_KEY_VERSION)
    .describe("Which of its launch links is good: it grows with each rotation."),
  enabled: z.boolean().describe("Whether it may connect and its link is good."),
});
export type Device = z.infer<typeof deviceSchema>;

/** A device with what was last heard of it: `GET /api/devices[/<serial>]`. The twin is `desired` beside `reported`. */
export type DeviceView = Device & {
  simulated: boolean;
  /** When it last said anything. */
  lastSeen: string | null;
  status: "online" | "offline" | "lost" | "unknown";
  firmware: string | null;
  /** What the last command asked for, and what became of it. */
  desired: { diffusing: string | null; at: string; command: CommandView } | null;
  /** Its `up/state`, as it came. */
  reported: Record<string, unknown> | null;
};

/** A command that somebody sent to a pod; `source` is who. */
export type CommandView = {
  id: string;
  source: "guest" | "operator";
  state: "pending" | "accepted" | "rejected" | "expired";
  reason: string | null;
};

/** Body of `POST /api/devices`. */
export const newDeviceSchema = deviceSchema
  .pick({ serial: true, room: true, timeZone: true })
  .extend({ simulated: z.boolean().default(false).describe("Whether a simulator plays it.") })
  .strict();
export type NewDevice = z.input<typeof newDeviceSchema>;

const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, "must be a time such as 18:30:00");

/** Body of `POST /api/devices/<serial>/commands`. */
export const newCommandSchema = z
  .strictObject({
    action: z
      .enum(["checkin", "checkout", "schedule"], "must be one of checkin, checkout, schedule")
      .describe("What the pod is to do."),
    scent: z
      .string()
      .min(1)
      .max(32)
      .optional()
      .describe("Needed but for `checkout`. Whether the pod knows the scent it says itself."),
    startTime: clockTime.optional().describe("When the window opens, for `schedule`: `18:30:00`."),
    endTime: clockTime.optional().describe("When it closes."),
    timeZone: timeZone.optional().describe("By whose clock; the device's own unless given."),
    ttlS: z.number().int().min(1).max(86_400).default(120).describe("How long it may wait for its pod, in seconds."),
  })
  .refine(({ action, scent }) => action === "checkout" || scent !== undefined, {
    path: ["scent"],
    message: "is needed for this action",
  })
  .refine(
    ({ action, startTime, endTime }) => (startTime && endTime) || (action !== "schedule" && !startTime && !endTime),
    {
      path: ["startTime"],
      message: "goes with endTime, and a schedule needs both",
    },
  );
export type NewCommand = z.infer<typeof newCommandSchema>;

/** `aromapod/v1/<serial>/session`, from the bot, for the live flow only: nothing depends on it. */
export const sessionNoticeSchema = z.object({
  sessionId: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .describe("The guest's session."),
  step: z
    .enum(["started", "asked", "answered", "ended", "abandoned", "confirmed", "rejected", "expired"])
    .describe("What has happened to it, or to its command."),
  at: z.iso.datetime().describe("When."),
  answer: z.string().max(200).optional().describe("What the guest said."),
  scent: z.string().max(32).optional().describe("What the bot understood."),
  commandId: z.string().max(64).optional().describe("The command that the session ended in."),
  reason: z.string().max(200).optional().describe("Why the pod rejected it."),
  // It comes with a message and never spoils it.
  traceparent: z.string().max(64).optional().catch(undefined).describe("W3C Trace Context."),
});
export type SessionNotice = z.infer<typeof sessionNoticeSchema>;

export function deviceTopic(serial: string): string {
  return `aromapod/v1/${serial}/device`;
}

export function sessionTopic(serial: string): string {
  return `aromapod/v1/${serial}/session`;
}

export const DELIVERY_STATES = ["pending", "inflight", "delivered", "uncertain", "held", "dead", "discarded"] as const;
export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** How each state is meant, wherever people see it. */
export const DELIVERY_TONE = {
  pending: "busy",
  inflight: "busy",
  delivered: "good",
  uncertain: "warn",
  held: "warn",
  dead: "bad",
  discarded: "calm",
} as const satisfies Record<DeliveryState, string>;

/** One row of `GET /api/deliveries`; `id` is the event's id, the `Idempotency-Key` and the usage's `ref`. */
export type Delivery = {
  id: string;
  serial: string;
  sessionId: string | null;
  status: string;
  scent: string;
  state: DeliveryState;
  attempts: number;
  dueAt: string | null;
  evidence: string | null;
};

/** A change of a delivery's state; `from` is `null` for the first. */
export type DeliveryChange = {
  at: string;
  from: DeliveryState | null;
  to: DeliveryState;
  attempts: number;
  evidence: string | null;
};

/** `GET /api/deliveries/<id>` */
export type DeliveryDetail = Delivery & { createdAt: string; traceparent: string | null; log: DeliveryChange[] };

/** A lane is a device's row of deliveries; serial `*` stands for all of them. */
export type PausedLane = { serial: string; at: string; reason: string };

/** Where a hop happened, in the order of the flow. */
export const FLOW_PARTS = ["phone", "bot", "broker", "pod", "device database", "ERP"] as const;
export type FlowPart = (typeof FLOW_PARTS)[number];

/** One step of a flow as the device database saw or was told it. */
type Hop = {
  at: string;
  part: FlowPart;
  name: string;
  ok: boolean;
  /** In words; the reason when it is not `ok`. */
  detail: string;
  /** What was sent or answered, secrets masked. */
  payload: string | null;
};

/**
 * An event `hop` of `GET /api/flow` (server-sent events). A flow is a session, or the command of an operator, or an
 * event that a pod reported by itself: `flowId` is the id of that one. `id` of the event grows with each hop.
 */
export type FlowHop = Hop & { flowId: string; serial: string; n: number };

/** Query of `GET /api/flows`. */
export const flowListSchema = z
  .object({
    limit: z.coerce.number().int().min(1).max(200).default(50).describe("How many at most."),
    before: z.string().max(64).optional().describe("The id of the last one of the page before."),
    serial: z.string().max(32).optional().describe("Only those of this device."),
    q: z
      .string()
      .max(100)
      .optional()
      .describe("Only those with this in their id, serial, room, state, answer or scent."),
    failed: z.literal("1").optional().describe("Only those with a hop that failed."),
  })
  .strict();
export type FlowListQuery = z.infer<typeof flowListSchema>;

/**
 * One row of `GET /api/flows`, newest first. `state` is the session's, or `command` or `event` for a flow that began
 * with one; `ok` is whether every hop of it was.
 */
export type FlowSummary = {
  id: string;
  serial: string;
  room: string | null;
  state: string;
  answer: string | null;
  scent: string | null;
  startedAt: string;
  ok: boolean;
  lastHop: { n: number; at: string; part: FlowPart; name: string; ok: boolean; detail: string } | null;
};

/** Query of `GET /api/flow`. */
export const flowStreamSchema = z
  .object({
    flow: z.string().max(64).optional().describe("Only this flow."),
    serial: z.string().max(32).optional().describe("Only those of this device."),
    failed: z.literal("1").optional().describe("Only hops that failed."),
    after: z.coerce
      .number()
      .int()
      .min(0)
      .optional()
      .describe("The number of the last hop that is known; a `Last-Event-ID` says the same."),
  })
  .strict();
export type FlowStreamQuery = z.infer<typeof flowStreamSchema>;

/** `GET /api/sessions/<id>` */
export type SessionView = {
  id: string;
  serial: string;
  state: string;
  answer: string | null;
  scent: string | null;
  command: { id: string | null; state: string } | null;
  event: { id: string; seq: number; status: string; scent: string; at: string } | null;
  delivery: Delivery | null;
  traceparent: string | null;
  hops: Hop[];
};
