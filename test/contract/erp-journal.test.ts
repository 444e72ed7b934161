import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { request } from "undici";
import { describe, expect, test } from "vitest";
import type { JournalEntry, JournalRow, Outcome } from "../../erp-stub/journal-store.ts";
import { openErpStore } from "../../erp-stub/store.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch, callWithRef } from "../support/erp-calls.ts";
import { countRows, openErp } from "../support/erp-system.ts";
import { eventually } from "../support/eventually.ts";

const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };
const CHECKOUT = { serial: SERIAL, status: "checkout" };
const LINE = `GET /device/switch?serial=${SERIAL}&status=checkin&scent=wood`;

type Row = Omit<JournalRow, "id" | "at">;

/** What stands in the journal of an ERP, oldest first. */
function journalOf(file: string): Row[] {
  const db = new Database(file, { readonly: true });
  const rows = db
    .prepare(
      `SELECT request, remote, ref, outcome, usage_id AS usageId, status_code AS statusCode, answer FROM calls
       ORDER BY id`,
    )
    .all() as Row[];
  db.close();
  return rows;
}

/** The same, once it has so many rows: those of calls that wrote nothing come later than their answers. */
function fullJournalOf(file: string, rows: number): Promise<Row[]> {
  return eventually(() => {
    const journal = journalOf(file);
    expect(journal).toHaveLength(rows);
    return journal;
  });
}

describe("a call is in the journal", () => {
  test("when it was carried out, or answered as before", async () => {
    await using erp = await openErp();
    const { ref, body } = await callWithRef(erp, CHECKIN);
    await callSwitch(erp, CHECKIN, { "idempotency-key": ref });
    const answer = JSON.stringify(body);
    const call = { request: LINE, remote: "127.0.0.1", ref, statusCode: 200, answer };
    expect(await fullJournalOf(erp.file, 2)).toEqual([
      // What an executed call was answered follows from the rest of its row.
      { ...call, outcome: "executed", usageId: 1, answer: "" },
      { ...call, outcome: "replayed", usageId: null },
    ]);
    const shown = await fetch(`${erp.url}/api/journal`, { headers: { authorization: `Bearer ${erp.apiKey}` } });
    const { data } = (await shown.json()) as { data: { answer: unknown }[] };
    expect(data.map((row) => row.answer)).toEqual([body, body]);
  });

  test.for<[what: string, status: number, act: (url: string) => Promise<unknown>, line: string]>([
    [
      "it names an unknown scent",
      422,
      (url) => request(`${url}/device/switch?serial=x`),
      "GET /device/switch?serial=x",
    ],
    [
      "there is nothing to check out from",
      409,
      (url) => callSwitch({ url, apiKey: "" }, CHECKOUT),
      `GET /device/switch?serial=${SERIAL}&status=checkout`,
    ],
    ["a browser sent it", 403, (url) => callSwitch({ url, apiKey: "" }, CHECKIN, { accept: "text/html" }), LINE],
    ["a proxy sent it", 403, (url) => callSwitch({ url, apiKey: "" }, CHECKIN, { via: "1.1 proxy" }), LINE],
    [
      "it was for another host",
      403,
      (url) => request(`${url}/device/switch`, { headers: { host: "erp.example" } }),
      "GET /device/switch",
    ],
    ["it was a POST", 405, (url) => request(`${url}/device/switch`, { method: "POST" }), "POST /device/switch"],
    ["it missed the address by a slash", 404, (url) => request(`${url}/device/switch/`), "GET /device/switch/"],
    [
      "it was a customer for another host, whose query may tell of a person",
      403,
      (url) => {
        const headers = { host: "erp.example" };
        return request(`${url}/api/customers?email=john@example.com`, { method: "POST", headers });
      },
      "POST /api/customers",
    ],
    [
      "it was no customer, at an address that was written in another way",
      422,
      (url) => request(`${url}/%61pi/customers?email=john@example.com`, { method: "POST" }),
      "POST /api/customers",
    ],
  ])("when it was refused as %s", async ([, status, act, line]) => {
    await using erp = await openErp();
    await act(erp.url);
    const [row, ...others] = await fullJournalOf(erp.file, 1);
    expect(others).toEqual([]);
    const refused = { request: line, remote: "127.0.0.1", ref: null, outcome: "refused", usageId: null };
    expect(row).toMatchObject({ ...refused, statusCode: status });
    expect(JSON.parse(row?.answer ?? "")).toMatchObject({ error: expect.any(String) as string });
    expect(countRows(erp.file, "device_usages")).toBe(0);
  });

  test("with the address of its caller, not of the proxy that brought it", async () => {
    await using erp = await openErp({ allow: ["10.1.2.3"], proxies: ["127.0.0.1"] });
    for (const chain of ["10.1.2.3", "10.9.9.9", "nobody"])
      await callSwitch(erp, CHECKIN, { "x-forwarded-for": chain });
    const journal = await fullJournalOf(erp.file, 3);
    expect(journal.map(({ remote, statusCode }) => [remote, statusCode])).toEqual([
      ["10.1.2.3", 200],
      ["10.9.9.9", 403],
      ["127.0.0.1", 403],
    ]);
  });

  test("but not when it is no call of the two documented addresses", async () => {
    await using erp = await openErp();
    for (const path of ["/device/switches", "/api/device-usages", "/livez"]) {
      await request(`${erp.url}${path}`);
    }
    await erp.restart();
    expect(journalOf(erp.file)).toEqual([]);
  });
});

