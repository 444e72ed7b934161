import { expect } from "vitest";
import { manualClock } from "./clock.ts";
import { add, patch, setClock } from "./erp-api.ts";
import { callSwitch } from "./erp-calls.ts";
import { addHotel } from "./erp-hotel.ts";
import { openErp } from "./erp-system.ts";

const SERIALS = ["POD-1", "POD-2", "POD-3", "POD-4", "POD-5", "POD-6", "POD-7"];

/** What devices of a hotel in Hong Kong reported, by the clock there. */
const CALLS = `
  02-28 23:30 POD-4 checkin
  03-01 00:30 POD-4 checkout
  03-02 09:00 POD-1 checkin
  03-02 10:30 POD-1 checkout
  03-03 09:00 POD-1 checkin
  03-03 09:10 POD-1 timein
  03-03 09:40 POD-1 timeout
  03-03 10:00 POD-1 timein
  03-03 10:20 POD-1 timeout
  03-03 11:00 POD-1 checkout
  03-04 09:00 POD-1 checkin
  03-04 09:45 POD-1 checkin
  03-04 10:00 POD-1 checkout
  03-05 09:00 POD-2 checkin
  03-05 09:20 POD-2 checkin
  03-05 09:40 POD-2 checkin
  03-05 10:00 POD-2 checkout
  03-06 09:00 POD-3 checkin
  03-06 09:30 POD-3 moves to another room
  03-06 12:00 POD-3 checkin
  03-06 13:00 POD-3 moves to another hotel
  03-06 15:00 POD-3 checkout
  03-06 16:00 POD-3 checkin
  03-06 17:00 POD-3 checkout
  03-31 20:00 POD-5 checkin
  03-31 22:00 POD-6 checkin
  03-31 23:00 POD-4 checkin
  03-31 23:30 POD-4 timein
  04-01 00:15 POD-4 timeout
  04-01 00:30 POD-4 timein
  04-01 00:40 POD-4 timeout
  04-01 01:00 POD-4 checkout
  04-01 08:00 POD-6 checkin
  04-01 09:00 POD-6 checkout
  04-01 10:00 POD-7 checkin
  04-01 10:01 POD-7 checkout
`;

/** By the clock in Hong Kong. */
const instant = (day: string, time: string) => `2026-${day}T${time}:00+08:00`;

/** An ERP after a month and a day of two hotels; it is noon of April 2 in Hong Kong. */
export async function openStory() {
  const clock = manualClock();
  setClock(clock, instant("02-01", "00:00"));
  const erp = await openErp({ seed: "empty", clock });
  const terms = { charge_rate_cents: 2_500, installed_at: "2026-01-01T00:00:00Z" };
  const kong = await addHotel(erp, { ...terms, timezone: "Asia/Hong_Kong", charge_unit: "hourly", serials: SERIALS });
  const zurich = await addHotel(erp, { ...terms, timezone: "Europe/Zurich", charge_unit: "daily", serials: ["POD-8"] });
  const scent = await add(erp, "scents", { code: "wood", name: "Wood" });
  const pod3 = { device_id: kong.devices[2]?.id };
  const moves: Record<string, () => Promise<unknown>> = {
    "another room": async () => {
      const installed_at = new Date(clock.now()).toISOString();
      await patch(erp, `/api/device-setups/${String(kong.setups[2]?.id)}`, { ended_at: installed_at });
      kong.setups.push(await add(erp, "device-setups", { ...pod3, room_id: kong.rooms[0]?.id, installed_at }));
    },
    "another hotel": async () => {
      const installed_at = new Date(clock.now()).toISOString();
      await patch(erp, `/api/device-setups/${String(kong.setups.at(-1)?.id)}`, { ended_at: installed_at });
      await add(erp, "device-setups", { ...pod3, room_id: zurich.rooms[0]?.id, installed_at });
    },
  };
  for (const line of CALLS.trim().split("\n")) {
    const [day = "", time = "", serial = "", status = "", , ...where] = line.trim().split(" ");
    setClock(clock, instant(day, time));
    if (status === "moves") await moves[where.join(" ")]?.();
    else expect([line, (await callSwitch(erp, { serial, status, scent: "wood" })).status]).toEqual([line, 200]);
  }
  setClock(clock, instant("04-02", "12:00"));
  const manual = { checkin_at: instant("03-10", "10:00"), checkout_at: instant("03-10", "10:10") };
  await add(erp, "device-usages", { device_id: kong.devices[3]?.id, scent_id: scent.id, ...manual });
  return { erp, clock, kong, zurich, close: erp.close, [Symbol.asyncDispose]: erp.close };
}
