/** Requests to the back office in which every part may be anything. */
import fc from "fast-check";
import type { Asking } from "./erp-ask.ts";
import { anyText, anyWord } from "./fuzz-requests.ts";

/** All that a body or a query of the back office knows, and what every object has. */
const NAMES = [
  ..."name email role client_id corporation_id client_type timezone charge_rate_cents charge_unit code".split(" "),
  ..."device_type_id serial device_id room_id installed_at ended_at start_time end_time paid_on amount_cents".split(
    " ",
  ),
  ..."note scent_id schedule_id checkin_at checkout_at allow proxies mode retention_days kind endpoint times".split(
    " ",
  ),
  ..."ms version current password q page limit before outcome from to ref scent source dry_run file text".split(" "),
  ..."phone gender age birthdate preferences done next corporations rooms devices device_setups".split(" "),
  ..."__proto__ constructor toString hasOwnProperty length".split(" "),
];

/** What some field takes, or nearly. */
const TEXTS = [
  ..."1 2 3 99 0 -1 1.5 1e3 1e400 007 25.00 25,5 0.001 99999999999999999999 NaN Infinity true null".split(" "),
  ..."admin viewer hotel daily hourly webhook manual refused document clients latency both safe legacy m".split(" "),
  ..."UTC Asia/Hong_Kong asia/hong_kong Etc/GMT+14 Mars/Base -18:00 ada@office.example bo@x.example @ a@b".split(" "),
  ..."2026-01-01 2026-02-30 0000-01-01 9999-12-31 2026-1-1 2026-01-01T08:00 2026-01-01T08:00:00Z".split(" "),
  ..."0000-01-01T00:00 9999-12-31T23:59:59 2026-02-30T00:00 -271821-04-20T00:00 +275760-09-13T00:00:00Z".split(" "),
  ..."9999-12-31T23:59:59-01:00 2026-03-29T02:30 08:00 08:00:00 24:00:00 99:99:99 2026-01-01T00:00:00.000Z_1".split(
    " ",
  ),
  ...'127.0.0.1 10.0.0.0/8 ::1 ::ffff:1.2.3.4/999 =1+1 {} [] {"a":[1]} *'.split(" "),
  "",
  " ",
  "name\nx",
  'corporation\n"',
];

const name = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...NAMES) }, anyText);
const text = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...TEXTS) }, anyText);

/** JSON of every kind, as text: no program could hold all of it. */
const JSON_VALUES = [
  ..."null true false 0 -0 1 2 99 1.5 -1 1e400 -1e400 1e21 9007199254740993 0.1 1e-7 [] {} [1] [[]] [null]".split(" "),
  ...'{"__proto__":{"a":1}} {"constructor":1} [{"name":"x"}] "\\ud800" "\\u0000" "\\udc00x" "\\u202e"'.split(" "),
  `"${"a".repeat(300)}"`,
  `${"[".repeat(500)}${"]".repeat(500)}`,
  `${'{"a":'.repeat(500)}1${"}".repeat(500)}`,
];
const jsonValue = fc.oneof(
  fc.constantFrom(...JSON_VALUES),
  fc.constantFrom(...TEXTS).map((one) => JSON.stringify(one)),
  anyText.map((one) => JSON.stringify(one)),
  fc.json({ maxDepth: 3 }),
);
const jsonObject = fc
  .array(fc.tuple(name, jsonValue), { maxLength: 8 })
  .map((pairs) => `{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`);
const anyJson = fc.oneof({ weight: 6, arbitrary: jsonObject }, jsonValue, anyText);

const pairs = fc.array(fc.tuple(name, text), { maxLength: 8 });
const asQuery = (list: readonly (readonly [string, string])[]) =>
  new URLSearchParams(
    list.map(([key, value]): [string, string] => [key.toWellFormed(), value.toWellFormed()]),
  ).toString();
const anyQuery = fc.oneof(
  fc.constant(""),
  pairs.map((list) => `?${asQuery(list)}`),
  anyWord.map((word) => `?${word}`),
  fc.constantFrom("?&&==", "?%", "?client_id=1&from=2026-01-01&to=2026-01-31", "?page=999999999&limit=500"),
);

/** A good body, and what of it is another. */
export type Base = Record<string, string | number | null | undefined>;

const changesOf = (base: Base) => {
  const own = Object.keys(base);
  const changed = own.length === 0 ? name : fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...own) }, name);
  return <Value>(value: fc.Arbitrary<Value>) => fc.array(fc.tuple(changed, value), { maxLength: 2 });
};

/** Nearly good: the last of two fields of a name counts. */
const nearlyGoodJson = (base: Base) =>
  changesOf(base)(jsonValue).map((changes) => {
    const fields = [...Object.entries(base).map(([key, value]) => [key, JSON.stringify(value ?? null)]), ...changes];
    return `{${fields.map(([key, value]) => `${JSON.stringify(key)}:${value}`).join(",")}}`;
  });

