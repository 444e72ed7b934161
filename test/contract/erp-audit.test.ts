import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import type { AuditEntry } from "../../erp-stub/audit-store.ts";
import { RESOURCE_CHANGES, RESOURCE_ROWS } from "../../erp-stub/openapi-examples.ts";
import { RESOURCE_NAMES, RESOURCES, type ResourceName } from "../../erp-stub/resources.ts";
import { postCustomer } from "../support/customer-calls.ts";
import { auditOf, callApi, inviteColleague, type Seen } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;

const KIT = "the kit's key";

/** A call that has to succeed, such as `POST /rooms`; resolves with its answer. */
async function call(erp: Erp, line: string, body?: unknown): Promise<{ id: number }> {
  const [method = "", path = ""] = line.split(" ");
  const answer = await callApi(erp, path, { method, body });
  expect([path, answer.status]).toEqual([path, method === "POST" ? 201 : method === "DELETE" ? 204 : 200]);
  return answer.body as { id: number };
}

function bodyOf(name: ResourceName): Record<string, unknown> {
  return Object.fromEntries(RESOURCES[name].fields.map((field) => [field.name, RESOURCE_ROWS[name][field.name]]));
}

/** The rows of the audit page: who, what and the changes. */
function rowsIn({ text }: Seen): string[][] {
  return [...text.matchAll(/<tr><th scope="row">.*?<\/th>(.*?)<\/tr>/g)].map(([, cells = ""]) =>
    [...cells.matchAll(/<td[^>]*>(.*?)<\/td>/g)].map(([, cell = ""]) => wordsOf(cell)),
  );
}

function wordsOf(markup: string): string {
  const spaced = markup.replaceAll("</li>", "; ").replace(/<span class="spoken">.*?<\/span>/g, "");
  return spaced
    .replace(/<[^>]+>/g, "")
    .replace(/\s+/g, " ")
    .trim();
}

describe("every write of a program leaves one entry", () => {
  test("whatever it adds, changes and removes", { timeout: 20_000 }, async () => {
    await using erp = await openErp({ seed: "empty" });
    const ids = new Map<ResourceName, number>();
    for (const name of RESOURCE_NAMES) ids.set(name, (await call(erp, `POST /${name}`, bodyOf(name))).id);
    const pathOf = (name: ResourceName) => `/${name}/${String(ids.get(name))}`;
    for (const name of RESOURCE_NAMES) await call(erp, `PATCH ${pathOf(name)}`, RESOURCE_CHANGES[name]);
    // What refers to others goes first, and users refer to their client.
    const order = ["users" as const, ...RESOURCE_NAMES.filter((name) => name !== "users").toReversed()];
    for (const name of order) await call(erp, `DELETE ${pathOf(name)}`);

    const { data } = await auditOf(erp, { limit: "500" });
    const seen = data.toReversed().map(({ action, resource, rowId, actor }) => [action, resource, rowId, actor]);
    const expected = (action: string, names: readonly ResourceName[]) =>
      names.map((name) => [action, name, ids.get(name), KIT]);
    expect(seen.filter(([action]) => action === "added")).toEqual(expected("added", RESOURCE_NAMES));
    expect(seen.filter(([action]) => action === "changed")).toEqual(expected("changed", RESOURCE_NAMES));
    expect(seen.filter(([action]) => action === "removed")).toEqual(expected("removed", order));
  });

  test.for<[what: string, act: (erp: Erp) => Promise<unknown>, entries: Partial<AuditEntry>[]]>([
    [
      "settings",
      (erp) => call(erp, "PATCH /settings", { allow: ["10.0.0.0/8", "10.1.2.3"], retention_days: 30 }),
      [
        {
          action: "changed",
          resource: "settings",
          rowId: null,
          changes: { allow: [[], ["10.0.0.0/8", "10.1.2.3"]], retentionDays: [null, 30] },
        },
      ],
    ],
    [
      "a usage that nobody reported",
      async (erp) => {
        const usage = { device_id: 1, scent_id: 1, checkin_at: new Date().toISOString() };
        const { id } = await call(erp, "POST /device-usages", usage);
        await call(erp, `PATCH /device-usages/${String(id)}`, { scent_id: 2 });
        await call(erp, `DELETE /device-usages/${String(id)}`);
      },
      [
        { action: "added", resource: "device-usages", rowId: 1 },
        { action: "changed", resource: "device-usages", rowId: 1, changes: { scent_id: [1, 2] } },
        { action: "removed", resource: "device-usages", rowId: 1 },
      ],
    ],
    [
      "a customer who is exported and erased",
      async (erp) => {
        await postCustomer(erp, { email: "john@example.com" });
        await callApi(erp, "/customers/1/export");
        await call(erp, "DELETE /customers/1");
      },
      [
        { action: "exported", resource: "customers", rowId: 1, changes: [] },
        { action: "erased", resource: "customers", rowId: 1, changes: [] },
      ],
    ],
  ])("also %s", async ([, act, entries]) => {
    await using erp = await openErp();
    await act(erp);
    const { data } = await auditOf(erp);
    expect(data.toReversed()).toMatchObject(entries.map((entry) => ({ actor: KIT, ...entry })));
    expect(data).toHaveLength(entries.length);
  });

  test("but none when it was refused, changed nothing or only read", async () => {
    await using erp = await openErp();
    await callApi(erp, "/rooms", { method: "POST", body: { name: "x" } });
    await callApi(erp, "/rooms/1", { method: "PATCH", body: { name: "Room 101" } });
    await callApi(erp, "/rooms/1", { method: "DELETE" });
    for (const path of ["/rooms", "/customers", "/audit", "/journal", "/settings"]) await callApi(erp, path);
    expect((await auditOf(erp)).data).toEqual([]);
  });
});

