import { describe, expect, test } from "vitest";
import type { ErpMode } from "../../erp-stub/contract.ts";
import { manualClock } from "../support/clock.ts";
import { setUpCustomer } from "../support/customer-calls.ts";
import { ask, auditOf, errorsOf, patch, rowsIn } from "../support/erp-api.ts";
import { callSwitch, listUsages } from "../support/erp-calls.ts";
import { inviteColleague } from "../support/erp-office.ts";
import { openErp } from "../support/erp-system.ts";
import { eventually } from "../support/eventually.ts";

type Erp = Awaited<ReturnType<typeof openErp>>;

const PATH = "/api/settings";
const CHECKIN = { serial: "HKAP0100000001", status: "checkin", scent: "wood" };
const DAY_MS = 86_400_000;
const FORWARDED = { "x-forwarded-for": "10.1.2.3" };
/** The mode is for an admin to choose. */
const CHOSEN: { mode?: ErpMode } = Object.fromEntries([["mode", undefined]]);

const call = async (erp: Erp, headers = {}) => (await callSwitch(erp, CHECKIN, headers)).status;
const shown = async (erp: Erp) => (await ask(erp, PATH)).body;

describe("the allow-list", () => {
  test("lets in at once whom it names, beside ERP_ALLOW, and still does after a restart", async () => {
    await using erp = await openErp({ allow: ["192.0.2.1"] });
    expect(await call(erp)).toBe(403);
    expect((await patch(erp, PATH, { allow: ["127.0.0.0/8", "2001:db8::/32"] })).status).toBe(200);
    expect(await call(erp)).toBe(200);
    expect(await shown(erp)).toMatchObject({
      allow: ["127.0.0.0/8", "2001:db8::/32"],
      fixed: { allow: ["192.0.2.1"] },
    });
    await erp.restart();
    expect(await call(erp)).toBe(200);
    await patch(erp, PATH, { allow: [] });
    expect(await call(erp)).toBe(403);
    await erp.restart();
    expect(await call(erp)).toBe(403);
  });

  test("cannot shut out whom ERP_ALLOW names", async () => {
    await using erp = await openErp();
    await patch(erp, PATH, { allow: ["192.0.2.1"] });
    expect(await call(erp)).toBe(200);
    await patch(erp, PATH, { allow: [] });
    expect(await call(erp)).toBe(200);
  });

  test.for<[entry: string, problem: string]>([
    ["10.0.0.0/24 ", "must be an address or a network such as 10.0.0.0/24."],
    ["10.0.0", "must be an address or a network such as 10.0.0.0/24."],
    ["010.0.0.1", "must be an address or a network such as 10.0.0.0/24."],
    ["10.0.0.1/33", "must be an address or a network such as 10.0.0.0/24."],
    ["10.0.0.0/08", "must be an address or a network such as 10.0.0.0/24."],
    ["10.0.0.1/24", "must be 10.0.0.0/24, as 10.0.0.1/24 has host bits set."],
    ["fe80::1%eth0", "must be an address or a network such as 10.0.0.0/24."],
    ["hotel.example", "must be an address or a network such as 10.0.0.0/24."],
    ["*", "must be an address or a network such as 10.0.0.0/24."],
    ["", "must be an address or a network such as 10.0.0.0/24."],
  ])("refuses %j, and all that comes with it", async ([entry, problem]) => {
    await using erp = await openErp({ allow: ["192.0.2.1"] });
    const refused = await patch(erp, PATH, { allow: ["127.0.0.1", entry], retention_days: 7 });
    expect(errorsOf(refused)).toEqual({ allow: [`“${entry}” ${problem}`] });
    expect(await call(erp)).toBe(403);
    expect(await shown(erp)).toMatchObject({ allow: [], retention_days: null });
  });

  test("names every entry that is wrong, and takes one that is there twice once", async () => {
    await using erp = await openErp();
    const wrong = errorsOf(await patch(erp, PATH, { allow: ["x", "127.0.0.1", "y"], proxies: ["10.0.0.0/24"] }));
    expect(wrong).toEqual({
      allow: [expect.stringContaining("“x”"), expect.stringContaining("“y”")],
      proxies: ["“10.0.0.0/24” must be an address such as 10.0.0.2."],
    });
    const many = Array.from({ length: 201 }, (_, at) => `10.0.0.${String(at)}`);
    expect(errorsOf(await patch(erp, PATH, { allow: many }))).toEqual({ allow: ["There are at most 200 entries."] });
    expect((await patch(erp, PATH, { allow: ["10.0.0.1", "10.0.0.1"] })).body).toMatchObject({ allow: ["10.0.0.1"] });
  });
});

