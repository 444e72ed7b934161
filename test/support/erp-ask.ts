import { request } from "undici";

export type Asking = {
  method?: string;
  headers?: Record<string, string>;
  /** A form's fields; anything else goes out as JSON. */
  form?: Record<string, string>;
  json?: unknown;
  body?: string;
};

export type Answer = {
  status: number;
  location: string | undefined;
  /** The new cookie as a browser sends it back. */
  cookie: string;
  headers: Record<string, string | string[] | undefined>;
  text: string;
};

/** Nothing here takes a second; a machine with other work may stand still for longer. */
const DEADLINE_MS = 25_000;

/** Asks as somebody who says exactly this and no more: fetch would add words of its own, and leave out some of ours. */
export async function ask(
  url: string,
  { method = "GET", headers = {}, form, json, body }: Asking = {},
): Promise<Answer> {
  const payload = form ? new URLSearchParams(form).toString() : json === undefined ? body : JSON.stringify(json);
  const type = form ? { "content-type": "application/x-www-form-urlencoded" } : json === undefined ? {} : JSON_TYPE;
  const answer = await request(url, {
    method,
    headers: { ...type, ...headers },
    body: payload ?? null,
    signal: AbortSignal.timeout(DEADLINE_MS),
  });
  const { location, "set-cookie": setCookie } = answer.headers;
  return {
    status: answer.statusCode,
    location: location === undefined ? undefined : String(location),
    cookie: String(setCookie ?? "").split(";")[0] ?? "",
    headers: answer.headers,
    text: await answer.body.text(),
  };
}

const JSON_TYPE = { "content-type": "application/json" };

/** The token that the forms of a page carry. */
export function tokenIn(page: string): string {
  return /name="token" value="([\w-]+)"/.exec(page)?.[1] ?? "";
}