/** Rows as a flood leaves them: first some that were carried out, then those that were refused. */
function flood(file: string, refused: number): void {
  const db = new Database(file);
  const insert = db.prepare(
    `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO requests (at, request, fingerprint, status_code, answer, outcome) SELECT '', i, '', 422, '{}', ? FROM n`,
  );
  insert.run(50, "executed");
  insert.run(refused, "refused");
  insert.run(50, "replayed");
  db.close();
}

describe("of refused calls", () => {
  test("the newest 10,000 are kept, and all others", async () => {
    await using erp = await openErp();
    await erp.restart(() => flood(erp.file, 12_000));
    await callSwitch(erp, "");
    await eventually(() => expect(countRows(erp.file, "requests WHERE outcome = 'refused'")).toBe(10_000));
    expect(countRows(erp.file, "requests WHERE outcome = 'refused' AND id <= 50 + 2_000")).toBe(0);
    expect(countRows(erp.file, "requests WHERE outcome <> 'refused'")).toBe(100);
  });

  test("10,000 stay", async () => {
    await using erp = await openErp();
    await erp.restart(() => flood(erp.file, 9_999));
    await callSwitch(erp, "");
    await eventually(() => expect(countRows(erp.file, "requests WHERE outcome = 'refused'")).toBe(10_000));
  });
});

/** The store of an ERP without its server; `prepare` works on its file before. */
async function openStore(prepare: (file: string) => void = () => undefined) {
  const dataDir = await mkdtemp(join(tmpdir(), "erp-journal-"));
  const file = join(dataDir, "erp.sqlite");
  await openErpStore(file).close();
  prepare(file);
  const store = openErpStore(file);
  return {
    ...store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await rm(dataDir, { recursive: true });
    },
  };
}

function entry(outcome: Outcome, what: Partial<JournalEntry> = {}): JournalEntry {
  const at = "2026-03-01T12:00:00.000Z";
  const row = { at, request: "GET /device/switch", remote: "10.0.0.1", ref: null, statusCode: 200, answer: "{}" };
  return { ...row, outcome, ...what };
}

describe("reading it", () => {
  test("a page has the newest first and leads to the next one, until all were seen", async () => {
    await using store = await openStore();
    const { journal } = store;
    expect(journal.list({ limit: 3 })).toEqual({ data: [], next: undefined });
    await Promise.all(Array.from({ length: 7 }, (_, at) => journal.add(entry(at % 2 === 0 ? "refused" : "replayed"))));
    const walk = (filter: { outcome?: Outcome; q?: string }): number[] => {
      const ids: number[] = [];
      let before: number | undefined;
      do {
        const page = journal.list({ ...filter, limit: 2, ...(before === undefined ? {} : { before }) });
        ids.push(...page.data.map(({ id }) => id));
        before = page.next;
      } while (before !== undefined);
      return ids;
    };
    expect(walk({})).toEqual([7, 6, 5, 4, 3, 2, 1]);
    expect(walk({ outcome: "refused" })).toEqual([7, 5, 3, 1]);
    expect(walk({ outcome: "replayed", q: "switch" })).toEqual([6, 4, 2]);
    expect(walk({ outcome: "executed" })).toEqual([]);
    expect(journal.find(3)).toEqual({ id: 3, usageId: null, ...entry("refused") });
    expect(journal.find(8)).toBeUndefined();
  });

  test("a search finds a part of the request, and an address or a key as a whole", async () => {
    await using store = await openStore();
    const { journal } = store;
    await journal.add(entry("refused", { request: "GET /device/switch?serial=dev-0001&x=50%_" }));
    await journal.add(entry("replayed", { ref: "key-1", remote: "10.0.0.11" }));
    const found = (q: string) => journal.list({ q, limit: 9 }).data.map(({ id }) => id);
    expect(["dev-0001", "50%_", "10.0.0.1"].map(found)).toEqual([[1], [1], [1]]);
    expect(["10.0.0.11", "key-1", "key-"].map(found)).toEqual([[2], [2], []]);
    expect(["switch", "SWITCH"].map(found)).toEqual([[2, 1], []]);
  });

  test("a search looks at a bounded number of rows at a time, and says from where to go on", async () => {
    await using store = await openStore((file) => {
      const db = new Database(file);
      db.exec(
        "INSERT INTO requests (at, request, fingerprint, status_code, answer) VALUES ('', 'GET /old', '', 200, '{}')",
      );
      db.close();
      flood(file, 45_000);
    });
    const pages: [next: number | undefined, found: number][] = [];
    let before: number | undefined;
    do {
      const page = store.journal.list({ q: "/old", limit: 10, ...(before === undefined ? {} : { before }) });
      pages.push([page.next, page.data.length]);
      before = page.next;
    } while (before !== undefined);
    expect(pages).toEqual([
      [25_102, 0],
      [5_102, 0],
      [undefined, 1],
    ]);
  });
});
