/** What a call of `POST /api/customers` means, and what comes of it: no I/O, so every rule can be read and tested here. */
import { isoTime } from "../plumbing/clock.ts";
import type { ErpError } from "./contract.ts";
import { type Customer, type CustomerInput, customerRequestSchema } from "./customer-contract.ts";

type Details = NonNullable<ErpError["details"]>;
type Preferences = Customer["preferences"];

/** Where the day begins first, it is that far ahead of UTC: a child may be born there already. */
const FIRST_DAY_MS = 14 * 3_600_000;
const MAX_PREFERENCES_KB = 16;

const NOBODY: Customer = {
  name: null,
  email: "",
  phone: null,
  gender: null,
  age: null,
  birthdate: null,
  preferences: null,
};

/**
 * Reads the body of a call: `undefined`, where there was none, has no fields.
 *
 * @param now epoch milliseconds
 */
export function readCustomer(body: unknown = {}, now: number): { input: CustomerInput } | { error: ErpError } {
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return { error: { error: "The body must be a JSON object" } };
  }
  const parsed = customerRequestSchema.safeParse(body);
  const details = detailsOf(parsed.error?.issues ?? []);
  // The schema does not know the time, and a body is told all that is wrong with it at once.
  if (!details["birthdate"] && isAfter((body as Partial<Customer>).birthdate, now)) {
    details["birthdate"] = ["The birthdate field must be a date before or equal to today."];
  }
  return parsed.success && Object.keys(details).length === 0 ? { input: parsed.data } : invalid(details);
}

/**
 * What a customer is after a call: what the call does not name stays, null clears, and preferences are merged key by
 * key, one level deep.
 *
 * @param stored the customer with this e-mail, if there is one
 */
export function setUpCustomer(
  stored: Customer | undefined,
  { preferences, ...fields }: CustomerInput,
): { customer: Customer } | { error: ErpError } {
  const known = stored ?? NOBODY;
  const customer = { ...known, ...fields, preferences: merge(known.preferences, preferences) };
  const bytes = Buffer.byteLength(JSON.stringify(customer.preferences));
  if (bytes <= MAX_PREFERENCES_KB * 1_024) return { customer };
  const kilobytes = String(MAX_PREFERENCES_KB);
  return invalid({ preferences: [`The preferences field must not be greater than ${kilobytes} kilobytes.`] });
}

function merge(stored: Preferences, sent: Preferences | undefined): Preferences {
  if (sent === undefined) return stored;
  if (sent === null) return null;
  const entries = Object.entries({ ...stored, ...sent }).filter(([, value]) => value !== null);
  return Object.fromEntries(entries);
}

function isAfter(date: unknown, now: number): boolean {
  return typeof date === "string" && date.trim() > isoTime(now + FIRST_DAY_MS).slice(0, 10);
}

function detailsOf(issues: readonly { path: readonly PropertyKey[]; message: string }[]): Details {
  const details: Details = {};
  for (const { path, message } of issues) (details[String(path[0])] ??= []).push(message);
  return details;
}

function invalid(details: Details): { error: ErpError } {
  return { error: { error: "Validation failed", details } };
}