const nearlyGoodPairs = (base: Base) =>
  changesOf(base)(text).map((changes) => {
    const changed = new Map([
      ...Object.entries(base).map(([key, value]) => [key, String(value ?? "")] as const),
      ...changes,
    ]);
    return [...changed];
  });

/** A form with the token of its page, so that it is read at all. */
const formOf = ({ token, base }: Known) =>
  fc.oneof(
    { weight: 3, arbitrary: nearlyGoodPairs(base).map((list) => asQuery([["token", token], ...list])) },
    { weight: 2, arbitrary: pairs.map((list) => asQuery([["token", token], ...list])) },
    anyWord.map((word) => `token=${token}&${word}`),
    anyText,
  );

const BOUNDARIES = ["x", "x", "x", '"x"', "", "é", "x".repeat(200)];
const partOf = ([key, value]: readonly [string, string]) =>
  `--x\r\ncontent-disposition: form-data; name="${key.replaceAll('"', "")}"\r\n\r\n${value}\r\n`;
const multipartOf = ({ token, base }: Known) =>
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc
        .oneof(nearlyGoodPairs(base), pairs)
        .map((list) => `${[["token", token] as const, ...list].map(partOf).join("")}--x--\r\n`),
    },
    pairs.map((list) => list.map(partOf).join("--x\r\n")),
    anyText,
  );

/** A good table with a cell of it, or what separates cells, replaced. */
const nearlyGoodTable = (table: string) => {
  const cells = table.split(/([,\n])/);
  return fc
    .tuple(fc.nat({ max: cells.length - 1 }), fc.oneof(text, fc.constantFrom('"', ",", "\n", "\r", "\ufeff", '""')))
    .map(([at, cell]) => cells.with(at, cell).join(""));
};

const HEADERS: [string, string][] = [
  ["accept", "text/html"],
  ["accept", "*/*;q=2,,;"],
  ["accept-encoding", "gzip"],
  ["if-match", "*"],
  ["if-match", '"x"'],
  ["if-none-match", "*"],
  ["origin", "null"],
  ["range", "bytes=0-"],
  ["x-forwarded-proto", "https"],
  ["idempotency-key", "x"],
  ["content-type", "application/json; charset=utf-16"],
  ["content-type", "multipart/form-data"],
];
const someHeaders = fc
  .array(fc.constantFrom(...HEADERS), { maxLength: 2 })
  .map((list): Record<string, string> => Object.fromEntries(list));

const anyId = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 6 }).map(String) },
  fc.constantFrom(
    "0",
    "-1",
    "01",
    "1.0",
    "1e3",
    "999999999999999",
    "9007199254740993",
    "new",
    "%00",
    "%2e%2e",
    "__proto__",
  ),
  anyWord.filter((word) => word !== "" && word.length < 300 && !/[\s/?#\\]/.test(word) && /^[\x21-\x7e]+$/.test(word)),
);

export type Anything = { path: string } & Asking;

/** What is known of a route: the token of the pages of who asks, a good body, or a good table. */
export type Known = { token: string; base: Base; table: string };

/**
 * Anything for a route.
 *
 * @param route method and path
 */
export function anythingFor(route: string, known: Known): fc.Arbitrary<Anything> {
  const [method = "", path = ""] = route.split(" ");
  const address = fc.tuple(anyId, anyQuery).map(([id, query]) => path.replace(/:\w+/, id) + query);
  if (method === "GET") return fc.record({ path: address, headers: someHeaders }).map((one) => ({ ...one, method }));
  const plain = fc
    .tuple(anyId, fc.constantFrom("", "", "", "?dry_run=true"))
    .map(([id, query]) => path.replace(/:\w+/, id) + query);
  const bodies = path.startsWith("/api/") ? bodiesFor(known) : formsFor(known);
  return fc.tuple(fc.oneof(plain, address), bodies, someHeaders).map(([to, [body, type], more]) => {
    return { path: to, method, body: body.toWellFormed(), headers: { "content-type": type, ...more } };
  });
}

type Bodies = fc.Arbitrary<[body: string, type: string]>;

function bodiesFor({ base, table }: Known): Bodies {
  if (table !== "") return fc.tuple(fc.oneof(nearlyGoodTable(table), anyText), fc.constant("text/csv"));
  return fc.tuple(fc.oneof(nearlyGoodJson(base), anyJson), fc.constant("application/json"));
}

function formsFor(known: Known): Bodies {
  const multipart = fc.constantFrom(...BOUNDARIES).map((boundary) => `multipart/form-data; boundary=${boundary}`);
  return fc.oneof(
    { weight: 3, arbitrary: fc.tuple(formOf(known), fc.constant("application/x-www-form-urlencoded")) },
    fc.tuple(multipartOf(known), multipart),
  );
}
