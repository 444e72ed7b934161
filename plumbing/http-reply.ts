import type { Html } from "./html.ts";

/** What a handler answers; `undefined` instead of it means that the handler has written the answer itself. */
export type Reply = { status: number; headers: Record<string, string>; body: string | Buffer };

const NO_STORE = { "cache-control": "no-store" };

export function json(value: unknown, status = 200, headers: Record<string, string> = {}): Reply {
  const type = { "content-type": "application/json; charset=utf-8", ...NO_STORE };
  return { status, headers: { ...type, ...headers }, body: JSON.stringify(value) };
}

export function page(content: Html, status = 200, headers: Record<string, string> = {}): Reply {
  const type = { "content-type": "text/html; charset=utf-8", ...NO_STORE };
  return { status, headers: { ...type, ...headers }, body: content.markup };
}

export function text(body: string, status = 200, type = "text/plain; charset=utf-8"): Reply {
  return { status, headers: { "content-type": type, ...NO_STORE }, body };
}

export function seeOther(location: string, headers: Record<string, string> = {}): Reply {
  return { status: 303, headers: { location, ...NO_STORE, ...headers }, body: "" };
}

/** An error that the client may read: its detail is sent as it is. */
export class HttpError extends Error {
  override name = "HttpError";
  readonly status: number;
  readonly headers: Record<string, string>;
  constructor(status: number, detail: string, headers: Record<string, string> = {}) {
    super(detail);
    this.status = status;
    this.headers = headers;
  }
}

/** RFC 9457. */
export function problem(error: HttpError): Reply {
  const body = { type: "about:blank", title: titleOf(error.status), status: error.status, detail: error.message };
  return json(body, error.status, { "content-type": "application/problem+json", ...error.headers });
}

const TITLES: Record<number, string> = {
  400: "Bad request",
  401: "Not signed in",
  403: "Not allowed",
  404: "Not found",
  405: "Method not allowed",
  409: "Conflict",
  412: "Precondition failed",
  413: "Too large",
  415: "Unsupported media type",
  422: "Not acceptable",
  429: "Too many requests",
  501: "Not provided",
  502: "Others failed",
  503: "Not ready",
  504: "Others were too slow",
};

function titleOf(status: number): string {
  return TITLES[status] ?? "Internal error";
}
