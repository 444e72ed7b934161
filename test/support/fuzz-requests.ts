import fc from "fast-check";
import { readAnswer } from "../../bot/question.ts";
import type { RawRequest } from "./raw-http.ts";

/** What has broken programs before. */
const NOTORIOUS = [
  "",
  "%",
  "%00",
  "%ff%fe",
  "%2e%2e%2f",
  "../../etc/passwd",
  "__proto__",
  "constructor",
  "null",
  "NaN",
  "-0",
  "1e400",
  "9".repeat(400),
  "[]",
  "{}",
  "\u0000",
  "\ud800",
  "💥".repeat(50),
  "ＳＴＡＲＴ",
  "' OR 1=1; --",
  "<script>alert(1)</script>",
  "{scent, select, other {",
  "a".repeat(10_000),
];

export const anyText = fc.oneof(
  fc.constantFrom(...NOTORIOUS),
  fc.string({ unit: "binary" }),
  fc.string({ unit: "grapheme", maxLength: 100 }),
);

const CONTROL = /\p{Cc}/gu;

/** Text that stays within its line; mostly such as no parser of HTTP refuses at once. */
export const anyLine = fc.oneof(
  { weight: 3, arbitrary: anyText.map((text) => text.replaceAll(CONTROL, "_")) },
  anyText.map((text) => text.replaceAll(/[\r\n]/g, "_")),
);

/** Text that stays within its word, likewise. */
export const anyWord = fc.oneof(
  { weight: 3, arbitrary: anyText.map((text) => encodeURIComponent(text.toWellFormed())) },
  anyLine.map((text) => text.replaceAll(" ", "_")),
);

const METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "get", "X"];

/** One character of a text is another one; not the last, whose lowest bits may mean nothing. */
export function damaged(text: string): fc.Arbitrary<string> {
  const characters = ["A", "b", "z", "0", "-", "_", ".", "%", "/"];
  return fc
    .tuple(
      fc.nat({ max: text.length - 2 }),
      fc.constantFrom(...characters),
      fc.constantFrom("replace", "insert", "cut"),
    )
    .map(([at, character, how]) => {
      if (how === "cut") return text.slice(0, at);
      return text.slice(0, at) + character + text.slice(how === "insert" ? at : at + 1);
    })
    .filter((changed) => changed !== text);
}

/** A query as clients send it, or as nobody does. */
export const anyQuery = fc.oneof(
  fc.constantFrom("", "?", "?watermark", "?watermark=1&watermark=2", "?again", "?lang=xx", "?&&==", "?%"),
  fc.tuple(fc.constantFrom("watermark", "t", "again", "lang", "userId", "x[y]"), anyWord).map(([name, value]) => {
    return `?${name}=${value}`;
  }),
  anyWord.map((word) => `?${word}`),
);

const HEADERS = [
  "accept",
  "accept-language",
  "authorization",
  "content-type",
  "cookie",
  "forwarded",
  "if-none-match",
  "origin",
  "range",
  "sec-fetch-site",
  "x-forwarded-for",
  "x-forwarded-host",
  "x-http-method-override",
];
// How long a body is stands in none of them: a server may wait for the rest.
const HEADERS_OF_CONNECTIONS = [
  "connection",
  "content-encoding",
  "expect",
  "host",
  "sec-websocket-key",
  "sec-websocket-version",
  "upgrade",
];
const VALUES = [
  "websocket",
  "Upgrade",
  "h2c",
  "gzip",
  "100-continue",
  "bytes=0-",
  "application/json",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "http://evil.example",
  "localhost:99999",
  "*",
  "__Host-aromapod-000000000000=a.b",
];

const headerName = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(...HEADERS) },
  fc.constantFrom(...HEADERS_OF_CONNECTIONS),
);

export const anyHeaders = fc.array(fc.tuple(headerName, fc.oneof(fc.constantFrom(...VALUES), anyLine)), {
  maxLength: 4,
});

const anyBody = fc.oneof(
  fc.constantFrom("", "choice=wood"),
  anyText,
  fc.json(),
  anyText.map((text) => `choice=${text}`),
  anyText.map((text) => `choice=${encodeURIComponent(text.toWellFormed())}&choice=x`),
);

/** Requests to one of these targets, each part of which may be anything. */
export function requestsTo(
  targets: fc.Arbitrary<string>,
  headers: fc.Arbitrary<RawRequest["headers"]> = anyHeaders,
): fc.Arbitrary<RawRequest> {
  const method = fc.oneof({ weight: 6, arbitrary: fc.constantFrom("GET", "POST") }, fc.constantFrom(...METHODS));
  return fc.record({ method, target: targets, headers, body: anyBody });
}

export const anyPath = fc.oneof(
  fc.constantFrom("*", "//x", "/%", "/%c3%28", "/livez", "http://localhost:99999/livez", "http://["),
  fc.array(anyWord, { maxLength: 4 }).map((parts) => `/${parts.join("/")}`),
);

const deepActivity = fc.nat({ max: 30_000 }).map((depth) => {
  return `{"type":"message","text":"x","channelData":${"[".repeat(depth)}${"]".repeat(depth)}}`;
});

/** Activities of all kinds and shapes, as text. */
const anyActivity = fc.oneof(
  deepActivity,
  fc.json({ maxDepth: 8 }),
  anyText,
  fc
    .record(
      {
        type: fc.oneof({ weight: 4, arbitrary: fc.constant("message") }, fc.constantFrom("typing", "event"), anyText),
        text: fc.oneof(
          anyText,
          anyWord.map((word) => `start ${word}`),
          fc.jsonValue(),
        ),
        value: fc.jsonValue(),
        from: fc.oneof(fc.record({ id: anyText, name: anyText, role: anyText }), fc.jsonValue()),
        locale: fc.oneof(fc.constantFrom("de", "zh-Hant-HK", "x", "i-klingon"), anyText, fc.jsonValue()),
        channelData: fc.oneof(fc.record({ clientActivityID: fc.oneof(anyText, fc.jsonValue()) }), fc.jsonValue()),
        attachments: fc.jsonValue(),
        entities: fc.jsonValue(),
        timestamp: anyText,
        id: anyText,
        replyToId: anyText,
        conversation: fc.jsonValue(),
        recipient: fc.jsonValue(),
      },
      { requiredKeys: ["type"] },
    )
    .map((activity) => JSON.stringify(activity)),
);

/** Whether the bot may take this for a choice. */
function isAnswer(body: string): boolean {
  try {
    const { text, value } = JSON.parse(body) as { text?: unknown; value?: unknown };
    return readAnswer(typeof text === "string" ? text : undefined, value) !== undefined;
  } catch {
    return false;
  }
}

export const activityWithoutAnswer = anyActivity.filter((body) => !isAnswer(body));
