import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { CUSTOMER_EXAMPLE } from "../../erp-stub/customer-contract.ts";
import { postCustomer } from "../support/customer-calls.ts";
import { customersOf } from "../support/customer-server.ts";
import { type Colleague, callApi, inviteColleague, type Seen } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;

const FORM = {
  name: "John Doe",
  email: "johndoe@example.com",
  phone: "1234567890",
  gender: "m",
  age: "30",
  birthdate: "1994-05-15",
  preferences: '{"language": "en", "newsletter": true}',
};

/** What the audit log has of customers, oldest first. */
async function auditOf(erp: Erp) {
  const { body } = await callApi(erp, "/audit?q=customers");
  const { data } = body as { data: { actor: string; action: string; rowId: number; changes: unknown }[] };
  return data.map(({ actor, action, rowId, changes }) => [actor, action, rowId, changes]).toReversed();
}

/** Sends the form of a customer as the page has it now. */
async function change(ada: Colleague, id: number, fields: Record<string, string>): Promise<Seen> {
  const path = `/customers/${String(id)}/edit`;
  return ada.send(path, { ...FORM, version: versionIn(await ada.get(path)), ...fields });
}

function versionIn({ text }: Seen): string {
  return /name="version" value="([^"]+)"/.exec(text)?.[1] ?? "";
}

function problemsIn({ text }: Seen): Record<string, string> {
  const found = text.matchAll(/<p class="problem" id="(\w+)-error">([^<]*)<\/p>/g);
  return Object.fromEntries([...found].map(([, field, problem]) => [field, problem]));
}

function emailsIn({ text }: Seen): string[] {
  return [...text.matchAll(/<a class="row" href="\/customers\/\d+">([^<]*)<\/a>/g)].map(([, email = ""]) => email);
}

describe("the list of customers", () => {
  test("tells where they come from while there are none", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    const { status, text } = await ada.get("/customers");
    expect(status).toBe(200);
    expect(text).toContain("No customers yet");
    expect(text).toContain('href="/customers/new"');
    expect(text).not.toContain("<table");
  });

  test("shows them newest first, 50 to a page, and finds one of them", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp, { role: "manager" });
    for (let at = 1; at <= 60; at += 1) await postCustomer(erp, { email: `guest${String(at)}@example.com` });
    const first = await ada.get("/customers");
    expect(emailsIn(first).slice(0, 2)).toEqual(["guest60@example.com", "guest59@example.com"]);
    expect(first.text).toContain("60 customers");
    expect(first.text).toContain('href="/customers?page=2"');
    expect(emailsIn(await ada.get("/customers?page=2"))).toHaveLength(10);
    expect(emailsIn(await ada.get("/customers?q=guest7"))).toEqual(["guest7@example.com"]);
    expect((await ada.get("/customers?q=guest&page=2")).text).toContain('href="/customers?q=guest&amp;page=1"');
    expect((await ada.get("/customers?q=nobody")).text).toContain("Nobody fits");
    expect((await ada.get("/customers?done=erased")).text).toContain("nothing of this customer is kept");
    expect((await ada.get("/customers?page=x")).status).toBe(422);
  });
});

