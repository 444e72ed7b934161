import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { readCustomer, setUpCustomer } from "../../erp-stub/customer.ts";
import {
  CUSTOMER_EXAMPLE,
  type Customer,
  type CustomerInput,
  customerAnswerSchema,
  customerListSchema,
  customerRequestSchema,
} from "../../erp-stub/customer-contract.ts";

const NOON = Date.parse("2026-03-01T12:00:00.000Z");
const STORED: Customer = { ...CUSTOMER_EXAMPLE, preferences: { language: "en", scents: { first: "wood" } } };

function inputOf(body: unknown): CustomerInput {
  const read = readCustomer(body, NOON);
  if ("error" in read) throw new Error(JSON.stringify(read.error));
  return read.input;
}

function detailsOf(body: unknown, now = NOON) {
  const read = readCustomer(body, now);
  return "error" in read ? read.error.details : undefined;
}

function after(stored: Customer | undefined, input: CustomerInput): Customer {
  const outcome = setUpCustomer(stored, input);
  if ("error" in outcome) throw new Error(JSON.stringify(outcome.error));
  return outcome.customer;
}

describe("a body", () => {
  test("has the fields that were sent, and no others", () => {
    expect(inputOf(CUSTOMER_EXAMPLE)).toEqual(CUSTOMER_EXAMPLE);
    expect(Object.keys(inputOf({ email: "a@b.de", phone: null, other: 1 }))).toEqual(["email", "phone"]);
  });

  test("has an e-mail in small letters without blanks around it", () => {
    expect(inputOf({ email: "\t John.Doe@Example.COM \u00a0" })).toEqual({ email: "john.doe@example.com" });
  });

  test("that is absent has no fields", () => {
    expect(detailsOf(undefined)).toEqual({ email: ["The email field is required."] });
  });

  test("is told all that is wrong with it at once, in the order of the documentation", () => {
    const details = detailsOf({
      preferences: 1,
      birthdate: "2026-03-03",
      age: 1.5,
      gender: "",
      phone: {},
      name: "x\ud800".repeat(200),
    });
    expect(details).toEqual({
      name: ["The name field must be encoded in UTF-8.", "The name field must not be greater than 255 characters."],
      email: ["The email field is required."],
      phone: ["The phone field must be a string."],
      age: ["The age field must be an integer."],
      preferences: ["The preferences field must be an array."],
      birthdate: ["The birthdate field must be a date before or equal to today."],
    });
  });

  test.for([
    ["2026-03-01T09:59:59.999Z", "2026-03-01", "2026-03-02"],
    ["2026-03-01T10:00:00.000Z", "2026-03-02", "2026-03-03"],
    ["2024-02-28T23:00:00.000Z", "2024-02-29", "2024-03-01"],
  ])("at %s the last day of a birth is %s", ([now = "", last, next]) => {
    const problem = (birthdate: unknown) => detailsOf({ email: "a@b.de", birthdate }, Date.parse(now));
    expect(problem(last)).toBeUndefined();
    expect(problem(` ${String(next)} `)).toEqual({
      birthdate: ["The birthdate field must be a date before or equal to today."],
    });
  });

  test("may nest preferences 16 levels deep, and say nothing that JSON cannot", () => {
    const nested = (levels: number): unknown => (levels === 0 ? 1 : { a: [nested(levels - 1)] });
    const problem = (preferences: unknown) => detailsOf({ email: "a@b.de", preferences })?.["preferences"];
    expect(problem(nested(8))).toBeUndefined();
    expect(problem({ a: nested(8) })).toEqual(["The preferences field must not be nested deeper than 16 levels."]);
    expect(problem({ a: [JSON.parse("1e400")] })).toEqual([
      "The preferences field must not contain a number beyond all bounds.",
    ]);
    for (const text of ["\ud800", "a\ufffd"]) {
      for (const preferences of [{ a: text }, { [text]: 1 }, { a: [{ b: text }] }]) {
        expect(problem(preferences)).toEqual(["The preferences field must be encoded in UTF-8."]);
      }
    }
  });

  test("of any kind is read or refused", () => {
    const field = fc.oneof(fc.anything({ withNullPrototype: true }), fc.constantFrom("a@b.de", "2026-01-01", "m", 30));
    const body = fc.oneof(fc.anything(), fc.record({ email: field, age: field, birthdate: field, preferences: field }));
    fc.assert(
      fc.property(body, (any) => {
        const read = readCustomer(any, NOON);
        if ("error" in read) expect(read.error.error).toMatch(/^(Validation failed|The body must be a JSON object)$/);
        else expect(inputOf(read.input)).toEqual(read.input);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("a customer", () => {
  test("that is new has what was sent", () => {
    expect(after(undefined, { email: "a@b.de", age: 30 })).toEqual({
      name: null,
      email: "a@b.de",
      phone: null,
      gender: null,
      age: 30,
      birthdate: null,
      preferences: null,
    });
    expect(after(undefined, { email: "a@b.de", preferences: { a: 1, b: null } }).preferences).toEqual({ a: 1 });
  });

  test.for<[input: Omit<CustomerInput, "email">, change: Partial<Customer>]>([
    [{}, {}],
    [{ name: "Jane Doe" }, { name: "Jane Doe" }],
    [
      { name: null, age: 31 },
      { name: null, age: 31 },
    ],
    [{ preferences: {} }, {}],
    [{ preferences: null }, { preferences: null }],
    [{ preferences: { language: null } }, { preferences: { scents: { first: "wood" } } }],
    [{ preferences: { scents: { second: null } } }, { preferences: { language: "en", scents: { second: null } } }],
    [{ preferences: { toString: 1 } }, { preferences: { ...STORED.preferences, toString: 1 } }],
  ])("that is updated with %j changes in no more than that", ([input, change]) => {
    expect(after(STORED, { email: STORED.email, ...input })).toEqual({ ...STORED, ...change });
  });

  test("takes a preference named __proto__ for what it is: a name", () => {
    const preferences = JSON.parse('{"__proto__":{"isAdmin":true}}') as Record<string, unknown>;
    const customer = after(STORED, inputOf({ email: STORED.email, preferences }));
    expect(JSON.stringify(customer.preferences)).toBe(
      '{"language":"en","scents":{"first":"wood"},"__proto__":{"isAdmin":true}}',
    );
    expect([customer.preferences?.["isAdmin"], ({} as { isAdmin?: boolean }).isAdmin]).toEqual([undefined, undefined]);
    expect(after(customer, { email: STORED.email, preferences: { language: null } }).preferences).not.toHaveProperty(
      "language",
    );
  });

  test("keeps at most 16 kilobytes of preferences, counted as they are written", () => {
    const fits = "ü".repeat((16 * 1_024 - '{"a":""}'.length) / 2);
    expect(setUpCustomer(undefined, { email: "a@b.de", preferences: { a: fits } })).toHaveProperty("customer");
    const preferences = ["The preferences field must not be greater than 16 kilobytes."];
    expect(setUpCustomer(undefined, { email: "a@b.de", preferences: { a: `${fits}x` } })).toEqual({
      error: { error: "Validation failed", details: { preferences } },
    });
  });

  const preferences = fc.option(fc.dictionary(fc.constantFrom("a", "b", "c"), fc.option(fc.nat())));
  const input = fc.record(
    { email: fc.constant("a@b.de"), name: fc.option(fc.string()), age: fc.option(fc.nat(150)), preferences },
    { requiredKeys: ["email"] },
  );

  test("is the same after a call that is repeated", () => {
    fc.assert(
      fc.property(input, input, (first, second) => {
        const once = after(after(undefined, first), second);
        expect(after(once, second)).toEqual(once);
      }),
    );
  });

  test("has the last word of many calls on each field and on each preference", () => {
    const last = <Value>(values: Value[]) => values.findLast((value) => value !== undefined);
    fc.assert(
      fc.property(fc.array(input, { minLength: 1, maxLength: 6 }), (calls) => {
        const customer = calls.reduce<Customer | undefined>(after, undefined);
        const cleared = calls.findLastIndex((call) => call.preferences === null);
        const since = calls.slice(cleared + 1);
        expect(customer).toMatchObject({
          name: last(calls.map((call) => call.name)) ?? null,
          age: last(calls.map((call) => call.age)) ?? null,
        });
        for (const key of ["a", "b", "c"]) {
          const told = last(since.map((call) => call.preferences?.[key]));
          expect(customer?.preferences?.[key]).toBe(told ?? undefined);
        }
      }),
    );
  });
});

describe("the schemas, as JSON Schema", () => {
  const ajv = addFormats.default(new Ajv2020({ strict: false }));
  const compile = (schema: z.ZodType) => ajv.compile(z.toJSONSchema(schema, { io: "input" }));

  test("take the documented request and refuse what the ERP refuses", () => {
    const takes = compile(customerRequestSchema);
    for (const body of [CUSTOMER_EXAMPLE, { email: "a@b.de" }, { email: "a@b.de", name: null, preferences: null }]) {
      expect([body, takes(body)]).toEqual([body, true]);
    }
    for (const field of [
      { email: "john" },
      { name: 7 },
      { phone: "1".repeat(256) },
      { gender: "x" },
      { age: 30.5 },
      { age: 151 },
      { birthdate: "15-05-1994" },
      { preferences: [] },
      { preferences: "en" },
    ]) {
      expect([field, takes({ ...CUSTOMER_EXAMPLE, ...field })]).toEqual([field, false]);
    }
    expect(takes({ name: "John Doe" })).toBe(false);
  });

  test("take the documented answer, and a list", () => {
    const answer = { message: "Customer setup successful", customer_id: 12_345, data: CUSTOMER_EXAMPLE };
    expect(compile(customerAnswerSchema)(answer)).toBe(true);
    const at = "2026-03-01T12:00:00.000Z";
    const row = { id: 1, ...CUSTOMER_EXAMPLE, created_at: at, updated_at: at };
    expect(compile(customerListSchema)({ data: [row], total: 1, page: 1, pages: 1 })).toBe(true);
  });
});
