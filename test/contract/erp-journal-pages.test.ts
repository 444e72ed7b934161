import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { ERP_MODES } from "../../erp-stub/contract.ts";
import type { JournalRow } from "../../erp-stub/journal-store.ts";
import { postCustomer } from "../support/customer-calls.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch, callWithRef, listUsages } from "../support/erp-calls.ts";
import { callApi, inviteColleague, type Seen } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";
import { eventually } from "../support/eventually.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;
type Listed = { data: (Omit<JournalRow, "answer"> & { answer: Record<string, unknown> })[]; next: number | null };

const CHECKIN = { serial: SERIAL, status: "checkin", scent: "wood" };
const ROSE = { ...CHECKIN, scent: "rose" };

async function journalOf(erp: Erp, search: Record<string, string> = {}): Promise<Listed> {
  const { status, body } = await callApi(erp, `/journal?${new URLSearchParams(search).toString()}`);
  expect(status).toBe(200);
  return body as Listed;
}

/** Those of calls that wrote nothing come later than their answers. */
function fullJournalOf(erp: Erp, calls: number): Promise<Listed> {
  return eventually(async () => {
    const journal = await journalOf(erp);
    expect(journal.data).toHaveLength(calls);
    return journal;
  });
}

/** An executed, a replayed and a refused call, and a customer. */
async function fill(erp: Erp) {
  const { ref, body } = await callWithRef(erp, CHECKIN);
  await fullJournalOf(erp, 1);
  await callSwitch(erp, CHECKIN, { "idempotency-key": ref });
  await fullJournalOf(erp, 2);
  await callSwitch(erp, ROSE);
  await fullJournalOf(erp, 3);
  await postCustomer(erp, { email: "john@example.com" });
  await fullJournalOf(erp, 4);
  return { ref, answer: body };
}

function idsIn({ text }: Seen): number[] {
  return [...text.matchAll(/<a class="row" href="\/journal\/(\d+)">/g)].map(([, id]) => Number(id));
}

describe("the journal for programs", () => {
  test("has each call with its answer, newest first", async () => {
    await using erp = await openErp();
    const { ref, answer } = await fill(erp);
    const { data, next } = await journalOf(erp);
    expect(data.map(({ id, outcome, statusCode }) => [id, outcome, statusCode])).toEqual([
      [4, "executed", 200],
      [3, "refused", 422],
      [2, "replayed", 200],
      [1, "executed", 200],
    ]);
    expect(data[3]).toEqual({
      id: 1,
      at: expect.any(String),
      request: `GET /device/switch?serial=${SERIAL}&status=checkin&scent=wood`,
      remote: "127.0.0.1",
      ref,
      outcome: "executed",
      usageId: 1,
      statusCode: 200,
      answer,
    });
    expect(next).toBeNull();
  });

  test("finds by outcome, and by what stands in a call", async () => {
    await using erp = await openErp();
    const { ref } = await fill(erp);
    const ids = async (search: Record<string, string>) => (await journalOf(erp, search)).data.map(({ id }) => id);
    expect(await ids({ outcome: "refused" })).toEqual([3]);
    expect(await ids({ outcome: "replayed" })).toEqual([2]);
    expect(await ids({ outcome: "executed", q: "customers" })).toEqual([4]);
    expect(await ids({ q: ref })).toEqual([2, 1]);
    expect(await ids({ q: "scent=rose" })).toEqual([3]);
    expect(await ids({ q: "nothing like that" })).toEqual([]);
    expect(await ids({ before: "3", limit: "1" })).toEqual([2]);
  });

  test("is read to its end by following `next`", async () => {
    await using erp = await openErp();
    await flood(erp, 25);
    const seen: number[] = [];
    let next: number | null = null;
    do {
      const page: Listed = await journalOf(erp, { limit: "10", ...(next !== null && { before: String(next) }) });
      seen.push(...page.data.map(({ id }) => id));
      next = page.next;
    } while (next !== null);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, at) => 25 - at));
  });

  test.for(["outcome=lost", "before=x", "before=0", "before=1&before=2", "page=2", "limit=0", "limit=501", "who=me"])(
    "does not know what ?%s means",
    async (search) => {
      await using erp = await openErp();
      const { status, body } = await callApi(erp, `/journal?${search}`);
      expect([status, Object.keys((body as { errors: object }).errors)]).toEqual([422, [search.split("=")[0]]]);
    },
  );
});

