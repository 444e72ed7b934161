import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { ERP_MODES } from "../../erp-stub/contract.ts";
import { callSwitch, callWithRef, listUsages } from "../support/erp-calls.ts";
import { CHECKIN, floodJournal, fullJournalOf, journalOf, ROSE } from "../support/erp-journal.ts";
import { callApi, inviteColleague } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";

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
    await floodJournal(erp, 1);
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