test("a proxy is believed as soon as it is named, and no longer than that", async () => {
  await using erp = await openErp({ allow: ["10.1.2.0/24"] });
  expect(await call(erp, FORWARDED)).toBe(403);
  await patch(erp, PATH, { proxies: ["127.0.0.1"] });
  expect(await call(erp, FORWARDED)).toBe(200);
  expect(await call(erp, { "x-forwarded-for": "10.9.9.9" })).toBe(403);
  expect(await call(erp)).toBe(403);
  await erp.restart();
  expect(await call(erp, FORWARDED)).toBe(200);
  await patch(erp, PATH, { proxies: [] });
  expect(await call(erp, FORWARDED)).toBe(403);
});

describe("the mode", () => {
  const twice = async (erp: Erp, key: string) => {
    for (let at = 0; at < 2; at += 1) expect(await call(erp, { "idempotency-key": key })).toBe(200);
    return (await listUsages(erp, { ref: key })).length;
  };

  test("changes what a repeated call does, at once, by the API and by the page", async () => {
    await using erp = await openErp(CHOSEN);
    expect(await shown(erp)).toMatchObject({ mode: "safe" });
    expect(await twice(erp, "first")).toBe(1);
    expect((await patch(erp, PATH, { mode: "legacy" })).body).toMatchObject({ mode: "legacy" });
    expect(await twice(erp, "second")).toBe(2);
    await erp.restart();
    expect(await twice(erp, "third")).toBe(2);
    const colleague = await inviteColleague(erp);
    const saved = await colleague.send("/settings", { mode: "safe", allow: "127.0.0.1" });
    expect([saved.status, saved.location]).toEqual([303, "/settings?done=saved"]);
    expect(await twice(erp, "fourth")).toBe(1);
    await patch(erp, PATH, { mode: "legacy" });
    expect((await patch(erp, PATH, { mode: null })).body).toMatchObject({ mode: "safe" });
    expect(errorsOf(await patch(erp, PATH, { mode: "fast" }))).toEqual({ mode: ["The selected mode is invalid."] });
  });

  test.for(["safe", "legacy"] as const)("is fixed where ERP_MODE says %s", async (mode) => {
    await using erp = await openErp({ mode });
    const other = mode === "safe" ? "legacy" : "safe";
    const refused = await patch(erp, PATH, { mode: other, retention_days: 7 });
    expect([refused.status, refused.body]).toMatchObject([409, { detail: "The mode is fixed by ERP_MODE." }]);
    const colleague = await inviteColleague(erp);
    const page = await colleague.get("/settings");
    expect(page.text.match(/name="mode"[^>]* disabled/g)).toHaveLength(2);
    const sent = await colleague.send("/settings", { mode: other, retention_days: "7" });
    expect([sent.status, /The mode is fixed by ERP_MODE\./.test(sent.text)]).toEqual([409, true]);
    expect(await shown(erp)).toMatchObject({ mode, retention_days: null, fixed: { mode } });
    expect((await colleague.send("/settings", { retention_days: "7" })).status).toBe(303);
    expect(await shown(erp)).toMatchObject({ mode, retention_days: 7 });
    expect(await twice(erp, "key")).toBe(mode === "safe" ? 1 : 2);
  });
});

describe("the settings page", () => {
  test("takes lists as people write them, and gives them back with what is wrong", async () => {
    await using erp = await openErp();
    const colleague = await inviteColleague(erp);
    const allow = " 10.0.0.0/24,\r\n\r\n192.0.2.7\t2001:db8::1 ";
    expect((await colleague.send("/settings", { allow, proxies: "10.0.0.2" })).status).toBe(303);
    expect(await shown(erp)).toMatchObject({
      allow: ["10.0.0.0/24", "192.0.2.7", "2001:db8::1"],
      proxies: ["10.0.0.2"],
    });
    const wrong = await colleague.send("/settings", { allow: "10.0.0.7/24\nx", retention_days: "soon" });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain("10.0.0.7/24\nx</textarea>");
    expect(wrong.text).toContain("must be 10.0.0.0/24, as 10.0.0.7/24 has host bits set.");
    expect(wrong.text).toContain("Enter a whole number of days from 1 to 3650, or nothing.");
    expect(await shown(erp)).toMatchObject({ allow: ["10.0.0.0/24", "192.0.2.7", "2001:db8::1"] });
  });
});

