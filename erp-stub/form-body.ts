import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";

/** A file with all master data of a large hotel chain stays far below it. */
export const MAX_UPLOAD_BYTES = 5_000_000;

/**
 * The fields of an HTML form; a file that is uploaded is its text.
 *
 * @throws {HttpError} 413 when it is too large, 400 when it cannot be read
 */
export async function readForm(request: HttpRequest): Promise<URLSearchParams> {
  const type = request.header("content-type") ?? "";
  if (!type.startsWith("multipart/form-data")) return request.form();
  const body = await request.text(MAX_UPLOAD_BYTES);
  const fields = new URLSearchParams();
  try {
    const data = await new Response(body, { headers: { "content-type": type } }).formData();
    for (const [name, value] of data) fields.append(name, typeof value === "string" ? value : await value.text());
  } catch {
    throw new HttpError(400, "This form cannot be read.");
  }
  return fields;
}
