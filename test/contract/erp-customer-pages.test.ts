import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { CUSTOMER_EXAMPLE } from "../../erp-stub/customer-contract.ts";
import { postCustomer } from "../support/customer-calls.ts";
import { changeCustomer, customerAuditOf, FORM } from "../support/customer-forms.ts";
import { customersOf } from "../support/customer-server.ts";
import { type Colleague, callApi, inviteColleague, type Seen } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;

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
    expect(await customerAuditOf(erp)).toEqual([
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
    expect(await customerAuditOf(erp)).toEqual([
      ["Ada", "erased", 1, []],
      ["the kit's key", "erased", 2, []],
    ]);
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
    expect(await customerAuditOf(erp)).toEqual([]);
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
    expect(await customerAuditOf(erp)).toEqual([]);
  });
});

describe("a customer and the audit log", () => {
  test.for<[what: string, act: (ada: Colleague, erp: Erp) => Promise<{ status: number }>]>([
    ["adding", (ada) => ada.send("/customers/new", { ...FORM, email: "jane@example.com" })],
    ["changing", (ada) => changeCustomer(ada, 1, { name: "Jon" })],
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
