/** What people may see of something that was sent: at most a few KB, without its secrets. */
import { parseJson } from "../plumbing/json.ts";

export const MAX_PAYLOAD_BYTES = 4_096;

const MASK = "***";
const SECRET_NAME = /authorization|password|passwd|secret|token|cookie|credential|key$/i;
const NO_SECRET = /^idempotency-?key$/i;
/** Without any of these words there is nothing to mask. */
const SUSPICIOUS =
  /authorization|password|passwd|secret|token|cookie|credential|(?<!idempotency-)key|bearer|basic|:\/\/[^/]*@/i;

const CREDENTIALS = /\b(bearer|basic) +[\w.~+/=-]+/gi;
const USER_IN_URL = /(:\/\/)[^/\s"@]{1,200}@/g;
/** What `isSecretName` says of the word that begins here. */
const SECRET_WORD =
  /(?<![\w-])(?!idempotency-?key(?![\w-]))(?=[\w-]*(?:authorization|password|passwd|secret|token|cookie|credential)|[\w-]*key(?![\w-]))[\w-]+/;
const VALUE = /"(?:[^"\\]|\\.)*"?|'[^']*'?|(?!(?:bearer|basic)\b)[^\s&;,"'<>]+/;
/** `name=value` and `name: value`, as queries, forms and headers have them; any other name may stand before a secret one. */
const PAIR = new RegExp(`((["']?)${SECRET_WORD.source}\\2\\s?[=:]\\s?)(?:${VALUE.source})`, "gi");

/** A value as JSON, or a text, which may be JSON itself; secrets are masked, and what is too long is cut. */
export function masked(payload: unknown): string {
  const text = typeof payload === "string" ? payload : asJson(payload);
  return cut(SUSPICIOUS.test(text) ? maskSuspicious(payload, text) : text);
}

function maskSuspicious(payload: unknown, text: string): string {
  if (typeof payload !== "string") return asJson(payload, maskField);
  const value = parseJson(text);
  return typeof value === "object" ? asJson(value, maskField) : maskText(text);
}

function maskField(name: string, value: unknown): unknown {
  if (isSecretName(name) && value !== null) return MASK;
  return typeof value === "string" ? maskText(value) : value;
}

function maskText(text: string): string {
  return text.replace(CREDENTIALS, `$1 ${MASK}`).replace(USER_IN_URL, `$1${MASK}@`).replace(PAIR, `$1${MASK}`);
}

function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name) && !NO_SECRET.test(name);
}

function asJson(value: unknown, replace?: (name: string, value: unknown) => unknown): string {
  try {
    // `undefined` and functions have no JSON.
    return (JSON.stringify(value, replace) as string | undefined) ?? "";
  } catch {
    return "(cannot be shown)";
  }
}

function cut(text: string): string {
  // A character takes three bytes at most for each of its units.
  if (text.length * 3 <= MAX_PAYLOAD_BYTES) return text;
  const bytes = Buffer.from(text);
  if (bytes.length <= MAX_PAYLOAD_BYTES) return text;
  const end = ` … (${String(bytes.length)} bytes)`;
  const start = bytes.subarray(0, MAX_PAYLOAD_BYTES - Buffer.byteLength(end)).toString("utf8");
  return start.replace(/\uFFFD$/, "") + end;
}
