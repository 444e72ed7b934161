/** What people do to a simulated pod by hand: the API of the simulator. */
import { z } from "zod";
import { type PodState, SCENTS } from "./contract.ts";

/** `GET /api/pods/<serial>`, and one of `GET /api/pods`. */
export type PodView = {
  serial: string;
  connected: boolean;
  state: PodState;
  /** What a new capsule holds, in millilitres. */
  capsuleMl: number;
  /** The behaviours that are on, such as `late=2s`. */
  faults: string[];
  seed: number;
  /** Events that wait for their acknowledgement. */
  unacked: number;
};

const oneScent = z.enum(SCENTS, `must be one of ${SCENTS.join(", ")}`);
const scent = oneScent.describe("Of which scent.");
const clockTime = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/, "must be a time such as 08:00")
  .transform((time) => (time.length === 5 ? `${time}:00` : time));

/** The bodies of `POST /api/pods/<serial>/<hand>`. */
export const HANDS = {
  press: z.strictObject({ button: z.enum(["next", "stop"], "must be next or stop").describe("Which one.") }),
  checkin: z.strictObject({ scent }),
  checkout: z.strictObject({}),
  schedule: z.strictObject({
    startTime: clockTime.describe("When it opens: `08:00`."),
    endTime: clockTime.describe("When it closes; before `startTime` means the day after."),
    timeZone: z.string().min(1).max(64).describe("IANA name of the time zone by whose clock."),
    scent: oneScent.optional().describe("What it diffuses then; that of the stay unless given."),
  }),
  drain: z.strictObject({ scent }),
  refill: z.strictObject({ scent }),
  remove: z.strictObject({ scent }),
  intensity: z.strictObject({
    level: z.coerce
      .number("must be 1, 2 or 3")
      .pipe(z.union([z.literal(1), z.literal(2), z.literal(3)], "must be 1, 2 or 3"))
      .describe("1 gentle, 2 normal, 3 strong."),
  }),
  fault: z.strictObject({
    faults: z.array(z.string().min(1).max(64)).max(10).describe("Such as `late=2s`; none takes all off."),
    seed: z.coerce
      .number()
      .int()
      .min(0)
      .max(2 ** 32 - 1)
      .default(1)
      .describe("The same seed makes them do the same."),
  }),
} as const;
export type HandName = keyof typeof HANDS;
export type Hands = { [Name in HandName]: z.infer<(typeof HANDS)[Name]> };