/** So many executed calls of a test. */
async function flood(erp: Erp, rows: number): Promise<void> {
  await erp.restart(() => {
    const db = new Database(erp.file);
    db.prepare(
      `WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO requests (at, request, fingerprint, status_code, answer)
       SELECT '2026-03-01T12:00:00.000Z', 'GET /device/switch?n=' || i, '', 200, '{}' FROM n`,
    ).run(rows);
    db.close();
  });
}

describe("the journal for people", () => {
  test("tells what will stand here while there is nothing", async () => {
    await using erp = await openErp();
    const { status, text } = await (await inviteColleague(erp)).get("/journal");
    expect([status, text.includes("No calls yet"), text.includes("<table")]).toEqual([200, true, false]);
  });

  test("shows each call, newest first, and those of one outcome", async () => {
    await using erp = await openErp();
    await fill(erp);
    const bob = await inviteColleague(erp, { role: "viewer" });
    expect(idsIn(await bob.get("/journal"))).toEqual([4, 3, 2, 1]);
    expect(idsIn(await bob.get("/journal?outcome=refused"))).toEqual([3]);
    expect(idsIn(await bob.get("/journal?outcome=&q=rose"))).toEqual([3]);
    expect((await bob.get("/journal?q=nothing")).text).toContain("Nothing fits");
    expect((await bob.get("/journal?done=replayed")).text).toContain("Called again");
    expect((await bob.get("/journal?outcome=lost")).status).toBe(422);
  });

  test("leads on to older calls and keeps what was asked for", async () => {
    await using erp = await openErp();
    await flood(erp, 120);
    const ada = await inviteColleague(erp);
    const first = await ada.get("/journal?q=switch&outcome=executed");
    expect(idsIn(first)).toEqual(Array.from({ length: 50 }, (_, at) => 120 - at));
    expect(first.text).toContain('href="/journal?q=switch&amp;outcome=executed&amp;before=71"');
    expect(idsIn(await ada.get("/journal?before=21"))).toHaveLength(20);
    expect((await ada.get("/journal?before=21")).text).not.toContain(">Older<");
  });

  test("shows a call whole: its facts, its usage and its answer", async () => {
    await using erp = await openErp();
    const { ref } = await fill(erp);
    const ada = await inviteColleague(erp);
    const executed = (await ada.get("/journal/1")).text;
    const parts = ["It was carried out", ref, `/journal?q=${ref}`, 'href="/device-usages/1"', "127.0.0.1"];
    for (const part of [...parts, "<dt>status</dt><dd>checkin</dd>"]) expect(executed).toContain(part);
    const refused = (await ada.get("/journal/3")).text;
    expect(refused).toContain("Nothing was written");
    expect(refused).toContain(
      '<dt>scent</dt><dd><ul class="laid-out"><li>The selected scent is invalid.</li></ul></dd>',
    );
    for (const path of ["/journal/9", "/journal/0", "/journal/x"]) expect((await ada.get(path)).status).toBe(404);
  });

  test("shows markup in a call as text", async () => {
    await using erp = await openErp();
    await callSwitch(erp, `serial=<script>`, { accept: "application/json" });
    await fullJournalOf(erp, 1);
    const ada = await inviteColleague(erp);
    for (const path of ["/journal", "/journal/1"]) expect((await ada.get(path)).text).not.toContain("<script");
  });
});

