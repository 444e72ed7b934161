/** What the operations guide is about, as bodies of `/api/<name>`; fields are named as the guide and the tables name them. */
import { z } from "zod";
import { isTimeZone } from "../plumbing/time-zone.ts";
import { ERP_MODES } from "./contract.ts";

type Issue = { input?: unknown };

/** What a body of a resource has to be. */
export type BodySchema = z.ZodObject<Record<string, z.ZodType<string | number | null | undefined>>>;

export const MIN_PASSWORD = 12;
const MAX_CENTS = 1_000_000_000_000;

const labelled = (field: string) =>
  field
    .replace(/_id$/, "")
    .replace(/_cents$/, "")
    .replaceAll("_", " ");

/** A message as Laravel has it: what is absent is required, what is there is wrong in the given way. */
const wording = (field: string, wrong: string) => ({
  error: ({ input }: Issue) =>
    input === undefined || input === null ? `The ${labelled(field)} field is required.` : wrong,
});

function text(field: string, { min = 1, max = 200, about = "" } = {}) {
  const name = labelled(field);
  return z
    .string(wording(field, `The ${name} field must be a string.`))
    .trim()
    .min(min, `The ${name} field is required.`)
    .max(max, `The ${name} field must not be greater than ${String(max)} characters.`)
    .refine((value) => !/\p{Cc}|\p{Cs}/u.test(value), `The ${name} field must not contain control characters.`)
    .describe(about);
}

/** An empty one is none. */
function optionalText(field: string) {
  return text(field, { min: 0 })
    .transform((value) => (value === "" ? null : value))
    .nullable()
    .optional();
}

function idOf(field: string) {
  const wrong = `The selected ${labelled(field)} is invalid.`;
  return z
    .number(wording(field, wrong))
    .int(wrong)
    .positive(wrong)
    .describe(`The id of its ${labelled(field)}.`);
}

function choice<const Options extends readonly string[]>(field: string, options: Options) {
  return z.enum(options, wording(field, `The selected ${labelled(field)} is invalid.`));
}

function cents(field: string, min: number) {
  const name = labelled(field);
  return z
    .number(wording(field, `The ${name} field must be an integer.`))
    .int(`The ${name} field must be an integer.`)
    .min(min, `The ${name} field must be at least ${String(min)}.`)
    .max(MAX_CENTS, `The ${name} field must not be greater than ${String(MAX_CENTS)}.`)
    .describe("In minor units: 2500 is 25.00.");
}

function shaped(field: string, { shape, format, about }: { shape: RegExp; format: string; about: string }) {
  const wrong = `The ${labelled(field)} field must match the format ${format}.`;
  return z.string(wording(field, wrong)).trim().regex(shape, wrong).describe(about);
}

function instant(field: string, about: string) {
  const wrong = `The ${labelled(field)} field must be a time such as 2026-11-01T08:00:00Z.`;
  return z
    .string(wording(field, wrong))
    .trim()
    .check(z.iso.datetime({ offset: true, error: wrong }))
    .transform((value) => new Date(value).toISOString())
    .refine((value) => /^\d{4}-/.test(value), wrong)
    .describe(about);
}

function day(field: string, about: string) {
  const wrong = `The ${labelled(field)} field must match the format Y-m-d.`;
  return z.string(wording(field, wrong)).trim().check(z.iso.date(wrong)).describe(about);
}

const TIME = { shape: /^([01]\d|2[0-3]):[0-5]\d:[0-5]\d$/, format: "H:i:s" };
const NO_EMAIL = "The email field must be a valid email address.";
const email = z
  .string(wording("email", NO_EMAIL))
  .trim()
  .check(z.email(NO_EMAIL))
  .max(254, "The email field must not be greater than 254 characters.");

export const CLIENT_TYPES = ["hotel", "spa"] as const;
export const CHARGE_UNITS = ["daily", "hourly"] as const;
export type ChargeUnit = (typeof CHARGE_UNITS)[number];
/** From the least to the most that they may do. */
export const ROLES = ["viewer", "manager", "admin"] as const;
export type Role = (typeof ROLES)[number];

export const corporationSchema = z.strictObject({ name: text("name") });

