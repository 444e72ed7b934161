/** What the Katlai ERP serves: `GET /device/switch` as its documentation has it, and reading back what was written. */
import { z } from "zod";

export const USAGE_STATUSES = ["checkin", "checkout", "timein", "timeout"] as const;
export type UsageStatus = (typeof USAGE_STATUSES)[number];

/** Answer of `GET /device/switch` with status 200. */
export const switchAnswerSchema = z.object({
  message: z.string(),
  serial: z.string(),
  status: z.enum(USAGE_STATUSES),
  timestamp: z.iso.datetime(),
});
export type SwitchAnswer = z.infer<typeof switchAnswerSchema>;

/** Every 4xx of the two documented endpoints. */
export const erpErrorSchema = z.object({
  error: z.string(),
  details: z.record(z.string(), z.array(z.string())).optional(),
});
export type ErpError = z.infer<typeof erpErrorSchema>;

/** One row of `GET /api/device-usages`. Times are ISO 8601 UTC with milliseconds, schedule times HH:MM:SS. */
const usageSchema = z.object({
  id: z.number().int(),
  ref: z.string().nullable(),
  serial: z.string(),
  status: z.enum(USAGE_STATUSES),
  scent: z.string(),
  room: z.string(),
  source: z.enum(["webhook", "manual"]),
  checkinAt: z.string(),
  timeinAt: z.string().nullable(),
  timeoutAt: z.string().nullable(),
  checkoutAt: z.string().nullable(),
  /** From each time-in to its time-out, or to the check-out; the last one may be open. An ERP may keep none. */
  intervals: z.array(z.object({ timeinAt: z.string(), timeoutAt: z.string().nullable() })).default([]),
  startTime: z.string().nullable(),
  endTime: z.string().nullable(),
  request: z.string(),
});
export type Usage = z.infer<typeof usageSchema>;

export const usageListSchema = z.object({ data: z.array(usageSchema) });

const NOT_AN_INSTANT = "must be an instant such as 2024-11-01T08:00:00Z";
const instant = z.iso
  .datetime({ offset: true, error: NOT_AN_INSTANT })
  .transform((value) => new Date(value).toISOString())
  // An offset can lead out of the years with four digits: such a time has no place in the order of texts.
  .refine((value) => /^\d{4}-/.test(value), NOT_AN_INSTANT);
const filled = z.string().min(1, "must not be empty");

/** The query of `GET /api/device-usages`. */
export const usageFilterSchema = z.object({
  ref: filled.exactOptional(),
  serial: filled.exactOptional(),
  from: instant.exactOptional(),
  to: instant.exactOptional(),
  limit: z
    .string()
    .regex(/^0*[1-9]\d{0,8}$/, "must be a positive whole number")
    .transform(Number)
    .exactOptional(),
});

/** What a caller may assume: `safe` honours `Idempotency-Key`, `legacy` executes every call. */
export const ERP_MODES = ["safe", "legacy"] as const;
export type ErpMode = (typeof ERP_MODES)[number];

/** `GET /device/switch`'s path and query, byte for byte the request that README shows. */
export function switchPath(call: {
  serial: string;
  status: string;
  scent: string;
  startTime?: string | undefined;
  endTime?: string | undefined;
}): string {
  const schedule: [string, string][] =
    call.startTime && call.endTime
      ? [
          ["start_time", call.startTime],
          ["end_time", call.endTime],
        ]
      : [];
  const fields: [string, string][] = [
    ["serial", call.serial],
    ["submit", ""],
    ["status", call.status],
    ["scent", call.scent],
    ...schedule,
  ];
  // A colon is legal in a query; the documented example has it bare.
  const encode = (value: string) => encodeURIComponent(value).replaceAll("%3A", ":");
  return `/device/switch?${fields.map(([name, value]) => `${name}=${encode(value)}`).join("&")}`;
}
