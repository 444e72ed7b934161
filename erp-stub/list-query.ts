/** What a list is asked for, by a program or by a page: the same words for both. */
import { FieldsError } from "./field-errors.ts";
import type { Value } from "./resource-store.ts";
import type { Field } from "./resources.ts";

const MAX_LIMIT = 500;
const MAX_QUERY = 200;
const WHOLE = /^[1-9]\d{0,8}$/;

export type PagedQuery = { q: string; page: number; limit: number; filters: Record<string, Value> };

/**
 * `q`, `page`, `limit` and a filter for each field that is a choice or refers to another row.
 *
 * @throws {FieldsError} that names every parameter that is wrong or unknown
 */
export function parseListQuery(query: URLSearchParams, fields: readonly Field[], standardLimit: number): PagedQuery {
  const narrowing = fields.filter(isFilter);
  const errors = errorsOfNames(query, [...KNOWN, ...narrowing.map(({ name }) => name)]);
  const filters: Record<string, Value> = {};
  for (const field of narrowing) {
    if (!errors.has(field.name)) readFilter(field, query.get(field.name) ?? "", { errors, filters });
  }
  const page = readWhole(query, { name: "page", standard: 1, errors });
  const limit = readWhole(query, { name: "limit", standard: standardLimit, errors });
  if (limit > MAX_LIMIT) errors.set("limit", [`The limit must not be greater than ${String(MAX_LIMIT)}.`]);
  const q = (query.get("q") ?? "").trim();
  if (q.length > MAX_QUERY) errors.set("q", [`The q must not be greater than ${String(MAX_QUERY)} characters.`]);
  if (errors.size > 0) throw new FieldsError(Object.fromEntries(errors));
  return { q, page, limit, filters };
}

/** By the names that somebody sent, which may be what every object has too. */
type Errors = Map<string, string[]>;

const KNOWN = ["q", "page", "limit"];

/** What is wrong with the names alone: a parameter that there is not, or one that is given twice. */
export function errorsOfNames(query: URLSearchParams, known: readonly string[]): Errors {
  const errors: Errors = new Map();
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1) errors.set(name, [`The ${name} must not be given more than once.`]);
    else if (!known.includes(name)) errors.set(name, [`There is no parameter ${name}.`]);
  }
  return errors;
}

export function isFilter({ kind }: Field): boolean {
  return kind === "choice" || kind === "reference";
}

type Read = { errors: Errors; filters: Record<string, Value> };

/** A form sends an empty one for any. */
function readFilter(field: Field, value: string, { errors, filters }: Read): void {
  if (value === "") return;
  const isGood = field.kind === "choice" ? field.options.includes(value) : WHOLE.test(value);
  if (isGood) filters[field.name] = field.kind === "choice" ? value : Number(value);
  else errors.set(field.name, [`The selected ${field.name} is invalid.`]);
}

type Whole = { name: string; standard: number; errors: Errors };

function readWhole(query: URLSearchParams, { name, standard, errors }: Whole): number {
  const value = query.get(name) ?? "";
  if (value === "") return standard;
  if (!WHOLE.test(value)) errors.set(name, [`The ${name} must be a positive whole number.`]);
  return Number(value);
}