export const clientSchema = z.strictObject({
  corporation_id: idOf("corporation_id"),
  name: text("name"),
  client_type: choice("client_type", CLIENT_TYPES),
  timezone: text("timezone", { max: 64, about: "An IANA time zone, such as Asia/Hong_Kong." }).refine(
    (name) => /^[A-Z]/.test(name) && isTimeZone(name),
    "The timezone field must be a valid timezone.",
  ),
  charge_rate_cents: cents("charge_rate_cents", 0),
  charge_unit: choice("charge_unit", CHARGE_UNITS),
});

export const userSchema = z.strictObject({
  name: text("name"),
  email: email.describe("What the user signs in with."),
  role: choice("role", ROLES),
  client_id: idOf("client_id").nullable().optional().describe("The one client that the user sees; null sees all."),
});

export const deviceTypeSchema = z.strictObject({
  code: text("code", { max: 64, about: "Such as app2x." }),
  name: text("name", { about: "Such as Aroma Pod Pro 4 capsules." }),
});

export const roomSchema = z.strictObject({ client_id: idOf("client_id"), name: text("name") });

export const deviceSchema = z.strictObject({
  device_type_id: idOf("device_type_id"),
  serial: shaped("serial", {
    shape: /^[A-Za-z0-9_-]{1,64}$/,
    format: "of 1 to 64 letters, digits, hyphens or underscores",
    about: "What is printed on the device; unique.",
  }),
});

export const deviceSetupSchema = z.strictObject({
  device_id: idOf("device_id"),
  room_id: idOf("room_id"),
  installed_at: instant("installed_at", "When it was installed in the room."),
  ended_at: instant("ended_at", "When it was taken out; null while it stands there.").nullable().optional(),
});

export const scentSchema = z.strictObject({
  code: text("code", { max: 64, about: "What a device reports, in any case." }),
  name: text("name"),
});

export const scheduleSchema = z.strictObject({
  start_time: shaped("start_time", { ...TIME, about: "Such as 08:00:00." }),
  end_time: shaped("end_time", { ...TIME, about: "Such as 12:00:00." }),
});

export const paymentSchema = z.strictObject({
  client_id: idOf("client_id"),
  paid_on: day("paid_on", "The day of the payment, in the client's time zone."),
  amount_cents: cents("amount_cents", 1),
  note: optionalText("note"),
});

/** A usage that a person enters: its room and its client follow from where the device stood at the check-in. */
export const manualUsageSchema = z.strictObject({
  device_id: idOf("device_id"),
  scent_id: idOf("scent_id"),
  schedule_id: idOf("schedule_id").nullable().optional(),
  checkin_at: instant("checkin_at", "When it began."),
  checkout_at: instant("checkout_at", "When it ended; null while it runs.").nullable().optional(),
});

export const manualUsageChangeSchema = manualUsageSchema.partial();

export const apiKeySchema = z.strictObject({
  name: text("name", { about: "What the key is for." }),
  role: choice("role", ROLES),
  client_id: idOf("client_id").nullable().optional().describe("The one client that the key sees; null sees all."),
});

/** The body of `PATCH /api/settings`; what is absent stays. */
export const settingsSchema = z
  .strictObject({
    allow: z.array(z.string().max(64)).describe("Device databases: addresses and networks beside ERP_ALLOW."),
    proxies: z.array(z.string().max(64)).describe("Proxies whose X-Forwarded-For is believed, beside ERP_PROXIES."),
    mode: choice("mode", ERP_MODES).nullable().describe("Unless ERP_MODE is set; null is safe."),
    retention_days: z
      .number(wording("retention_days", "The retention days field must be an integer."))
      .nullable()
      .describe("Customers of whom nothing was heard for so long are erased; null keeps them."),
  })
  .partial();

const password = z
  .string(wording("password", "The password field must be a string."))
  .min(MIN_PASSWORD, `The password field must be at least ${String(MIN_PASSWORD)} characters.`)
  .max(200, "The password field must not be greater than 200 characters.");

export const passwordSchema = z.strictObject({ password });
export const newAdminSchema = z.strictObject({ name: text("name"), email, password });