describe("every write of a person leaves an entry with their name", () => {
  test("from their password to what they removed", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp, { name: "Ada" });
    await ada.send("/scents/new", { code: "rose", name: "Rose" });
    await ada.send("/scents/5", { code: "rose", name: "Wild rose" });
    await ada.send("/scents/5/remove");
    const { data } = await auditOf(erp);
    expect(data.toReversed().map(({ actor, action, resource }) => [actor, action, resource])).toEqual([
      [KIT, "added", "users"],
      [KIT, "invited", "users"],
      ["Ada", "set the password of", "users"],
      ["Ada", "added", "scents"],
      ["Ada", "changed", "scents"],
      ["Ada", "removed", "scents"],
    ]);
    expect(JSON.stringify(data)).not.toMatch(/argon2|hash|secret|token/i);
  });
});

describe("the audit log", () => {
  test("is read to its end by following `next`, and searched", async () => {
    await using erp = await openErp();
    for (let at = 1; at <= 5; at += 1) await call(erp, "POST /scents", { code: `s${String(at)}`, name: "S" });
    await call(erp, "POST /corporations", { name: "Peninsula" });
    const first = await auditOf(erp, { limit: "4" });
    const second = await auditOf(erp, { limit: "4", before: String(first.next) });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual([6, 5, 4, 3, 2, 1]);
    expect(second.next).toBeNull();
    expect((await auditOf(erp, { q: "CORPORATIONS" })).data.map(({ id }) => id)).toEqual([6]);
    expect((await auditOf(erp, { q: "added scents", limit: "5" })).next).toBeNull();
    expect((await callApi(erp, "/audit?page=2")).status).toBe(422);
  });

  test("finds a name in whatever case it is written", async () => {
    await using erp = await openErp();
    await inviteColleague(erp, { name: "Émile" });
    const [joined] = (await auditOf(erp)).data;
    for (const q of ["émile", "ÉMILE"]) expect((await auditOf(erp, { q })).data).toEqual([joined]);
    expect((await auditOf(erp, { q: "emile" })).data).toEqual([]);
  });

  test("shows a person what was before and after, in the words of the forms", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp, { name: "Ada & Co" });
    await call(erp, "PATCH /clients/1", { charge_rate_cents: 3_050, client_type: "spa" });
    const { id: roomId } = await call(erp, "POST /rooms", { name: "<b>Suite</b>", client_id: 1 });
    const id = String(roomId);
    await call(erp, "PATCH /settings", { allow: ["10.1.2.3", "10.1.2.4"], retention_days: 30 });
    await call(erp, `DELETE /rooms/${id}`);
    const kit = "the kit&#39;s key";
    const seen = await ada.get("/audit");
    expect(rowsIn(seen).slice(0, 6)).toEqual([
      [kit, `removed room ${id}`, "Name: &lt;b&gt;Suite&lt;/b&gt;; Client: Harbour View Hotel;"],
      [kit, "changed settings", "Allow: none → 10.1.2.3, 10.1.2.4; Retention days: none → 30;"],
      [kit, `added room ${id}`, "Client: client 1; Name: &lt;b&gt;Suite&lt;/b&gt;;"],
      [kit, "changed client 1", "Type: hotel → spa; Charge rate: 25.00 → 30.50;"],
      ["Ada &amp; Co", expect.stringMatching(/^set the password of user \d+$/), "none"],
      [kit, expect.stringMatching(/^invited user \d+$/), "none"],
    ]);
    expect(seen.text).toContain('<a href="/clients/1">client 1</a>');
    expect(seen.text).toContain(`removed room ${id}`);
    expect(rowsIn(await ada.get("/audit?q=settings"))).toHaveLength(1);
    expect((await ada.get("/audit?q=nothing")).text).toContain("Nothing fits");
    expect((await ada.get("/audit?before=1")).text).toContain("Nothing fits");
  });

  test("leads on to older entries", async () => {
    await using erp = await openErp();
    const ada = await inviteColleague(erp);
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.exec(
        `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < 60)
         INSERT INTO audit (id, at, actor, action, resource, changes)
         SELECT 100 + i, '2026-03-01T12:00:00.000Z', 'Bob', 'changed', 'settings', '{}' FROM n`,
      );
      db.close();
    });
    const { text } = await ada.get("/audit?q=Bob");
    expect(text).toContain('href="/audit?q=Bob&amp;before=111"');
    expect((await ada.get("/audit?q=Bob&before=111")).text).not.toContain(">Older<");
  });

  test.for<[role: "admin" | "manager" | "viewer", client_id: number | null]>([
    ["manager", null],
    ["viewer", null],
    ["admin", 1],
  ])("is not for the role %s bound to %j", async ([role, client_id]) => {
    await using erp = await openErp();
    const bob = await inviteColleague(erp, { role, client_id });
    expect((await bob.get("/audit")).status).toBe(403);
    const made = await callApi(erp, "/api-keys", { method: "POST", body: { name: "program", role, client_id } });
    const { key } = made.body as { key: string };
    expect((await callApi(erp, "/audit", { key })).status).toBe(403);
  });
});
