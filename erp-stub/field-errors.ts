import { HttpError, json, problem, type Reply } from "../plumbing/http-reply.ts";

/** Messages per field, as Laravel has them. */
export type FieldErrors = Record<string, string[]>;

type Issues = readonly { path: readonly PropertyKey[]; message: string; code?: string; keys?: readonly string[] }[];

type Schema<T> = {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: Issues } };
};

/** 422 with messages at the fields, for a form as for a program. */
export class FieldsError extends HttpError {
  readonly errors: FieldErrors;
  constructor(errors: FieldErrors) {
    super(422, Object.values(errors).flat().join(" "));
    this.errors = errors;
  }
}

/** RFC 9457, with `errors` per field where there are such. */
export function problemWithFields(error: HttpError): Reply {
  const reply = problem(error);
  if (!(error instanceof FieldsError)) return reply;
  const body = { ...(JSON.parse(String(reply.body)) as object), errors: error.errors };
  return json(body, error.status, reply.headers);
}

/** @throws {FieldsError} */
export function parseFields<T>(schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new FieldsError(errorsOf(parsed.error.issues));
}

/** What somebody sent names the fields, and may be called as what every object has. */
function errorsOf(issues: Issues): FieldErrors {
  const errors = new Map<string, string[]>();
  const add = (field: string, message: string) => errors.getOrInsertComputed(field, () => []).push(message);
  for (const { path, message, code, keys = [] } of issues) {
    if (code === "unrecognized_keys") for (const key of keys) add(key, `There is no field ${key}.`);
    else add(String(path[0] ?? "body"), path.length === 0 ? "Send a JSON object." : message);
  }
  return Object.fromEntries(errors);
}
