import { describe, expect, test } from "vitest";
import { CUSTOMER_EXAMPLE } from "../../erp-stub/customer-contract.ts";
import { postCustomer } from "../support/customer-calls.ts";
import { changeCustomer, customerAuditOf, FORM, problemsIn, versionIn } from "../support/customer-forms.ts";
import { customersOf } from "../support/customer-server.ts";
import { callApi, inviteColleague } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";

describe("entering a customer", () => {
  test("keeps what was typed by the rules of the endpoint", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    expect((await ada.get("/customers/new")).text).toContain('action="/customers/new"');
    const { status, location } = await ada.send("/customers/new", { ...FORM, email: " JohnDoe@Example.com " });
    expect([status, location]).toEqual([303, "/customers?done=added"]);
    expect((await callApi(erp, "/customers/1")).body).toMatchObject(CUSTOMER_EXAMPLE);
    await ada.send("/customers/new", { email: "jane@example.com", name: "  ", preferences: "" });
    expect((await callApi(erp, "/customers/2")).body).toMatchObject({ name: null, gender: null, preferences: null });
    expect(await customerAuditOf(erp)).toEqual([
      ["Ada", "added", 1, ["name", "email", "phone", "gender", "age", "birthdate", "preferences"]],
      ["Ada", "added", 2, ["email"]],
    ]);
  });

  test.for<[field: keyof typeof FORM, typed: string]>([
    ["email", ""],
    ["email", "john"],
    ["email", `${"x".repeat(251)}@b.de`],
    ["name", "x".repeat(256)],
    ["phone", "1".repeat(256)],
    ["gender", "x"],
    ["age", "old"],
    ["age", "-1"],
    ["age", "151"],
    ["age", "1.5"],
    ["birthdate", "15-05-1994"],
    ["birthdate", "1994-02-30"],
    ["birthdate", "2999-01-01"],
  ])("says at the %s %j what the endpoint says of it, and keeps nothing", async ([field, typed]) => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    const { body } = await postCustomer(erp, { email: "a@b.de", [field]: typed });
    const { details } = body as { details: Record<string, string[]> };
    const seen = await ada.send("/customers/new", { ...FORM, [field]: typed });
    expect([seen.status, problemsIn(seen)]).toEqual([422, { [field]: details[field]?.[0] }]);
    expect(customersOf(erp)).toEqual([]);
    expect(await customerAuditOf(erp)).toEqual([]);
  });

  test.for<[typed: string, problem: string]>([
    ["{oops", "The preferences field must be a valid JSON string."],
    ["[1]", "The preferences field must be an object."],
    ["true", "The preferences field must be an array."],
    [`{"a":${"[".repeat(20)}1${"]".repeat(20)}}`, "The preferences field must not be nested deeper than 16 levels."],
    [JSON.stringify({ a: "x".repeat(17_000) }), "The preferences field must not be greater than 16 kilobytes."],
  ])("takes no preferences that are wrong: %#", async ([preferences, problem]) => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    const seen = await ada.send("/customers/new", { ...FORM, preferences });
    expect([seen.status, problemsIn(seen)]).toEqual([422, { preferences: problem }]);
    expect(customersOf(erp)).toEqual([]);
  });

  test("says all at once that is wrong, and shows again what was typed", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    const seen = await ada.send("/customers/new", { ...FORM, email: "<john", age: "old", preferences: "{" });
    expect(Object.keys(problemsIn(seen))).toEqual(["email", "age", "preferences"]);
    expect(seen.text).toContain('value="&lt;john"');
    expect(seen.text).toContain('value="1994-05-15"');
  });

  test("does not touch another customer who has the e-mail already", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, { email: FORM.email, name: "Somebody else" });
    const seen = await ada.send("/customers/new", { ...FORM, email: "JOHNDOE@example.com" });
    expect([seen.status, problemsIn(seen)]).toEqual([422, { email: "The email has already been taken." }]);
    expect(customersOf(erp)).toMatchObject([{ name: "Somebody else" }]);
  });
});

describe("changing a customer", () => {
  test("replaces what is kept by what stands in the form", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const fields = { email: "john@example.com", phone: "", age: "31", preferences: '{"newsletter": true, "floor": 3}' };
    const { status, location } = await changeCustomer(ada, 1, fields);
    expect([status, location]).toEqual([303, "/customers/1?done=changed"]);
    const preferences = { newsletter: true, floor: 3 };
    const { body } = await callApi(erp, "/customers/1");
    expect(body).toMatchObject({ name: "John Doe", email: "john@example.com", phone: null, age: 31 });
    expect((body as { preferences: unknown }).preferences).toEqual(preferences);
    expect(await customerAuditOf(erp)).toEqual([["Ada", "changed", 1, ["email", "phone", "age", "preferences"]]]);
  });

  test("that changes nothing leaves no trace", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const before = customersOf(erp);
    expect((await changeCustomer(ada, 1, {})).status).toBe(303);
    expect(customersOf(erp)).toEqual(before);
    expect(await customerAuditOf(erp)).toEqual([]);
  });

  test("cannot take the e-mail of another", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    await postCustomer(erp, { email: "jane@example.com" });
    const seen = await changeCustomer(ada, 1, { email: "jane@example.com" });
    expect([seen.status, problemsIn(seen)]).toEqual([422, { email: "The email has already been taken." }]);
    expect(await customerAuditOf(erp)).toEqual([]);
  });

  test("is refused when the customer was changed meanwhile, until somebody has looked again", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const version = versionIn(await ada.get("/customers/1/edit"));
    await postCustomer(erp, { email: CUSTOMER_EXAMPLE.email, phone: "555" });
    const seen = await ada.send("/customers/1/edit", { ...FORM, name: "Jon", version });
    expect(seen.status).toBe(412);
    expect(seen.text).toContain("This customer was changed meanwhile");
    expect(seen.text).toContain('value="Jon"');
    expect(customersOf(erp)).toMatchObject([{ name: "John Doe", phone: "555" }]);
    const again = await ada.send("/customers/1/edit", { ...FORM, name: "Jon", version: versionIn(seen) });
    expect(again.status).toBe(303);
    expect(customersOf(erp)).toMatchObject([{ name: "Jon", phone: FORM.phone }]);
  });

  test("shows the form with what is kept", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, { ...CUSTOMER_EXAMPLE, gender: "f" });
    const { text } = await ada.get("/customers/1/edit");
    expect(text).toContain('value="johndoe@example.com"');
    expect(text).toContain('<option value="f" selected>female</option>');
    expect(text).toContain("&quot;newsletter&quot;: true");
  });
});
