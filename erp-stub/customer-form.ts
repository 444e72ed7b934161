/** Between what the staff types into the form of a customer and what the endpoint takes: the rules are the same. */
import { parseJson } from "../plumbing/json.ts";
import { readCustomer } from "./customer.ts";
import type { Customer, CustomerInput } from "./customer-contract.ts";
import { type FieldErrors, FieldsError } from "./field-errors.ts";
import type { Field } from "./resources.ts";

export const GENDERS = { m: "male", f: "female" } as const;

export const CUSTOMER_FIELDS: readonly (Field & { name: keyof Customer })[] = [
  { name: "name", label: "Name", kind: "text", isOptional: true },
  // A browser's own field for e-mails takes ASCII only, which is not what people are called by everywhere.
  { name: "email", label: "E-mail", kind: "text", keyboard: "email", hint: "It tells customers apart." },
  { name: "phone", label: "Phone", kind: "text", keyboard: "tel", isOptional: true },
  {
    name: "gender",
    label: "Gender",
    kind: "choice",
    options: Object.keys(GENDERS),
    labels: GENDERS,
    isOptional: true,
  },
  { name: "age", label: "Age", kind: "text", keyboard: "numeric", hint: "In years.", isOptional: true },
  { name: "birthdate", label: "Date of birth", kind: "day", isOptional: true },
  {
    name: "preferences",
    label: "Preferences",
    kind: "long",
    hint: 'As JSON, such as {"language": "en", "newsletter": true}.',
    isOptional: true,
  },
];

const NO_JSON = "The preferences field must be a valid JSON string.";

/**
 * What is left empty is cleared.
 *
 * @param now epoch milliseconds
 * @throws {FieldsError} with all that is wrong
 */
export function readCustomerForm(form: URLSearchParams, now: number): CustomerInput {
  const typed = (name: string) => (form.get(name) ?? "").trim() || null;
  const { preferences, ...texts } = Object.fromEntries(CUSTOMER_FIELDS.map(({ name }) => [name, typed(name)]));
  const parsed = preferences ? parseJson(preferences) : null;
  const errors: FieldErrors = parsed === undefined ? { preferences: [NO_JSON] } : {};
  const read = readCustomer({ ...texts, ...(parsed !== undefined && { preferences: parsed }) }, now);
  if (!("error" in read) && parsed !== undefined) return read.input;
  throw new FieldsError({ ...("error" in read ? read.error.details : {}), ...errors });
}

/** What stands in the form for a customer. */
export function typedOfCustomer(customer: Customer): URLSearchParams {
  return new URLSearchParams(CUSTOMER_FIELDS.map(({ name }) => [name, typedText(customer[name])]));
}

function typedText(value: Customer[keyof Customer]): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value, undefined, 2) : String(value ?? "");
}
