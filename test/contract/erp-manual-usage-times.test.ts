import { describe, expect, test } from "vitest";
import { add, auditOf, errorsOf, patch, post, remove } from "../support/erp-api.ts";
import { callSwitch, listUsages } from "../support/erp-calls.ts";
import { inviteColleague } from "../support/erp-office.ts";
import { at, openReported, usage } from "../support/erp-reported.ts";
import { CASES } from "../support/erp-resource-cases.ts";
import { countRows } from "../support/erp-system.ts";

const PATH = "/api/device-usages";
const IN_USE = "This device was in use at that time already.";

describe("beside what a device reported", () => {
  test.for<[checkin: string, checkout: string | null, field: "checkin_at" | "checkout_at" | undefined]>([
    // Of the first, which has both.
    ["07:00", "08:00", undefined],
    ["07:00", "08:01", "checkout_at"],
    ["07:00", "09:30", "checkout_at"],
    ["07:00", null, undefined],
    ["08:00", "08:00", "checkin_at"],
    ["08:30", null, "checkin_at"],
    ["08:59", "09:30", "checkin_at"],
    ["09:00", "10:00", undefined],
    // Of the second, which has no check-out: it ends with the next check-in, as for a device.
    ["10:00", "12:00", undefined],
    ["11:00", null, undefined],
    ["11:00", "12:01", "checkout_at"],
    // Of the third.
    ["12:59", "13:00", "checkin_at"],
    ["13:00", "23:00", undefined],
  ])("from %s to %s: %s", async ([checkin, checkout, field]) => {
    await using erp = await openReported([
      ["01", "08:00", "09:00"],
      ["01", "10:00"],
      ["01", "12:00", "13:00"],
    ]);
    const answer = await post(erp, PATH, usage(checkin, checkout));
    if (field) expect(errorsOf(answer)).toEqual({ [field]: [IN_USE] });
    else expect(answer.status).toBe(201);
    expect(countRows(erp.file, "device_usages")).toBe(field ? 3 : 4);
    await add(erp, "devices", CASES.devices.other);
    await add(erp, "device-setups", { device_id: 2, room_id: 1, installed_at: "2026-01-01T00:00:00Z" });
    expect((await post(erp, PATH, usage(checkin, checkout, { device_id: 2 }))).status).toBe(201);
  });

  test("of two for the same time one is kept", async () => {
    await using erp = await openReported();
    const both = await Promise.all(
      [usage("08:00", "09:00"), usage("08:30", "09:30")].map((one) => post(erp, PATH, one)),
    );
    expect(both.map(({ status }) => status)).toEqual([201, 422]);
  });

  test("one for yesterday takes no call from what the device does today", async () => {
    await using erp = await openReported([["02", "11:00"]]);
    for (const checkout of [null, "09:00"])
      await add(erp, "device-usages", usage(checkout === null ? "10:00" : "08:00", checkout));
    for (const status of ["timein", "timeout", "checkout"]) {
      expect((await callSwitch(erp, { serial: "POD-1", status })).status).toBe(200);
    }
    const usages = await listUsages(erp);
    expect(usages.map(({ id, status, checkoutAt }) => [id, status, checkoutAt])).toEqual([
      [3, "checkout", at("01", "09:00")],
      [2, "checkin", null],
      [1, "checkout", at("02", "12:00")],
    ]);
  });

  test("none cuts the one that a device has not ended yet", async () => {
    await using erp = await openReported([["02", "10:00"]]);
    const within = { checkin_at: at("02", "11:00"), checkout_at: at("02", "11:10") };
    const inUse = { checkin_at: [IN_USE] };
    for (const checkout_at of [within.checkout_at, null])
      expect(errorsOf(await post(erp, PATH, { ...usage("08:00", null), ...within, checkout_at }))).toEqual(inUse);
    const { id } = await add(erp, "device-usages", usage("08:00", "09:00"));
    expect(errorsOf(await patch(erp, `${PATH}/${String(id)}`, within))).toEqual(inUse);
    expect((await callSwitch(erp, { serial: "POD-1", status: "checkout" })).status).toBe(200);
    expect(await listUsages(erp)).toMatchObject([{ id }, { id: 1, checkoutAt: at("02", "12:00") }]);
  });

  test("one may begin once the device was taken out of the room, which ended what it did there", async () => {
    await using erp = await openReported([["02", "10:00"]]);
    await patch(erp, "/api/device-setups/1", { ended_at: at("02", "10:30") });
    await add(erp, "device-setups", { device_id: 1, room_id: 1, installed_at: at("02", "10:30") });
    const entered = (time: string) => usage("08:00", null, { checkin_at: at("02", time) });
    expect(errorsOf(await post(erp, PATH, entered("10:29")))).toEqual({ checkin_at: [IN_USE] });
    expect((await post(erp, PATH, entered("10:30"))).status).toBe(201);
  });

  test("one that began last is the one that a device goes on with, and then it stays", async () => {
    await using erp = await openReported([["02", "11:00", "11:10"]]);
    await add(erp, "device-usages", usage("08:00", null, { checkin_at: at("02", "11:30") }));
    expect((await callSwitch(erp, { serial: "POD-1", status: "timein" })).status).toBe(200);
    const place = `${PATH}/3`;
    const changed = await patch(erp, place, { checkin_at: at("02", "11:15") });
    expect([changed.status, changed.body]).toMatchObject([200, { status: "timein", timeinAt: at("02", "12:00") }]);
    const kept = await remove(erp, place);
    const detail = "A device has reported on this usage since: it cannot be removed.";
    expect([kept.status, kept.body]).toMatchObject([409, { detail }]);
    expect((await callSwitch(erp, { serial: "POD-1", status: "checkout" })).status).toBe(200);
    expect(await listUsages(erp)).toMatchObject([
      { id: 3, status: "checkout" },
      { id: 1, checkoutAt: at("02", "11:10") },
    ]);
  });
});

