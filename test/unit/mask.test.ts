import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { MAX_PAYLOAD_BYTES, masked } from "../../device-db/mask.ts";

const SECRET = "s3cr3t-of-the-test";

describe("a secret", () => {
  test.for<[where: string, payload: unknown]>([
    ["the header authorization", { headers: { authorization: `Bearer ${SECRET}` } }],
    ["a header in capitals", { headers: { AUTHORIZATION: SECRET } }],
    ["an API key's header", { headers: { "x-api-key": SECRET } }],
    ["a password", { user: { password: SECRET } }],
    ["an object under such a name", { secrets: { one: { two: SECRET } } }],
    ["a list under such a name", { tokens: [SECRET] }],
    ["a cookie", { "set-cookie": `sid=${SECRET}` }],
    ["a list of objects", [{ apiKey: SECRET }]],
    ["a bearer value anywhere", { note: `sent with Bearer ${SECRET}` }],
    ["a basic one", { note: `Basic ${SECRET}` }],
    ["a query", { request: `GET http://erp/device/switch?serial=1&token=${SECRET}&status=checkin` }],
    ["the first field of a query", { request: `GET http://erp/device/switch?token=${SECRET}` }],
    ["a text behind another name", `refused: password=${SECRET}`],
    ["an address", { request: `GET http://user:${SECRET}@erp/device` }],
    ["a JSON text", JSON.stringify({ accessToken: SECRET })],
    ["a JSON text that was cut", JSON.stringify({ a: 1, accessToken: `${SECRET} and more` }).slice(0, -2)],
    ["the text of a form", `a=1&password=${SECRET}&b=2`],
    ["the text of headers", `Authorization: Bearer ${SECRET}\nHost: erp`],
    ["a header without a scheme", `Authorization: ${SECRET}\nHost: erp`],
  ])("in %s is not shown", ([, payload]) => {
    expect(masked(payload)).not.toContain(SECRET);
    expect(masked(payload)).toContain("***");
  });

  test("leaves what stands beside it", () => {
    const headers = { "idempotency-key": "event-1", authorization: SECRET, traceparent: "00-ab-cd-01" };
    expect(JSON.parse(masked({ request: "GET http://erp/device/switch?serial=A-1", headers }))).toEqual({
      request: "GET http://erp/device/switch?serial=A-1",
      headers: { ...headers, authorization: "***" },
    });
    expect(masked(`token=${SECRET}&status=checkin`)).toBe("token=***&status=checkin");
  });
});

describe("what holds no secret", () => {
  test.for<[what: string, payload: unknown, shown: string]>([
    ["an object", { a: 1, b: [true, null] }, '{"a":1,"b":[true,null]}'],
    ["a text", "OK", "OK"],
    ["a JSON text, with its spaces", '{ "a": 1 }', '{ "a": 1 }'],
    ["the key of a delivery", { "Idempotency-Key": "event-1" }, '{"Idempotency-Key":"event-1"}'],
    ["the version of a key", { keyVersion: 3 }, '{"keyVersion":3}'],
    ["a word that only sounds like it", "the basics of a keyboard: fine", "the basics of a keyboard: fine"],
    ["a secret that is not there", { password: null }, '{"password":null}'],
    ["nothing", undefined, ""],
  ])("is shown as it is: %s", ([, payload, shown]) => {
    expect(masked(payload)).toBe(shown);
  });
});

describe("what is long", () => {
  test("is cut, and says how long it was", () => {
    const shown = masked("x".repeat(10_000));
    expect(Buffer.byteLength(shown)).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    expect(shown).toMatch(/^x{4000,} … \(10000 bytes\)$/);
  });

  test("is not longer than the limit in any script, and not cut within a character", () => {
    for (const text of ["木".repeat(4_000), "🔥".repeat(3_000), `a${"é".repeat(5_000)}`]) {
      expect(Buffer.byteLength(masked(text))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
      expect(masked(text)).not.toContain("\uFFFD");
    }
  });

  test("is masked before it is cut", () => {
    const long = { token: SECRET.repeat(400), note: "x" };
    expect(masked(long)).toBe('{"token":"***","note":"x"}');
  });
});

test("nothing is too odd to be shown", () => {
  const deep = JSON.parse(`${"[".repeat(20_000)}${"]".repeat(20_000)}`) as unknown;
  expect(masked({ token: deep }).length).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
  fc.assert(
    fc.property(fc.anything(), (payload) => {
      expect(Buffer.byteLength(masked(payload))).toBeLessThanOrEqual(MAX_PAYLOAD_BYTES);
    }),
  );
});

test("a long text takes no long time", () => {
  const began = performance.now();
  for (const text of ["token".repeat(13_000), "://".repeat(20_000), `"${"\\".repeat(60_000)}`, "key=".repeat(15_000)])
    masked(text);
  expect(performance.now() - began).toBeLessThan(1_000);
});
