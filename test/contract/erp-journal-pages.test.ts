import { describe, expect, test } from "vitest";
import { SERIAL } from "../support/devices.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { fillJournal, floodJournal, fullJournalOf, type Journaled, journalOf } from "../support/erp-journal.ts";
import { callApi, inviteColleague, type Seen } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";

function idsIn({ text }: Seen): number[] {
  return [...text.matchAll(/<a class="row" href="\/journal\/(\d+)">/g)].map(([, id]) => Number(id));
}

describe("the journal for programs", () => {
  test("has each call with its answer, newest first", async () => {
    await using erp = await openErp();
    const { ref, answer } = await fillJournal(erp);
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
    const { ref } = await fillJournal(erp);
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
    await floodJournal(erp, 25);
    const seen: number[] = [];
    let next: number | null = null;
    do {
      const page: Journaled = await journalOf(erp, { limit: "10", ...(next !== null && { before: String(next) }) });
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

describe("the journal for people", () => {
  test("tells what will stand here while there is nothing", async () => {
    await using erp = await openErp();
    const { status, text } = await (await inviteColleague(erp)).get("/journal");
    expect([status, text.includes("No calls yet"), text.includes("<table")]).toEqual([200, true, false]);
  });

  test("shows each call, newest first, and those of one outcome", async () => {
    await using erp = await openErp();
    await fillJournal(erp);
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
    await floodJournal(erp, 120);
    const ada = await inviteColleague(erp);
    const first = await ada.get("/journal?q=switch&outcome=executed");
    expect(idsIn(first)).toEqual(Array.from({ length: 50 }, (_, at) => 120 - at));
    expect(first.text).toContain('href="/journal?q=switch&amp;outcome=executed&amp;before=71"');
    expect(idsIn(await ada.get("/journal?before=21"))).toHaveLength(20);
    expect((await ada.get("/journal?before=21")).text).not.toContain(">Older<");
  });

  test("shows a call whole: its facts, its usage and its answer", async () => {
    await using erp = await openErp();
    const { ref } = await fillJournal(erp);
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
