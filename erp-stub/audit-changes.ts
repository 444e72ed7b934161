/** What the audit log keeps of a change, in words. */
import { CUSTOMER_FIELDS } from "./customer-form.ts";
import { amount } from "./form-values.ts";
import { type Field, RESOURCES, type ResourceName, USAGE_FIELDS } from "./resources.ts";

/** A field with nothing more, its value, or its values before and after; an empty text is none. */
export type ChangeLine = { label: string; values: readonly string[] };

type Changed = { action: string; resource: string; changes: unknown };

const MAX_TEXT = 300;

export function changeLines({ action, resource, changes }: Changed): ChangeLine[] {
  if (typeof changes !== "object" || changes === null) return [];
  // Where the values are personal, only the names of the fields are kept.
  if (Array.isArray(changes)) return changes.map((name) => ({ label: labelOf(resource, String(name)), values: [] }));
  return Object.entries(changes)
    .filter(([name]) => !isNamedOtherwise(name, changes))
    .map(([name, value]) => {
      const field = fieldOf(resource, name);
      const values = action === "changed" && isPair(value) ? value : [value];
      return { label: field?.label ?? wordsOf(name), values: values.map((one) => textOf(one, field)) };
    });
}

/** A row that was removed has both the id of what it referred to and its name. */
function isNamedOtherwise(name: string, changes: object): boolean {
  return name === "id" || (name.endsWith("_id") && Object.hasOwn(changes, name.slice(0, -"_id".length)));
}

function isPair(value: unknown): value is [unknown, unknown] {
  return Array.isArray(value) && value.length === 2;
}

function labelOf(resource: string, name: string): string {
  return fieldOf(resource, name)?.label ?? wordsOf(name);
}

const OTHER_FIELDS: Record<string, readonly Field[]> = { customers: CUSTOMER_FIELDS, "device-usages": USAGE_FIELDS };

function fieldOf(resource: string, name: string): Field | undefined {
  const fields = OTHER_FIELDS[resource] ?? fieldsOf(resource);
  return fields.find((field) => field.name === name || (field.kind === "reference" && field.name === `${name}_id`));
}

function fieldsOf(resource: string): readonly Field[] {
  return Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource as ResourceName].fields : [];
}

/** `retentionDays` and `created_at` are `Retention days` and `Created at`. */
function wordsOf(name: string): string {
  const words = name
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .replaceAll("_", " ")
    .toLowerCase();
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function textOf(value: unknown, field: Field | undefined): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && field?.kind === "money") return amount(value);
  if (typeof value === "number" && field?.kind === "reference") return `${RESOURCES[field.to].one} ${String(value)}`;
  const text = Array.isArray(value) ? value.map(plain).join(", ") : plain(value);
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function plain(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
