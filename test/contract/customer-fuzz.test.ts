import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { erpErrorSchema } from "../../erp-stub/contract.ts";
import { type CustomerAnswer, customerAnswerSchema, customerListSchema } from "../../erp-stub/customer-contract.ts";
import { asStaff, postCustomer } from "../support/customer-calls.ts";
import { customersOf, openCustomers } from "../support/customer-server.ts";
import { anyHeaders, anyText, anyWord } from "../support/fuzz-requests.ts";
import { sendRaw } from "../support/raw-http.ts";

/** The time holds for the search of a smaller example too. */
const EFFORT = { numRuns: 500, interruptAfterTimeLimit: 20_000 };
const REFUSALS = [400, 413, 422];

let erp: Awaited<ReturnType<typeof openCustomers>>;
beforeAll(async () => {
  erp = await openCustomers();
});
afterAll(() => erp[Symbol.asyncDispose]());

const deep = fc.tuple(fc.constantFrom("[]", '{"a":}'), fc.nat({ max: 12_000 })).map(([pair, depth]) => {
  const opening = pair.slice(0, -1);
  return `${opening.repeat(depth)}1${pair.slice(-1).repeat(depth)}`;
});

/** Values of every kind as JSON has them, and some that it has not. */
const anyValue = fc.oneof(
  { weight: 4, arbitrary: fc.jsonValue().map((value) => JSON.stringify(value)) },
  { weight: 2, arbitrary: fc.json({ stringUnit: "binary", maxDepth: 4 }) },
  { weight: 2, arbitrary: anyText.map((text) => JSON.stringify(text)) },
  fc.constantFrom(
    "1e400",
    "-1e400",
    "9".repeat(400),
    "-0",
    "1e-400",
    "30",
    '"30"',
    "0.1",
    '"2024-02-29"',
    '"m"',
    "null",
  ),
  fc.constantFrom(
    '"\\ud800"',
    '"\\u0000"',
    '{"\\udfff":1}',
    '{"__proto__":{"name":"x"}}',
    '{"constructor":{"prototype":1}}',
  ),
  fc.constantFrom(
    '{"toString":1,"valueOf":null}',
    '{"a":"\ufffd"}',
    '{"a":{"__proto__":null}}',
    "NaN",
    "",
    "undefined",
  ),
  deep,
);
const anyEmail = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom('"a@b.de"', '" A@B.DE"', '"ä@b.de"', '"Ä@b.de"', '"İ@b.de"', '"ſ@b.de"') },
  anyValue,
);
const field = fc.constantFrom("name", "phone", "gender", "age", "birthdate", "preferences", "__proto__", "id");
const anyBody = fc
  .tuple(anyEmail, fc.array(fc.tuple(field, anyValue), { maxLength: 4 }))
  .map(
    ([email, fields]) => `{${[["email", email], ...fields].map(([name, value]) => `"${name}":${value}`).join(",")}}`,
  );

test("a body is kept as it is answered, and again the same; or refused in the documented shape, and nothing changes", async () => {
  const seen = { kept: 0, refused: 0 };
  const call = fc.asyncProperty(anyBody, async (body) => {
    const before = customersOf(erp);
    const { status, body: answer } = await postCustomer(erp, body);
    if (status === 200) {
      seen.kept += 1;
      customerAnswerSchema.strict().parse(answer);
      // As it came: zod leaves a key named __proto__ out.
      const { customer_id: id, data } = answer as CustomerAnswer;
      const { body: row } = await asStaff(erp, `/${String(id)}`);
      expect(row).toEqual({ id, ...data, created_at: expect.any(String), updated_at: expect.any(String) });
      expect((await postCustomer(erp, body)).body).toEqual(answer);
      expect(customersOf(erp).length - before.length).toBe(before.some((row) => row.id === id) ? 0 : 1);
    } else {
      seen.refused += 1;
      expect(REFUSALS).toContain(status);
      erpErrorSchema.strict().parse(answer);
      expect(customersOf(erp)).toEqual(before);
    }
  });
  await fc.assert(call, EFFORT);
  expect(seen).toEqual({ kept: expect.toSatisfy((n) => n > 50), refused: expect.toSatisfy((n) => n > 50) });
  expect(({} as Record<string, unknown>)["name"]).toBeUndefined();
});

test("bytes of any kind under any content type are answered in the documented shape", async () => {
  const json = fc.constantFrom('{"email":"bytes@b.de","name":"Jürgen"}', '{"email":"bytes@b.de"}');
  const encoded = fc
    .tuple(json, fc.constantFrom<BufferEncoding>("latin1", "utf16le", "utf8", "base64"))
    .map(([text, encoding]) => Buffer.from(Buffer.from(text, encoding)));
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
    encoded,
  );
  const type = fc.constantFrom(
    "application/json",
    "application/json; charset=utf-16",
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "image/png",
    "x",
  );
  const call = fc.asyncProperty(bytes, type, async (body, contentType) => {
    const headers = { "content-type": contentType };
    const response = await fetch(`${erp.url}/api/customers`, { method: "POST", headers, body });
    const answer: unknown = await response.json();
    if (response.status === 200) customerAnswerSchema.strict().parse(answer);
    else {
      expect(REFUSALS).toContain(response.status);
      erpErrorSchema.strict().parse(answer);
    }
  });
  await fc.assert(call, EFFORT);
});

test("a name in Latin-1 is refused, and never kept in pieces", async () => {
  const body = Buffer.from('{"email":"latin@b.de","name":"Jürgen"}', "latin1");
  const response = await fetch(`${erp.url}/api/customers`, { method: "POST", body });
  expect(await response.json()).toMatchObject({ details: { name: ["The name field must be encoded in UTF-8."] } });
  expect(customersOf(erp).map(({ email }) => email)).not.toContain("latin@b.de");
});

test("a compressed body is refused in the documented shape", async () => {
  const { status, body } = await postCustomer(erp, "{}", { "content-encoding": "gzip" });
  expect([status, body]).toEqual([415, { error: "Send the body without Content-Encoding." }]);
});

test("no request makes it fail", async () => {
  const target = fc.oneof(
    fc.constantFrom("/api/customers", "/api/customers?email=a@b.de", "/api/customers/1", "/api/customers/1/export"),
    anyWord.map((word) => `/api/customers/${word}`),
    anyWord.map((word) => `/api/customers/${word}/export`),
  );
  const method = fc.constantFrom("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "X");
  const requests = fc.record({ method, target, headers: anyHeaders, body: fc.oneof(anyBody, anyText) });
  const call = fc.asyncProperty(requests, async (request) => {
    const status = await sendRaw(erp.url, request);
    if (status < 100 || status >= 500) throw new Error(`Answered with ${String(status)}.`);
  });
  await fc.assert(call, EFFORT);
});

test("no query of the list makes it fail", async () => {
  const name = fc.oneof({ weight: 5, arbitrary: fc.constantFrom("q", "limit", "page") }, fc.string());
  const value = fc.oneof(anyText, fc.constantFrom("1", "50", "0", "-1", "999999999", "%", "a@b"));
  const call = fc.asyncProperty(fc.array(fc.tuple(name, value), { maxLength: 4 }), async (pairs) => {
    const { status, body } = await asStaff(erp, `?${new URLSearchParams(pairs).toString()}`);
    if (status === 200) customerListSchema.strict().parse(body);
    else expect([414, 422, 431]).toContain(status);
  });
  await fc.assert(call, EFFORT);
});
