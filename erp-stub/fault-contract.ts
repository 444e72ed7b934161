/** Faults that the ERP shows on demand, so that a client can be tried against them: `/api/faults`. */
import { z } from "zod";

export const FAULT_KINDS = [
  "latency",
  "error-before",
  "error-after",
  "cut",
  "duplicate",
  "slow",
  "wrong-body",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

const TIMED: readonly FaultKind[] = ["latency", "slow"];
const MAX_TIMES = 1_000;
const MAX_MS = 60_000;

const fields = {
  kind: z.enum(FAULT_KINDS).describe(
    `latency: the answer comes ms later; error-before: 500, nothing is written; error-after: written, then 500;
     cut: written, then the connection ends without an answer; duplicate: carried out twice, as behind a proxy that
     repeats; slow: the answer dribbles out over ms; wrong-body: written, then 200 with a page.`.replaceAll(
      /\s+/g,
      " ",
    ),
  ),
  endpoint: z.enum(["switch", "customers", "both"]).default("both"),
  times: z
    .number()
    .int()
    .min(1)
    .max(MAX_TIMES)
    .nullable()
    .default(1)
    .describe("How many calls it concerns; null: all, until it is taken away."),
  ms: z.number().int().min(0).max(MAX_MS).exactOptional().describe("For latency and slow, which need it."),
};

/** The body of `POST /api/faults`. */
export const newFaultSchema = z
  .strictObject(fields)
  .refine(({ kind, ms }) => ms !== undefined || !TIMED.includes(kind), {
    path: ["ms"],
    error: "is needed for latency and slow",
  });
export type NewFault = z.infer<typeof newFaultSchema>;

export const faultSchema = z.object({
  id: z.number().int(),
  ...fields,
  left: z.number().int().nullable().describe("How many calls it still concerns."),
});
export type Fault = z.infer<typeof faultSchema>;

/** The answer of `GET /api/faults`: in the order in which they act, one for each call. */
export const faultListSchema = z.object({ data: z.array(faultSchema) });
