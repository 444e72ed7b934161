import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CUSTOMER_EXAMPLE } from "../../erp-stub/customer-contract.ts";
import { manualClock } from "../support/clock.ts";
import { asStaff, postCustomer } from "../support/customer-calls.ts";
import { journalOf, openCustomers } from "../support/customer-server.ts";
import { countRows } from "../support/erp-system.ts";
import { eventually } from "../support/eventually.ts";
import { DOCUMENTED_CUSTOMER } from "../support/katlai-documents.ts";
import { customersContract } from "./erp-contract-customers.ts";

type Erp = Awaited<ReturnType<typeof openCustomers>>;

/** A proxy that nobody has named. */
const STRANGER = { "x-forwarded-for": "192.0.2.7" };

describe("the bundled ERP's customers", () => {
  let erp: Erp;
  beforeAll(async () => {
    erp = await openCustomers();
  });
  afterAll(() => erp[Symbol.asyncDispose]());
  customersContract(() => erp);
});

function changeFile(erp: Erp, sql: string): Promise<void> {
  return erp.restart(() => {
    const db = new Database(erp.file);
    db.exec(sql);
    db.close();
  });
}

describe("what is kept", () => {
  test("the documented request, byte for byte, is answered in the documented order", async () => {
    await using erp = await openCustomers();
    const response = await fetch(`${erp.url}/api/customers`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: DOCUMENTED_CUSTOMER,
    });
    const answer = { message: "Customer setup successful", customer_id: 1, data: CUSTOMER_EXAMPLE };
    expect([response.status, await response.text()]).toEqual([200, JSON.stringify(answer)]);
  });

  test("a restart keeps customers, and 100 calls for one of them at once add none", async () => {
    const clock = manualClock();
    await using erp = await openCustomers({ clock });
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const before = await asStaff(erp, "/1");
    const at = "2026-03-01T12:00:00.000Z";
    expect(before.body).toEqual({ id: 1, ...CUSTOMER_EXAMPLE, created_at: at, updated_at: at });
    await erp.restart();
    expect((await asStaff(erp, "/1")).body).toEqual(before.body);

    clock.shift(1_000);
    const email = CUSTOMER_EXAMPLE.email.toUpperCase();
    await Promise.all(Array.from({ length: 100 }, (_, age) => postCustomer(erp, { email, age })));
    expect(countRows(erp.file, "customers")).toBe(1);
    expect((await asStaff(erp, "/1")).body).toMatchObject({ created_at: at, updated_at: "2026-03-01T12:00:01.000Z" });
  });

  test("a refused call leaves no row", async () => {
    await using erp = await openCustomers();
    for (const body of ["{", "[]", { name: "John Doe" }, { ...CUSTOMER_EXAMPLE, age: "old" }]) {
      await postCustomer(erp, body);
    }
    const stranger = await postCustomer(erp, CUSTOMER_EXAMPLE, STRANGER);
    expect([stranger.status, stranger.body]).toEqual([403, { error: expect.stringContaining("ERP_PROXIES") }]);
    expect(countRows(erp.file, "customers")).toBe(0);
  });

  test("a child may be born today, wherever today has begun", async () => {
    await using erp = await openCustomers({ clock: manualClock() });
    const born = async (birthdate: string) =>
      (await postCustomer(erp, { email: "child@example.com", birthdate })).status;
    expect([await born("2026-03-01"), await born("2026-03-02"), await born("2026-03-03")]).toEqual([200, 200, 422]);
  });
});

describe("what is told of a person", () => {
  const SECRET = { email: "ada@secret.example", name: "Ada Secret", phone: "555-secret", birthdate: "1815-12-10" };
  const isSecret = (text: string) => /secret|1815/i.test(text);

  test("the journal hears of every answer, but nothing of the person", async () => {
    await using erp = await openCustomers();
    const bodies = [SECRET, { ...SECRET, email: "", age: "secret", secret: 1 }, '{"secret', '"secret"'];
    for (const body of bodies) await postCustomer(erp, body);
    await postCustomer(erp, SECRET, STRANGER);
    await postCustomer(erp, { name: "secret".repeat(12_000) });
    const told = [
      { status: 200, answer: { customer_id: 1 } },
      { status: 422, answer: { error: "Validation failed", fields: ["email", "age"] } },
      { status: 400, answer: { error: "Malformed JSON" } },
      { status: 422, answer: { error: "The body must be a JSON object" } },
      { status: 403, answer: { error: expect.any(String) } },
      { status: 413, answer: { error: "The body is larger than 65536 bytes." } },
    ];
    await eventually(() => expect(journalOf(erp)).toEqual(told));
    expect(erp.logged()).toBe("[]");
  });

  test("a store that fails is logged without the person", async () => {
    await using erp = await openCustomers();
    await postCustomer(erp, SECRET);
    const fails = (event: string) =>
      `CREATE TRIGGER on_${event} BEFORE ${event} ON customers BEGIN SELECT raise(ABORT, 'broken'); END;`;
    await changeFile(erp, fails("INSERT") + fails("UPDATE") + fails("DELETE"));
    expect((await postCustomer(erp, SECRET)).status).toBe(500);
    expect((await postCustomer(erp, { ...SECRET, email: "other@secret.example" })).status).toBe(500);
    expect((await asStaff(erp, "/1", "DELETE")).status).toBe(500);
    expect(erp.logged()).toContain("broken");
    expect(isSecret(erp.logged())).toBe(false);
  });

  test("preferences that somebody spoilt in the file are none, and stand in no log", async () => {
    await using erp = await openCustomers();
    await postCustomer(erp, SECRET);
    await changeFile(erp, "UPDATE customers SET preferences = 'secret allergy'");
    expect((await asStaff(erp, "/1")).body).toMatchObject({ name: SECRET.name, preferences: null });
    expect((await postCustomer(erp, { email: SECRET.email, preferences: { a: 1 } })).body).toMatchObject({
      data: { preferences: { a: 1 } },
    });
    expect(erp.logged()).toBe("[]");
  });

  test("of what is erased or replaced not a byte is left in the file", async () => {
    await using erp = await openCustomers();
    const others = Array.from({ length: 20 }, (_, at) => ({ email: `guest${String(at)}@example.com`, name: "Guest" }));
    await Promise.all(others.map((other) => postCustomer(erp, other)));
    await postCustomer(erp, { ...SECRET, preferences: { diet: "secret" } });
    await postCustomer(erp, { email: "bob@example.com", name: "Bob Secret", preferences: { diet: "x".repeat(9_000) } });
    const bytes = () => readFileSync(erp.file, "latin1");
    await erp.restart(() => expect(isSecret(bytes())).toBe(true));

    expect((await asStaff(erp, "/21", "DELETE")).status).toBe(204);
    await postCustomer(erp, { email: "bob@example.com", name: null, preferences: null });
    await erp.restart(() => {
      expect(isSecret(bytes())).toBe(false);
      expect(bytes()).not.toContain("x".repeat(100));
      expect(bytes()).toContain("guest7@example.com");
    });
  });
});