for (const mode of ERP_MODES) {
  describe(`a call that is made again in ${mode} mode`, () => {
    test("writes a second time, as a call of its own that names who made it", async () => {
      await using erp = await openErp({ mode });
      const { ref } = await callWithRef(erp, CHECKIN);
      const ada = await inviteColleague(erp, { name: "Ada" });
      expect((await ada.get("/journal/1")).text).toContain("opens a second usage");
      const { status, location } = await ada.send("/journal/1/replay");
      expect([status, location]).toEqual([303, "/journal?done=replayed"]);
      expect(await listUsages(erp)).toHaveLength(2);
      const [again, first] = (await journalOf(erp)).data;
      expect([again?.request, again?.outcome, again?.usageId]).toEqual([first?.request, "executed", 2]);
      expect([again?.remote, again?.ref, first?.ref]).toEqual(["replay by Ada", null, ref]);
      // Without the key, or else it would have been answered as before.
      const repeated = await callSwitch(erp, CHECKIN, { "idempotency-key": ref });
      expect(await listUsages(erp)).toHaveLength(mode === "safe" ? 2 : 3);
      expect(repeated.headers.get("idempotency-replayed")).toBe(mode === "safe" ? "true" : null);
    });

    test("may be carried out now that was refused before, or be refused again and say why", async () => {
      await using erp = await openErp({ mode });
      await callSwitch(erp, ROSE);
      await fullJournalOf(erp, 1);
      const ada = await inviteColleague(erp);
      const refused = await ada.send("/journal/1/replay");
      expect(refused.status).toBe(422);
      expect(refused.text).toContain(
        "Called again, and refused with 422: Validation failed. The selected scent is invalid.",
      );
      expect((await fullJournalOf(erp, 2)).data[0]).toMatchObject({ outcome: "refused", remote: "replay by Ada" });
      await callApi(erp, "/scents", { method: "POST", body: { code: "rose", name: "Rose" } });
      expect((await ada.send("/journal/1/replay")).status).toBe(303);
      expect(await listUsages(erp)).toMatchObject([{ scent: "rose" }]);
    });
  });
}

describe("what is not made again", () => {
  test.for<[what: string, request: string, reason: string]>([
    ["a customer", "POST /api/customers", "Only calls of GET /device/switch"],
    ["a call by another method", "POST /device/switch?serial=x", "Only calls of GET /device/switch"],
    ["a call that missed the address", "GET /device/switch/?serial=x", "Only calls of GET /device/switch"],
    ["a call that was cut", `GET /device/switch?x=${"y".repeat(1_983)}`, "longer than what the journal keeps"],
  ])("is %s", async ([, request, reason]) => {
    await using erp = await openErp();
    await flood(erp, 1);
    await erp.restart(() => {
      const db = new Database(erp.file);
      db.prepare("UPDATE requests SET request = ?").run(request);
      db.close();
    });
    const ada = await inviteColleague(erp);
    const { text } = await ada.get("/journal/1");
    expect([text.includes(reason), text.includes("/replay")]).toEqual([true, false]);
    const { status, text: refusal } = await ada.send("/journal/1/replay");
    expect([status, refusal.includes(reason)]).toEqual([409, true]);
    expect((await journalOf(erp)).data).toHaveLength(1);
  });

  test.for<[role: "manager" | "viewer"]>([["manager"], ["viewer"]])("is anything by a %s", async ([role]) => {
    await using erp = await openErp();
    await callSwitch(erp, CHECKIN);
    const bob = await inviteColleague(erp, { role });
    expect((await bob.get("/journal/1")).text).not.toContain("/replay");
    expect((await bob.send("/journal/1/replay")).status).toBe(403);
    expect(await listUsages(erp)).toHaveLength(1);
  });

  test("is anything by somebody who is bound to a client, and they see nothing", async () => {
    await using erp = await openErp();
    await callSwitch(erp, CHECKIN);
    const bob = await inviteColleague(erp, { role: "admin", client_id: 1 });
    for (const path of ["/journal", "/journal/1"]) expect((await bob.get(path)).status).toBe(403);
    expect((await bob.send("/journal/1/replay")).status).toBe(403);
    expect((await callApi(erp, "/journal", { key: "x" })).status).toBe(401);
    expect(await listUsages(erp)).toHaveLength(1);
  });

  test("is anything that another site's page asks for", async () => {
    await using erp = await openErp();
    await callSwitch(erp, CHECKIN);
    const ada = await inviteColleague(erp);
    expect((await ada.send("/journal/1/replay", { token: "x" })).status).toBe(403);
    expect((await ada.get("/journal/1/replay")).status).toBe(405);
    expect(await listUsages(erp)).toHaveLength(1);
  });
});
