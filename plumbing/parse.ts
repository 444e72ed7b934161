import { HttpError } from "./http-reply.ts";

type Schema<T> = {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
};

/**
 * What somebody sent, as the schema reads it.
 *
 * @throws {HttpError} 422 with a sentence that names what is wrong
 */
export function parse<T>(schema: Schema<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new HttpError(422, `${issue?.path.join(".") || "The request"}: ${issue?.message ?? "is not acceptable"}.`);
}