/** What a browser sends of a form that nobody touched; it leaves out seconds that are none. */
function untouched(text: string): Record<string, string> {
  const form = text.slice(text.indexOf('class="card fields"'));
  const inputs = [...form.matchAll(/<input[^>]* name="(\w+)"[^>]* value="([^"]*)"/g)];
  const selects = [...form.matchAll(/<select[^>]* name="(\w+)".*?<option value="([^"]*)" selected/gs)];
  const pairs = [...inputs, ...selects].map(([, name = "", value = ""]): [string, string] => [
    name,
    value.replace(/(T..:..):00$/, "$1"),
  ]);
  return Object.fromEntries(pairs.filter(([name]) => name !== "token"));
}

describe("a form that is saved as it was shown changes no time", () => {
  test("neither milliseconds nor the second one of an hour that comes twice", async () => {
    await using erp = await openReported();
    await patch(erp, "/api/clients/1", { timezone: "Europe/Zurich" });
    // Half past two in summer, and an hour later, half past two in winter.
    const times = { checkin_at: "2025-10-26T00:30:00.000Z", checkout_at: "2025-10-26T01:30:00.500Z" };
    const setup = { device_id: 1, room_id: 1, installed_at: times.checkout_at, ended_at: "2025-10-26T01:30:00.750Z" };
    await add(erp, "device-setups", setup);
    await add(erp, "device-setups", { ...setup, installed_at: times.checkin_at, ended_at: times.checkout_at });
    await add(erp, "device-usages", { device_id: 1, scent_id: 1, ...times });
    const colleague = await inviteColleague(erp);
    const before = auditOf(erp).length;
    for (const place of ["/device-setups/2", "/device-setups/3", "/device-usages/1"]) {
      const shown = untouched((await colleague.get(place)).text);
      expect(Object.keys(shown)).toContain("device_id");
      expect([place, (await colleague.send(place, shown)).status]).toEqual([place, 303]);
    }
    expect(auditOf(erp)).toHaveLength(before);
    const shown = untouched((await colleague.get("/device-usages/1")).text);
    expect((await colleague.send("/device-usages/1", { ...shown, checkout_at: "2025-10-26T03:00" })).status).toBe(303);
    expect(auditOf(erp).at(-1)?.changes).toEqual({ checkout_at: [times.checkout_at, "2025-10-26T02:00:00.000Z"] });
  });

  test("of a usage from where the device stood then, by the clock there", async () => {
    await using erp = await openReported();
    await add(erp, "device-usages", usage("08:00", "09:00"));
    await patch(erp, "/api/device-setups/1", { ended_at: at("01", "10:00") });
    await add(erp, "clients", CASES.clients.other);
    await add(erp, "rooms", { client_id: 2, name: "Pool" });
    await add(erp, "device-setups", { device_id: 1, room_id: 2, installed_at: at("01", "10:00") });
    const colleague = await inviteColleague(erp);
    const shown = untouched((await colleague.get("/device-usages/1")).text);
    expect(shown).toMatchObject({ checkin_at: "2026-03-01T16:00", checkout_at: "2026-03-01T17:00" });
    await colleague.send("/device-usages/1", { ...shown, checkin_at: "2026-03-01T16:15" });
    expect(await listUsages(erp)).toMatchObject([{ checkinAt: at("01", "08:15"), checkoutAt: at("01", "09:00") }]);
  });
});