describe("a change of settings", () => {
  test.for([0, -1, 1.5, 3_651, 1e9])("%d days are no retention", async (retention_days) => {
    await using erp = await openErp();
    const told = { retention_days: ["Enter a whole number of days from 1 to 3650, or nothing."] };
    expect(errorsOf(await patch(erp, PATH, { retention_days }))).toEqual(told);
  });

  test("has fields of its own, and no others", async () => {
    await using erp = await openErp();
    expect(errorsOf(await patch(erp, PATH, { allowed: [], constructor: 1, fixed: {} }))).toEqual({
      allowed: ["There is no field allowed."],
      constructor: ["There is no field constructor."],
      fixed: ["There is no field fixed."],
    });
    expect(errorsOf(await patch(erp, PATH, []))).toEqual({ body: ["Send a JSON object."] });
    expect(Object.keys(errorsOf(await patch(erp, PATH, { allow: "127.0.0.1", proxies: [7] })))).toEqual([
      "allow",
      "proxies",
    ]);
    expect((await patch(erp, PATH, "{")).status).toBe(400);
  });

  test("is in the audit log with what was there before, if it is one", async () => {
    await using erp = await openErp(CHOSEN);
    const allow = ["10.0.0.1", "10.0.0.2"];
    await patch(erp, PATH, { allow, retention_days: 30 });
    await patch(erp, PATH, { allow, retention_days: 60 });
    for (const same of [{ allow }, {}, { retention_days: 60 }]) await patch(erp, PATH, same);
    // Of two at once, neither undoes the other.
    await Promise.all([patch(erp, PATH, { retention_days: null }), patch(erp, PATH, { mode: "legacy" })]);
    const entries = auditOf(erp).filter(({ resource }) => resource === "settings");
    expect(entries.slice(0, 2).map(({ changes }) => changes)).toEqual([
      { allow: [[], allow], retentionDays: [null, 30] },
      { retentionDays: [30, 60] },
    ]);
    expect(entries.slice(2)).toHaveLength(2);
    expect(entries.map(({ changes }) => changes)).toEqual(
      expect.arrayContaining([{ retentionDays: [60, null] }, { mode: [null, "legacy"] }]),
    );
    expect(entries[0]).toMatchObject({ actor: "the kit's key", action: "changed", id: null });
    expect(await shown(erp)).toMatchObject({ retention_days: null, mode: "legacy", allow });
  });
});

describe("the retention", () => {
  test("erases customers of whom nothing was heard for so long, and nothing of them is left", async () => {
    const clock = manualClock();
    await using erp = await openErp({ clock });
    const names = async () => {
      const { body } = await ask(erp, "/api/customers");
      return (body as { data: { name: string }[] }).data.map(({ name }) => name).toSorted();
    };
    await setUpCustomer(erp, { email: "quiet@guest.example", name: "Quentin Quiet" });
    await setUpCustomer(erp, { email: "loud@guest.example", name: "Laura Loud" });
    // Without one, they are kept for ever.
    clock.advance(400 * DAY_MS);
    await setUpCustomer(erp, { email: "loud@guest.example", phone: "1" });
    await patch(erp, PATH, { retention_days: 30 });
    clock.advance(3_600_000);
    await eventually(async () => expect(await names()).toEqual(["Laura Loud"]));
    clock.advance(30 * DAY_MS);
    await eventually(async () => expect(await names()).toEqual([]));

    const erased = auditOf(erp).filter(({ resource }) => resource === "customers");
    const entry = { actor: "retention", action: "erased", resource: "customers", id: null, changes: { customers: 1 } };
    expect(erased).toEqual([entry, entry]);
    for (const table of ["audit", "requests", "customers"]) {
      expect(JSON.stringify(rowsIn(erp, table))).not.toMatch(/quiet|loud|Quentin|Laura/i);
    }
  });
});
