import { readFileSync } from "node:fs";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import { ERP_MODES } from "../../erp-stub/contract.ts";
import { SERIAL } from "../support/devices.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { CHECKIN, fullJournalOf } from "../support/erp-journal.ts";
import { openErp } from "../support/erp-system.ts";

describe("of a call the journal keeps no more than", () => {
  test("2,000 characters of its URL", async () => {
    await using erp = await openErp();
    const filler = `&x=${"y".repeat(6_000)}`;
    await callSwitch(erp, `${new URLSearchParams(CHECKIN).toString()}${filler}`);
    await callSwitch(erp, filler);
    const { data } = await fullJournalOf(erp, 2);
    for (const { request } of data) expect(request).toHaveLength("GET ".length + 2_000);
    const db = new Database(erp.file, { readonly: true });
    expect(db.prepare("SELECT length(request) FROM device_usages").pluck().get()).toBe("GET ".length + 2_000);
    db.close();
  });

  test.for(ERP_MODES)("200 characters of its key in %s mode, whatever came of it", async (mode) => {
    await using erp = await openErp({ mode });
    const headers = { "idempotency-key": "k".repeat(5_000) };
    for (const call of [CHECKIN, { serial: SERIAL, status: "checkout" }, ""]) await callSwitch(erp, call, headers);
    const { data } = await fullJournalOf(erp, 3);
    expect(data.map(({ ref }) => ref)).toEqual(Array<string>(3).fill("k".repeat(200)));
    for (const end of ["", "-wal"]) expect(readFileSync(erp.file + end, "latin1")).not.toContain("k".repeat(201));
  });
});
