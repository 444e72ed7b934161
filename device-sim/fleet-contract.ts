/** A scenario: what the guests of a fleet do, and what happens to it. Written as JSON, in hours of a hotel's day. */
import { z } from "zod";
import { SCENTS } from "./contract.ts";

const hour = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, "must be a time of day such as 14:30");
const clockTime = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, "must be a time such as 19:00:00");
const share = z.number("must be a number from 0 to 1").min(0, "must be 0 or more").max(1, "must be 1 or less");
const between = z.tuple([hour, hour], "must be two times of day").describe("At a random moment between these.");

const stepSchema = z.discriminatedUnion(
  "action",
  [
    z.strictObject({
      action: z.literal("checkin"),
      between,
      scents: z
        .array(z.enum(SCENTS, `must be one of ${SCENTS.join(", ")}`))
        .min(1)
        .default([...SCENTS]),
    }),
    z.strictObject({ action: z.literal("checkout"), between }),
    z.strictObject({ action: z.literal("schedule"), between, startTime: clockTime, endTime: clockTime }),
    z.strictObject({ action: z.literal("press"), between, button: z.enum(["next", "stop"], "must be next or stop") }),
  ],
  "must be checkin, checkout, schedule or press",
);
export type Step = z.infer<typeof stepSchema>;

const happeningSchema = z.strictObject({
  what: z.enum(["power-cut", "broker-restart"], "must be power-cut or broker-restart"),
  at: hour,
  minutes: z
    .number()
    .min(0)
    .max(24 * 60)
    .describe("How long it lasts, by the hotel's clock."),
  share: share.default(1).describe("Of the pods that have no power."),
});
export type Happening = z.infer<typeof happeningSchema>;

const scenarioShape = z.strictObject({
  about: z.string().min(1).max(200),
  from: hour.describe("The hotel's clock when the run begins; the run's duration stands for `hours`."),
  hours: z.number().min(0.1).max(48),
  stories: z
    .array(z.strictObject({ share, steps: z.array(stepSchema).max(20) }))
    .describe("Each pod lives through one of these, or through none if the shares leave some over.")
    .refine(
      (stories) => stories.reduce((sum, story) => sum + story.share, 0) <= 1 + 1e-9,
      "have shares of more than 1 together",
    ),
  happenings: z.array(happeningSchema).max(10).default([]),
  faults: z
    .array(z.strictObject({ share, words: z.array(z.string().min(1).max(64)).min(1).max(10) }))
    .default([])
    .describe("Behaviours that some of the pods have all the time."),
});
export type Scenario = z.infer<typeof scenarioShape>;

const DAY_MINUTES = 24 * 60;

/** Minutes from the beginning of the run; a time of day that is before it is on the next day. */
export function minutesInto({ from }: Pick<Scenario, "from">, time: string): number {
  return (minutesOf(time) - minutesOf(from) + DAY_MINUTES) % DAY_MINUTES;
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Refuses what would come only after the run, or end before it begins. */
export const scenarioSchema = scenarioShape.superRefine((scenario, context) => {
  const isWithin = (time: string) => minutesInto(scenario, time) <= scenario.hours * 60;
  const refuse = (path: (string | number)[], message: string) => context.addIssue({ code: "custom", path, message });
  for (const [story, { steps }] of scenario.stories.entries())
    for (const [step, { between }] of steps.entries()) {
      const [first, last] = between;
      const path = ["stories", story, "steps", step, "between"];
      if (!isWithin(first) || !isWithin(last)) refuse(path, "lies outside the scenario's hours");
      else if (minutesInto(scenario, last) < minutesInto(scenario, first)) refuse(path, "ends before it begins");
    }
  for (const [at, happening] of scenario.happenings.entries())
    if (!isWithin(happening.at)) refuse(["happenings", at, "at"], "lies outside the scenario's hours");
});
