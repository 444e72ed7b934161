/** What the Katlai ERP takes and tells of customers, with the messages that Laravel has for each rule. */
import { z } from "zod";

const MAX_CHARACTERS = 255;
const MAX_AGE = 150;
const MAX_DEPTH = 16;

const WORD = "[\\p{L}\\p{M}\\p{N}]+";
const ATOM = "[\\p{L}\\p{M}\\p{N}!#$%&'*+/=?^_`{|}~-]+";
/** In any script; what is quoted before the @, or stands in brackets after it, is not taken. */
const EMAIL = new RegExp(String.raw`^${ATOM}(\.${ATOM})*@${WORD}((\.|-+)${WORD})*$`, "u");
const INTEGER = /^[+-]?(0|[1-9]\d{0,14})$/;

/** The documentation's own. */
export const CUSTOMER_EXAMPLE = {
  name: "John Doe",
  email: "johndoe@example.com",
  phone: "1234567890",
  gender: "m",
  age: 30,
  birthdate: "1994-05-15",
  preferences: { language: "en", newsletter: true },
} as const;

/** Texts are trimmed, and an empty one is none, as Laravel's middleware has it for every field. */
function field<Inner extends z.ZodType>(inner: Inner) {
  return z.preprocess((value) => trimmed(value), inner.nullable()).exactOptional();
}

function text(name: string) {
  return z
    .string(`The ${name} field must be a string.`)
    .refine(isUtf8, `The ${name} field must be encoded in UTF-8.`)
    .refine(
      (value) => Array.from(value).length <= MAX_CHARACTERS,
      `The ${name} field must not be greater than ${String(MAX_CHARACTERS)} characters.`,
    )
    .meta({ maxLength: MAX_CHARACTERS });
}

const NO_EMAIL = "The email field must be a valid email address.";
const email = z.preprocess(
  trimmed,
  z
    .string({
      error: ({ input }) => (input === undefined || input === null ? "The email field is required." : NO_EMAIL),
    })
    .toLowerCase()
    .max(MAX_CHARACTERS, {
      error: `The email field must not be greater than ${String(MAX_CHARACTERS)} characters.`,
      abort: true,
    })
    .regex(EMAIL, NO_EMAIL),
);

const NO_INTEGER = "The age field must be an integer.";
const NO_AGE = `The age field must be between 0 and ${String(MAX_AGE)}.`;
const age = z.preprocess(
  (value) => (typeof value === "string" && INTEGER.test(value) ? Number(value) : value),
  z
    .number(NO_INTEGER)
    .refine(Number.isInteger, { error: NO_INTEGER, abort: true })
    .min(0, NO_AGE)
    .max(MAX_AGE, NO_AGE)
    .meta({ type: "integer" }),
);

const preferences = z
  .unknown()
  .refine(isObject, {
    error: ({ input }) => `The preferences field must be an ${Array.isArray(input) ? "object" : "array"}.`,
    abort: true,
  })
  .superRefine((value, context) => {
    const problem = problemWithin(value, MAX_DEPTH);
    if (problem) context.addIssue(`The preferences field must ${problem}.`);
  })
  .transform((value) => value as Record<string, unknown>)
  .meta({ type: "object", additionalProperties: true });

/** Body of `POST /api/customers`. A field that is absent is left as it was, and null clears it. Others are ignored. */
export const customerRequestSchema = z
  .object({
    name: field(text("name")).meta({ description: "The full name." }),
    email: email.meta({
      format: "email",
      description: "The customer's key: the case of its letters and blanks around it count for nothing.",
    }),
    phone: field(text("phone")).meta({ description: "The phone number, as the customer writes it." }),
    gender: field(z.enum(["m", "f"], "The selected gender is invalid.")).meta({ description: "m: male, f: female." }),
    age: field(age).meta({ description: "In years." }),
    birthdate: field(z.iso.date("The birthdate field must match the format Y-m-d.")).meta({
      description: "Not in the future.",
    }),
    preferences: preferences
      .nullable()
      .exactOptional()
      .meta({
        type: ["object", "null"],
        additionalProperties: true,
        description: `Merged into those that are kept: a key with null removes that one. Of at most ${String(MAX_DEPTH)} levels.`,
      }),
  })
  .meta({
    description: "A customer to create or, where the e-mail is known, to update.",
    examples: [CUSTOMER_EXAMPLE],
  });
export type CustomerInput = z.output<typeof customerRequestSchema>;

/** A customer as it is kept. */
const customerSchema = z.object({
  name: z.string().nullable(),
  email: z.string(),
  phone: z.string().nullable(),
  gender: z.enum(["m", "f"]).nullable(),
  age: z.int().min(0).max(MAX_AGE).nullable(),
  birthdate: z.iso.date().nullable(),
  preferences: z.record(z.string(), z.unknown()).nullable(),
});
export type Customer = z.infer<typeof customerSchema>;

/** Answer of `POST /api/customers` with status 200, whether the customer is new or not. */
export const customerAnswerSchema = z
  .object({
    message: z.literal("Customer setup successful"),
    customer_id: z.int().positive(),
    data: customerSchema.meta({ description: "The customer as it is kept now; null is what nobody has told." }),
  })
  .meta({
    examples: [{ message: "Customer setup successful", customer_id: 12_345, data: CUSTOMER_EXAMPLE }],
  });
export type CustomerAnswer = z.infer<typeof customerAnswerSchema>;

/** Answer of `GET /api/customers/<id>`, and of its export. Times are ISO 8601 UTC with milliseconds. */
export const customerRowSchema = z.object({
  id: z.int().positive(),
  ...customerSchema.shape,
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type CustomerRow = z.infer<typeof customerRowSchema>;

/** Answer of `GET /api/customers`. */
export const customerListSchema = z.object({
  data: z.array(customerRowSchema),
  total: z.int().min(0),
  page: z.int().min(1),
  pages: z.int().min(1).meta({ description: "How many pages there are; an empty list has one." }),
});
export type CustomerList = z.infer<typeof customerListSchema>;

function trimmed(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const inner = value.trim();
  return inner === "" ? null : inner;
}

function isObject(value: unknown): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Bytes that are no UTF-8 have become U+FFFD before anybody reads them here. */
function isUtf8(value: string): boolean {
  return value.isWellFormed() && !value.includes("\uFFFD");
}

function problemWithin(value: unknown, levels: number): string | undefined {
  if (typeof value === "string") return isUtf8(value) ? undefined : "be encoded in UTF-8";
  if (typeof value === "number") return Number.isFinite(value) ? undefined : "not contain a number beyond all bounds";
  if (typeof value !== "object" || value === null) return undefined;
  if (levels === 0) return `not be nested deeper than ${String(MAX_DEPTH)} levels`;
  const parts: unknown[] = [...Object.keys(value), ...Object.values(value)];
  for (const part of parts) {
    const problem = problemWithin(part, levels - 1);
    if (problem) return problem;
  }
  return undefined;
}
