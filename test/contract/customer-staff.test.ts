import { mkdtempDisposable } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { openAuditStore } from "../../erp-stub/audit-store.ts";
import { CUSTOMER_EXAMPLE, customerListSchema, customerRowSchema } from "../../erp-stub/customer-contract.ts";
import { openCustomerStore } from "../../erp-stub/customer-store.ts";
import { MIGRATIONS } from "../../erp-stub/migrations.ts";
import { openSqlite } from "../../plumbing/sqlite.ts";
import { asStaff, postCustomer } from "../support/customer-calls.ts";
import { openCustomers } from "../support/customer-server.ts";
import { callApi } from "../support/erp-office.ts";
import { countRows } from "../support/erp-system.ts";

type Erp = Awaited<ReturnType<typeof openCustomers>>;

async function listed(erp: Erp, search: Record<string, string> = {}) {
  const { body } = await asStaff(erp, `?${new URLSearchParams(search).toString()}`);
  return customerListSchema.strict().parse(body);
}

describe("the staff", () => {
  test.for<[role: string, boundTo: number | null, status: number]>([
    ["admin", null, 200],
    ["manager", null, 200],
    ["manager", 1, 403],
    ["viewer", null, 403],
  ])("with the key of a %s, bound to %j, gets %i", async ([role, client_id, status]) => {
    await using erp = await openCustomers();
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const { body } = await callApi(erp, "/api-keys", { method: "POST", body: { name: "program", role, client_id } });
    const { key } = body as { key: string };
    for (const path of ["", "/1", "/1/export"])
      expect(await callApi(erp, `/customers${path}`, { key })).toMatchObject({ status });
    const erased = await callApi(erp, "/customers/1", { method: "DELETE", key });
    expect(erased.status).toBe(status === 200 ? 204 : status);
    expect(countRows(erp.file, "customers")).toBe(status === 200 ? 0 : 1);
  });

  test("without a good key sees and erases nobody", async () => {
    await using erp = await openCustomers();
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    for (const key of ["", "x"]) {
      for (const path of ["", "/1", "/1/export", "/2"])
        expect(await callApi(erp, `/customers${path}`, { key })).toMatchObject({ status: 401 });
      expect(await callApi(erp, "/customers/1", { method: "DELETE", key })).toMatchObject({ status: 401 });
    }
    expect(countRows(erp.file, "customers")).toBe(1);
  });

  test("sees customers page by page, newest first", async () => {
    await using erp = await openCustomers();
    expect(await listed(erp)).toEqual({ data: [], total: 0, page: 1, pages: 1 });
    for (let at = 1; at <= 5; at += 1) await postCustomer(erp, { email: `guest${String(at)}@example.com` });

    const idsOn = async (page: string) => (await listed(erp, { limit: "2", page })).data.map(({ id }) => id);
    expect([await idsOn("1"), await idsOn("2"), await idsOn("3"), await idsOn("4")]).toEqual([[5, 4], [3, 2], [1], []]);
    expect(await listed(erp, { limit: "2", page: "2" })).toMatchObject({ total: 5, page: 2, pages: 3 });
    for (const search of ["?limit=0", "?limit=x", "?page=-1", "?page=1.5", "?page=9999999999", "?limit=1&limit=2"]) {
      expect((await asStaff(erp, search)).body).toMatchObject({ status: 422 });
    }
  });

  test.for<[q: string, emails: string[]]>([
    ["DOE", ["jane@b.example", "john@a.example"]],
    ["jane d", ["jane@b.example"]],
    ["A.EXAMPLE", ["john@a.example"]],
    ["555", ["john@a.example"]],
    ["BÜCHER", ["ann@bücher.example"]],
    ["émile", ["zola@c.example"]],
    ["ÉMILE ZOLA", ["zola@c.example"]],
    ["EXT. É", ["zola@c.example"]],
    ["%", []],
    ["_", []],
    ["'; DROP TABLE customers; --", []],
    ["", ["zola@c.example", "ann@bücher.example", "jane@b.example", "john@a.example"]],
  ])("finds by %j", async ([q, emails]) => {
    await using erp = await openCustomers();
    await postCustomer(erp, { email: "john@a.example", name: "John Doe", phone: "555-1234" });
    await postCustomer(erp, { email: "jane@b.example", name: "Jane Doe" });
    await postCustomer(erp, { email: "ann@bücher.example" });
    await postCustomer(erp, { email: "zola@c.example", name: "Émile Zola", phone: "556 ext. é" });
    const { data, total } = await listed(erp, { q });
    expect([data.map(({ email }) => email), total]).toEqual([emails, emails.length]);
  });

  test("exports one customer as a file", async () => {
    await using erp = await openCustomers();
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    const { status, headers, body } = await asStaff(erp, "/1/export");
    expect([status, headers.get("content-disposition"), headers.get("cache-control")]).toEqual([
      200,
      'attachment; filename="customer-1.json"',
      "no-store",
    ]);
    expect(customerRowSchema.strict().parse(body)).toMatchObject({ id: 1, ...CUSTOMER_EXAMPLE });
  });

  test("erases one customer, who is a new one when heard of again", async () => {
    await using erp = await openCustomers();
    await postCustomer(erp, CUSTOMER_EXAMPLE);
    await postCustomer(erp, { email: "jane@example.com" });
    const erased = await Promise.all([asStaff(erp, "/1", "DELETE"), asStaff(erp, "/1", "DELETE")]);
    expect(erased.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([204, 404]);
    expect(erased.find(({ status }) => status === 204)?.body).toBe("");
    expect((await listed(erp)).data.map(({ email }) => email)).toEqual(["jane@example.com"]);

    const { body } = await postCustomer(erp, { email: CUSTOMER_EXAMPLE.email });
    expect(body).toMatchObject({ customer_id: 3, data: { name: null, preferences: null } });
  });

  test.for(["/7", "/0", "/01", "/-1", "/1.5", "/x", "/%00", "/1e0", "/99999999999999999999"])(
    "nobody has the id %s",
    async (path) => {
      await using erp = await openCustomers();
      await postCustomer(erp, CUSTOMER_EXAMPLE);
      const answers = [
        await asStaff(erp, path),
        await asStaff(erp, `${path}/export`),
        await asStaff(erp, path, "DELETE"),
      ];
      for (const { headers, body } of answers) {
        expect(headers.get("content-type")).toBe("application/problem+json");
        expect(body).toMatchObject({ status: 404, detail: "There is no such customer." });
      }
    },
  );
});

test("customers of whom nothing was told since a time are erased, and no others", async () => {
  await using folder = await mkdtempDisposable(join(tmpdir(), "customers-"));
  const db = openSqlite(join(folder.path, "erp.sqlite"), MIGRATIONS);
  const audit = openAuditStore(db);
  const customers = openCustomerStore(db, audit);
  const told = (at: number, iso: string) => customers.upsert({ email: `guest${String(at)}@example.com` }, iso);
  const eraseOlderThan = (iso: string) =>
    customers.eraseNotUpdatedSince(iso, { actor: "retention", at: "2027-01-01T00:00:00.000Z" });
  await Promise.all(Array.from({ length: 1_203 }, (_, at) => told(at, "2025-01-01T00:00:00.000Z")));
  await Promise.all([told(1, "2026-01-01T00:00:00.000Z"), told(9_999, "2026-01-01T00:00:00.001Z")]);

  expect(await eraseOlderThan("2025-01-01T00:00:00.000Z")).toBe(0);
  expect(await eraseOlderThan("2026-01-01T00:00:00.000Z")).toBe(1_202);
  expect([customers.count(), customers.count("guest1@"), customers.find(1)]).toEqual([2, 1, undefined]);
  expect(await eraseOlderThan("2026-01-01T00:00:00.001Z")).toBe(1);
  expect(customers.list({ limit: 10 })).toMatchObject([{ email: "guest9999@example.com" }]);
  const entries = audit.list({ limit: 10 });
  expect(entries.map(({ changes }) => JSON.parse(changes) as unknown)).toEqual(
    [1, 202, 500, 500].map((erased) => ({ customers: erased })),
  );
  expect(entries[0]).toMatchObject({ actor: "retention", action: "erased", resource: "customers", rowId: null });
  await db.close();
});
