/** What a scenario file may say, described for those who write one: the JSON schema for editors is made of this. */
import { z } from "zod";
import { DELIVERY_STATES } from "../../device-db/contract.ts";
import { SCENTS, SERIAL } from "../../device-sim/contract.ts";
import { USAGE_STATUSES } from "../../erp-stub/contract.ts";
import { FAULT_KINDS } from "../../erp-stub/fault-contract.ts";

const text = z.string().min(1).max(2_000);
const scent = z.enum(SCENTS);
const guestName = z
  .string()
  .regex(/^[\p{L}\d][\p{L}\d ._-]{0,39}$/u, "must be a name such as Anna")
  .describe("Which of several guests; without it the one guest.");

/** `/source/flags` among words. */
export const PATTERN = /^\/(.+)\/([imsu]*)$/s;

const UNITS = { ms: 1, s: 1_000, m: 60_000 } as const;
const duration = z
  .string()
  .regex(/^\d{1,4}(\.\d{1,3})?(ms|s|m)$/, "must be a time such as 500ms, 2s or 1m")
  .transform((words) => {
    const [, number, unit] = /^([\d.]+)(ms|s|m)$/.exec(words) ?? [];
    return Number(number) * UNITS[unit as keyof typeof UNITS];
  });

/** Words that are the same, or `/words that match/i`. */
const wording = text
  .superRefine(checkPattern)
  .describe("What it is, word for word, or a /regular expression/i that it matches.");

const sessionFacts = z
  .strictObject({
    state: z.enum(["none", "started", "asked", "ended", "abandoned"]).exactOptional(),
    answer: wording.nullable().exactOptional().describe("What the guest answered, as the device database was told."),
    scent: scent.nullable().exactOptional(),
    command: z.enum(["none", "pending", "accepted", "rejected", "expired"]).exactOptional(),
    reason: wording.exactOptional().describe("Why the pod did not do it."),
    told: wording.exactOptional().describe("What the guest's page tells of the choice."),
  })
  .superRefine(refuseNothing);
export type SessionFacts = z.infer<typeof sessionFacts>;

const podFacts = z
  .strictObject({
    diffusing: z.enum([...SCENTS, "nothing"]).exactOptional(),
    stay: z
      .enum([...SCENTS, "nobody"])
      .exactOptional()
      .describe("The scent of the stay that is open."),
    status: z.enum(["online", "offline", "lost", "unknown"]).exactOptional(),
    command: z
      .enum(["none", "pending", "accepted", "rejected", "expired"])
      .exactOptional()
      .describe("What became of the last command that it was sent, by a guest or by the hotel."),
    low: z.array(scent).exactOptional().describe("The capsules that are low."),
  })
  .superRefine(refuseNothing);

const usageFacts = z.strictObject({
  request: text.exactOptional().describe("The call that opened it, such as GET /device/switch?serial={serial}&…"),
  status: z.enum(USAGE_STATUSES).exactOptional().describe("What was reported of it last."),
  scent: scent.exactOptional(),
  room: text.exactOptional(),
  startTime: text.nullable().exactOptional(),
  endTime: text.nullable().exactOptional(),
  timein: z.boolean().exactOptional().describe("Whether it has a time-in."),
  timeout: z.boolean().exactOptional().describe("Whether it has a time-out."),
  checkout: z.boolean().exactOptional().describe("Whether it was checked out."),
});
export type UsageFacts = z.infer<typeof usageFacts>;

/** What must be true, at the end or before a scenario goes on. Lists are compared as a whole: nothing may be missing, and nothing more. */
const factsSchema = z
  .strictObject({
    within: duration.exactOptional().describe("How long it may take to become true; 30s unless it is given."),
    session: sessionFacts.exactOptional().describe("The session of the one guest."),
    sessions: z.record(guestName, sessionFacts).exactOptional().describe("The sessions of several guests, by name."),
    events: z.array(z.enum(USAGE_STATUSES)).exactOptional().describe("What the pod reported, in order."),
    deliveries: z.array(z.enum(DELIVERY_STATES)).exactOptional().describe("What became of each event, in order."),
    requests: z
      .array(text)
      .exactOptional()
      .describe("The calls that the device database made, each once however often it was repeated, in order."),
    attempts: z.number().int().min(0).exactOptional().describe("How many calls these were with all repeats."),
    usages: z
      .array(z.union([text, usageFacts]))
      .exactOptional()
      .describe("What the ERP holds of this run, oldest first: the call that opened a usage, or more about it."),
    pod: podFacts.exactOptional().describe("What the pod says of itself."),
  })
  .superRefine((facts, context) => {
    refuseNothing(facts, context);
    if (facts.session && facts.sessions)
      complain(context, "session is that of the one guest: it does not go with sessions");
  });
export type Facts = z.infer<typeof factsSchema>;

const hearing = z
  .strictObject({
    text: wording.exactOptional(),
    choices: z.array(text).exactOptional().describe("The buttons beside it, in their order."),
  })
  .superRefine(refuseNothing);