describe("a customer's page", () => {
  test("shows all that is kept, with preferences laid out and markup as text", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    const preferences = { language: "en", scents: ["wood", "water"], "<i>": { deep: "<script>" } };
    await postCustomer(erp, { ...CUSTOMER_EXAMPLE, name: "<b>John</b>", preferences });
    const { text } = await ada.get("/customers/1");
    const expected = ["&lt;b&gt;John&lt;/b&gt;", "johndoe@example.com", "1234567890", "male", "30", "1994-05-15"];
    const laidOut = ["<dt>language</dt><dd>en</dd>", "<li>wood</li><li>water</li>", "<dt>&lt;i&gt;</dt>"];
    for (const part of [...expected, ...laidOut]) expect(text).toContain(part);
    expect(text).not.toContain("<script>");
    for (const path of ["export.json", "edit"]) expect(text).toContain(`href="/customers/1/${path}"`);
  });

  test.for(["/customers/2", "/customers/0", "/customers/x", "/customers/2/edit", "/customers/2/export.json"])(
    "is not there at %s",
    async (path) => {
      await using erp = await openErp();
      await postCustomer(erp, CUSTOMER_EXAMPLE);
      expect((await (await inviteColleague(erp)).get(path)).status).toBe(404);
    },
  );

  test("exports the customer as a file, and the audit log knows", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const { headers, text } = await ada.get("/customers/1/export.json");
    expect(headers.get("content-disposition")).toBe('attachment; filename="customer-1.json"');
    expect(JSON.parse(text)).toMatchObject({ id: 1, ...CUSTOMER_EXAMPLE });
    await callApi(erp, "/customers/1/export");
    expect(await auditOf(erp)).toEqual([
      ["Ada", "exported", 1, []],
      ["the kit's key", "exported", 1, []],
    ]);
  });

  test("erases the customer once, and the audit log knows", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    await postCustomer(erp, { email: "jane@example.com" });
    const erase = () => ada.send("/customers/1/erase");
    const seen = await Promise.all([erase(), erase()]);
    expect(seen.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([303, 404]);
    expect(seen.find(({ status }) => status === 303)?.location).toBe("/customers?done=erased");
    expect(customersOf(erp).map(({ email }) => email)).toEqual(["jane@example.com"]);
    expect((await callApi(erp, "/customers/2", { method: "DELETE" })).status).toBe(204);
    expect(await auditOf(erp)).toEqual([
      ["Ada", "erased", 1, []],
      ["the kit's key", "erased", 2, []],
    ]);
  });
});

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
    expect(await auditOf(erp)).toEqual([
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
    expect(await auditOf(erp)).toEqual([]);
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
    const { status, location } = await change(ada, 1, fields);
    expect([status, location]).toEqual([303, "/customers/1?done=changed"]);
    const preferences = { newsletter: true, floor: 3 };
    const { body } = await callApi(erp, "/customers/1");
    expect(body).toMatchObject({ name: "John Doe", email: "john@example.com", phone: null, age: 31 });
    expect((body as { preferences: unknown }).preferences).toEqual(preferences);
    expect(await auditOf(erp)).toEqual([["Ada", "changed", 1, ["email", "phone", "age", "preferences"]]]);
  });

  test("that changes nothing leaves no trace", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const before = customersOf(erp);
    expect((await change(ada, 1, {})).status).toBe(303);
    expect(customersOf(erp)).toEqual(before);
    expect(await auditOf(erp)).toEqual([]);
  });

  test("cannot take the e-mail of another", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    await postCustomer(erp, { email: "jane@example.com" });
    const seen = await change(ada, 1, { email: "jane@example.com" });
    expect([seen.status, problemsIn(seen)]).toEqual([422, { email: "The email has already been taken." }]);
    expect(await auditOf(erp)).toEqual([]);
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

describe("who may", () => {
  const WRITES = ["/customers/new", "/customers/1/edit", "/customers/1/erase"];
  const PAGES = ["/customers", "/customers/1", "/customers/1/export.json", "/customers/new", "/customers/1/edit"];

  test.for<[role: "manager" | "viewer", client_id: number | null]>([
    ["viewer", null],
    ["viewer", 1],
    ["manager", 1],
  ])("is not a %s bound to %j", async ([role, client_id]) => {
    await using erp = await openErp();
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const bob = await inviteColleague(erp, { role, client_id });
    for (const path of PAGES) expect((await bob.get(path)).status).toBe(403);
    for (const path of WRITES) expect((await bob.send(path, FORM)).status).toBe(403);
    expect(await auditOf(erp)).toEqual([]);
    expect((await bob.get("/account")).text).not.toContain('href="/customers"');
  });

  test("is nobody by another site's page, and nobody without a sign-in", async () => {
    await using erp = await openErp();
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const ada = await inviteColleague(erp);
    for (const path of WRITES) {
      expect((await ada.send(path, { ...FORM, token: "x" })).status).toBe(403);
      const stranger = await fetch(erp.url + path, {
        method: "POST",
        body: new URLSearchParams(FORM),
        redirect: "manual",
      });
      expect(stranger.headers.get("location")).toBe("/sign-in");
    }
    expect(customersOf(erp)).toHaveLength(1);
    expect(await auditOf(erp)).toEqual([]);
  });
});

describe("a customer and the audit log", () => {
  test.for<[what: string, act: (ada: Colleague, erp: Erp) => Promise<{ status: number }>]>([
    ["adding", (ada) => ada.send("/customers/new", { ...FORM, email: "jane@example.com" })],
    ["changing", (ada) => change(ada, 1, { name: "Jon" })],
    ["exporting", (ada) => ada.get("/customers/1/export.json")],
    ["erasing", (ada) => ada.send("/customers/1/erase")],
    ["erasing by a program", (_ada, erp) => callApi(erp, "/customers/1", { method: "DELETE" })],
  ])("are one commit: %s is undone when it cannot be recorded", async ([, act]) => {
    await using erp = await openErp();
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const ada = await inviteColleague(erp);
    const before = customersOf(erp);
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.exec("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'full'); END");
      db.close();
    });
    expect((await act(ada, erp)).status).toBe(500);
    expect(customersOf(erp)).toEqual(before);
  });
});
