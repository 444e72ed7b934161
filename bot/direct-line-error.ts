import { HttpError, json, type Reply } from "../plumbing/http-reply.ts";

const CODES: Record<number, string> = {
  400: "BadArgument",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  413: "BadArgument",
  415: "UnsupportedMediaType",
};

/** An error with a code of Direct Line's own. */
export class DirectLineError extends HttpError {
  readonly code: string;
  constructor(status: number, code: string, detail: string) {
    super(status, detail);
    this.code = code;
  }
}

/** Direct Line's own shape of an error. */
export function formatDirectLineError(error: HttpError): Reply {
  const code = error instanceof DirectLineError ? error.code : (CODES[error.status] ?? "ServiceError");
  return json({ error: { code, message: error.message } }, error.status, error.headers);
}
