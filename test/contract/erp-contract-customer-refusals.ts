import { expect, test } from "vitest";
import { CUSTOMER_EXAMPLE } from "../../erp-stub/customer-contract.ts";
import { newEmail, postCustomer, setUpCustomer } from "../support/customer-calls.ts";

const REQUIRED = { email: ["The email field is required."] };
const NO_EMAIL = { email: ["The email field must be a valid email address."] };
const NO_AGE = ["The age field must be an integer."];
const NO_SUCH_AGE = ["The age field must be between 0 and 150."];
const NO_DATE = ["The birthdate field must match the format Y-m-d."];
const NO_GENDER = ["The selected gender is invalid."];

const invalid = (details: Record<string, string[]>) => ({ error: "Validation failed", details });

/** What `POST /api/customers` does not take, in which words, and what it just takes. */
export function customerRefusals(erp: () => { url: string }): void {
  test.for<[body: unknown, details: Record<string, string[]>]>([
    ["", REQUIRED],
    [{}, REQUIRED],
    [{ name: "John Doe" }, REQUIRED],
    [{ email: null }, REQUIRED],
    [{ email: " " }, REQUIRED],
    [{ email: "john" }, NO_EMAIL],
    [{ email: "john@" }, NO_EMAIL],
    [{ email: "john doe@example.com" }, NO_EMAIL],
    [{ email: "john..doe@example.com" }, NO_EMAIL],
    [{ email: "john@example..com" }, NO_EMAIL],
    [{ email: "<john>@example.com" }, NO_EMAIL],
    [{ email: "john@example.com, eve@example.com" }, NO_EMAIL],
    [{ email: 7 }, NO_EMAIL],
    [{ email: ["john@example.com"] }, NO_EMAIL],
    ['{"email":"john\\ud800@example.com"}', NO_EMAIL],
    [
      { age: "old", gender: "x" },
      { ...REQUIRED, gender: NO_GENDER, age: NO_AGE },
    ],
  ])("%j is refused", async ([body, details]) => {
    const answer = await postCustomer(erp(), body);
    expect([answer.status, answer.body]).toEqual([422, invalid(details)]);
  });

  test.for<[field: string, value: unknown, messages: string[]]>([
    ["name", 7, ["The name field must be a string."]],
    ["name", ["John"], ["The name field must be a string."]],
    ["name", "John \ud83d", ["The name field must be encoded in UTF-8."]],
    ["phone", 1_234_567_890, ["The phone field must be a string."]],
    ["gender", "x", NO_GENDER],
    ["gender", "M", NO_GENDER],
    ["gender", true, NO_GENDER],
    ["age", "old", NO_AGE],
    ["age", "030", NO_AGE],
    ["age", 30.5, NO_AGE],
    ["age", true, NO_AGE],
    ["age", {}, NO_AGE],
    ["age", -1, NO_SUCH_AGE],
    ["age", 151, NO_SUCH_AGE],
    ["age", 1e300, NO_SUCH_AGE],
    ["birthdate", "15-05-1994", NO_DATE],
    ["birthdate", "1994-5-15", NO_DATE],
    ["birthdate", "2023-02-29", NO_DATE],
    ["birthdate", "1994-05-15T00:00:00Z", NO_DATE],
    ["birthdate", 19_940_515, NO_DATE],
    ["birthdate", "9999-12-31", ["The birthdate field must be a date before or equal to today."]],
    ["preferences", "en", ["The preferences field must be an array."]],
    ["preferences", true, ["The preferences field must be an array."]],
    ["preferences", ["en"], ["The preferences field must be an object."]],
    ["preferences", { a: "\udc00" }, ["The preferences field must be encoded in UTF-8."]],
  ])("%s %j is refused, and nothing of that call is kept", async ([field, value, messages]) => {
    const full = { ...CUSTOMER_EXAMPLE, email: newEmail() };
    await setUpCustomer(erp(), full);
    const refused = await postCustomer(erp(), { name: "Jane Roe", email: full.email, [field]: value });
    expect([refused.status, refused.body]).toEqual([422, invalid({ [field]: messages })]);
    expect((await setUpCustomer(erp(), { email: full.email })).data).toEqual(full);
  });

  test.for<[field: string, value: unknown, kept: unknown]>([
    ["age", 0, 0],
    ["age", "150", 150],
    ["age", 30.0, 30],
    ["birthdate", "2024-02-29", "2024-02-29"],
    ["gender", "f", "f"],
  ])("%s %j is taken", async ([field, value, kept]) => {
    expect((await setUpCustomer(erp(), { email: newEmail(), [field]: value })).data).toMatchObject({ [field]: kept });
  });

  test("a text may have 255 characters, of whatever script, and no more", async () => {
    const name = "👩".repeat(255);
    const phone = "1".repeat(255);
    const email = `${"a".repeat(250 - 36)}${crypto.randomUUID()}@b.de`;
    expect((await setUpCustomer(erp(), { name: ` ${name} `, email: ` ${email} `, phone })).data).toMatchObject({
      name,
      email,
      phone,
    });

    const refused = await postCustomer(erp(), { name: `${name}x`, email: `a${email}`, phone: `1${phone}` });
    const tooLong = (field: string) => [`The ${field} field must not be greater than 255 characters.`];
    const details = { name: tooLong("name"), email: tooLong("email"), phone: tooLong("phone") };
    expect([refused.status, refused.body]).toEqual([422, invalid(details)]);
  });

  test.for(["{", "{'email':'a@b.de'}", '{"email":"a@b.de",}', "email=a@b.de", " ", "\u0000", '"\ud800'])(
    "a body that is no JSON is refused: %j",
    async (body) => {
      const answer = await postCustomer(erp(), body);
      expect([answer.status, answer.body]).toEqual([400, { error: "Malformed JSON" }]);
    },
  );

  test.for(["null", "7", '"a@b.de"', "[]", '[{"email":"a@b.de"}]', "true"])(
    "a body that is no object is refused: %s",
    async (body) => {
      const answer = await postCustomer(erp(), body);
      expect([answer.status, answer.body]).toEqual([422, { error: "The body must be a JSON object" }]);
    },
  );

  test("a body that is too large is refused", async () => {
    const answer = await postCustomer(erp(), { email: newEmail(), name: "x".repeat(70_000) });
    expect([answer.status, answer.body]).toEqual([413, { error: "The body is larger than 65536 bytes." }]);
  });

  test("preferences that only grow too large by and by are refused, and those before are kept", async () => {
    const email = newEmail();
    const half = "x".repeat(8_150);
    await setUpCustomer(erp(), { email, preferences: { a: half } });
    const preferences = ["The preferences field must not be greater than 16 kilobytes."];
    const atOnce = await postCustomer(erp(), { email, preferences: { b: half, c: half } });
    expect([atOnce.status, atOnce.body]).toEqual([422, invalid({ preferences })]);
    expect((await setUpCustomer(erp(), { email, preferences: { b: half } })).data.preferences).toEqual({
      a: half,
      b: half,
    });
    const refused = await postCustomer(erp(), { email, preferences: { c: half } });
    expect([refused.status, refused.body]).toEqual([422, invalid({ preferences })]);
    expect((await setUpCustomer(erp(), { email })).data.preferences).toEqual({ a: half, b: half });
  });

  test("another method is refused in the documented shape", async () => {
    for (const method of ["PUT", "PATCH", "DELETE"]) {
      const response = await fetch(`${erp().url}/api/customers`, { method });
      expect([response.status, await response.json()]).toEqual([405, { error: expect.any(String) }]);
    }
  });
}