/** Steps that are one word. */
const BARE_STEPS = ["scan", "reload", "ends"] as const;
type Bare = (typeof BARE_STEPS)[number];

const GUEST_ACTIONS = ["scan", "reload", "hear", "ends", "say", "tap"] as const;
/** What is done; a step of `until` does nothing, and waits. */
export const ACTIONS = [...GUEST_ACTIONS, "wait", "pod", "operator", "erp"] as const;
export type Action = (typeof ACTIONS)[number];

const stepFields = z.strictObject({
  guest: guestName.exactOptional(),
  scan: z
    .union([z.literal(true), z.strictObject({ language: z.string().min(2).max(35) })])
    .exactOptional()
    .describe("The guest scans the card: the page opens, and the session begins."),
  reload: z.literal(true).exactOptional().describe("The guest loads the page again."),
  hear: z
    .union([wording, hearing])
    .exactOptional()
    .describe("The bot says this, as the next that the guest has not heard yet."),
  ends: z.literal(true).exactOptional().describe("The bot ends the session, and has said nothing more before."),
  say: text.exactOptional().describe("The guest writes this."),
  tap: z
    .union([text, z.array(text).min(2).max(5)])
    .exactOptional()
    .describe("The guest taps this button; of a list, all at once."),
  refused: wording
    .exactOptional()
    .describe("With say and tap: the chat takes no more, and why. Of several taps, all but one are."),
  wait: duration.exactOptional().describe("Nobody does anything."),
  until: factsSchema.exactOptional().describe("It goes on when this is true."),
  pod: text
    .exactOptional()
    .describe(
      "Somebody lays hands on the pod, as `aromapod pod` does: press next, checkout, drain wood, fault late=2s.",
    ),
  operator: text
    .exactOptional()
    .describe(
      "The hotel asks the pod for something: checkin wood, checkout, schedule 08:00 12:00 wood. Times may be now+2s; the ERP is then told of that schedule first.",
    ),
  erp: z
    .union([
      z.enum(["away", "back", "well"]),
      z.strictObject({
        fault: z.enum(FAULT_KINDS),
        times: z.number().int().min(1).max(1_000).exactOptional(),
        ms: z.number().int().min(0).max(60_000).exactOptional(),
      }),
    ])
    .exactOptional()
    .describe("The bundled ERP ends, is back, or goes wrong at so many calls until it is well."),
});

const step = z
  .union([z.enum(BARE_STEPS), stepFields])
  .transform((given) => (typeof given === "string" ? ({ [given]: true } as { [Name in Bare]?: true }) : given) as Step)
  .superRefine((given, context) => {
    const found = [...ACTIONS, "until" as const].filter((name) => given[name] !== undefined);
    if (found.length !== 1) complain(context, `must be one of ${ACTIONS.join(", ")}, until`);
    const [action = "wait"] = found;
    if (given.guest !== undefined && !isGuestAction(action))
      complain(context, `is nothing that a guest does: ${action}`);
    if (given.refused !== undefined && action !== "say" && action !== "tap")
      complain(context, "refused goes with say and tap");
  });
export type Step = z.infer<typeof stepFields>;

/** What says nothing would be true of everything. */
function refuseNothing(said: object, context: z.RefinementCtx): void {
  const names = Object.entries(said).filter(([name, value]) => name !== "within" && !isEmpty(value));
  if (names.length === 0) complain(context, "must say something");
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length === 0;
}

function complain(context: z.RefinementCtx, message: string): void {
  context.addIssue({ code: "custom", message });
}

function checkPattern(words: string, context: z.RefinementCtx): void {
  const [, source, flags] = PATTERN.exec(words) ?? [];
  if (source === undefined) return;
  try {
    new RegExp(source, flags);
  } catch (error) {
    context.addIssue({ code: "custom", message: `is no regular expression: ${(error as Error).message}` });
  }
}

export function isGuestAction(action: string): boolean {
  return GUEST_ACTIONS.some((name) => name === action);
}

export const scenarioSchema = z.strictObject({
  name: text.max(100),
  about: text.exactOptional().describe("For those who read the report: what is shown, and why it matters."),
  kit: z
    .strictObject({
      settings: z
        .record(z.string(), z.union([z.string(), z.number()]))
        .exactOptional()
        .describe("Settings of the kit on which it is played, such as BOT_IDLE_S."),
      serial: z
        .string()
        .regex(new RegExp(`^${SERIAL}$`), "must be 1 to 32 letters, digits or hyphens")
        .exactOptional()
        .describe("The device in the room, instead of the one that the bundled ERP knows."),
    })
    .exactOptional()
    .describe("It is played on a kit of its own, which differs in this."),
  steps: z.array(step).min(1).max(200),
  expect: factsSchema.describe("What must be true at the end."),
});
export type Scenario = z.infer<typeof scenarioSchema>;
