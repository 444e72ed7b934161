import { expect, test } from "vitest";
import { add, patch } from "../support/erp-api.ts";
import { listUsages } from "../support/erp-calls.ts";
import { inviteColleague, type Seen } from "../support/erp-office.ts";
import { at, openReported, usage } from "../support/erp-reported.ts";
import { CASES } from "../support/erp-resource-cases.ts";

const FORM = "/device-usages/new";
const NOWHERE = "The selected device was not set up in a room at the check-in.";

/** A device that stood in Hong Kong until ten on March 1, UTC, and in Zurich until eight on March 2. */
async function openMoved() {
  const erp = await openReported();
  await patch(erp, "/api/device-setups/1", { ended_at: at("01", "10:00") });
  await add(erp, "clients", { ...CASES.clients.other, timezone: "Europe/Zurich" });
  await add(erp, "rooms", { client_id: 2, name: "Pool" });
  const stay = { installed_at: at("01", "10:00"), ended_at: at("02", "08:00") };
  await add(erp, "device-setups", { device_id: 1, room_id: 2, ...stay });
  return erp;
}

/** As a form has it, by the clock of some room. */
const typed = (checkin_at: string, checkout_at = "") => ({ device_id: "1", scent_id: "1", checkin_at, checkout_at });
/** What is said at the device. */
const problemOf = ({ text }: Seen) => /id="device_id-error">([^<]*)</.exec(text)?.[1];

test.for<[who: string, client_id: number | null, checkin: string, stored: string | undefined]>([
  ["all", null, "2026-03-01T10:00", at("01", "02:00")],
  ["all", null, "2026-03-01T10:59:59", "2026-03-01T02:59:59.000Z"],
  ["all", null, "2026-03-02T08:59", at("02", "07:59")],
  // The clocks of both rooms showed it.
  ["all", null, "2026-03-01T15:00", at("01", "14:00")],
  ["Hong Kong", 1, "2026-03-01T15:00", at("01", "07:00")],
  ["Hong Kong", 1, "2026-03-01T18:00", undefined],
  ["Zurich", 2, "2026-03-01T11:00", at("01", "10:00")],
  ["Zurich", 2, "2026-03-01T10:59", undefined],
  ["all", null, "2025-12-31T12:00", undefined],
  ["all", null, "2026-03-02T09:00", undefined],
  // Now.
  ["all", null, "", undefined],
])("who sees %s (%s) and types %j means %s", async ([, client_id, checkin, stored]) => {
  await using erp = await openMoved();
  const colleague = await inviteColleague(erp, { role: "manager", client_id });
  const sent = await colleague.send(FORM, typed(checkin));
  expect([sent.status, problemOf(sent)]).toEqual(stored === undefined ? [422, NOWHERE] : [303, undefined]);
  expect((await listUsages(erp)).map(({ checkinAt }) => checkinAt)).toEqual(stored === undefined ? [] : [stored]);
});

test("a check-in that is left empty is now, where the device stands", async () => {
  await using erp = await openReported();
  const colleague = await inviteColleague(erp, { role: "manager", client_id: 1 });
  expect((await colleague.send(FORM, typed(""))).status).toBe(303);
  expect(await listUsages(erp)).toMatchObject([{ checkinAt: at("02", "12:00"), room: "101" }]);
});

test("a correction is read by the clock that the form was filled by, or of where it moves the usage to", async () => {
  await using erp = await openMoved();
  await add(erp, "device-usages", usage("04:00", "05:00"));
  const colleague = await inviteColleague(erp);
  const place = "/device-usages/1";
  expect((await colleague.get(place)).text).toContain('value="2026-03-01T12:00:00"');
  expect((await colleague.send(place, typed("2026-03-01T15:00", "2026-03-01T15:30"))).status).toBe(303);
  const inHongKong = { room: "101", checkinAt: at("01", "07:00"), checkoutAt: at("01", "07:30") };
  expect(await listUsages(erp)).toMatchObject([inHongKong]);
  expect((await colleague.send(place, typed("2026-03-01T23:00", "2026-03-01T23:30"))).status).toBe(303);
  const inZurich = { room: "Pool", checkinAt: at("01", "22:00"), checkoutAt: at("01", "22:30") };
  expect(await listUsages(erp)).toMatchObject([inZurich]);
});
