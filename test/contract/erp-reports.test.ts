import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { add, errorsOf, patch, setClock } from "../support/erp-api.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { addHotel, type BillableLine, report, type UsageLine } from "../support/erp-hotel.ts";
import { inviteColleague } from "../support/erp-office.ts";
import { openStory } from "../support/erp-story.ts";
import { openErp } from "../support/erp-system.ts";

const MINUTE = 60_000;
const MARCH = { from: "2026-03-01", to: "2026-03-31" };
const APRIL = { from: "2026-04-01", to: "2026-04-30" };

describe("a month of two hotels", () => {
  let story: Awaited<ReturnType<typeof openStory>>;
  beforeAll(async () => {
    story = await openStory();
  });
  afterAll(() => story.close());

  /** Serial, usages, minutes, days, units, unclosed, open. */
  const billed = async (hotel: "kong" | "zurich", period: typeof MARCH) => {
    const { id } = story[hotel].client;
    const { data, units, amount_cents } = await report<BillableLine>(story.erp, "billables", {
      client_id: id,
      ...period,
    });
    const lines = data.map((line) => [
      line.serial,
      line.usages,
      line.ms / MINUTE,
      line.days,
      line.units,
      line.unclosed,
      line.open,
    ]);
    expect(data.map((line) => line.amount_cents)).toEqual(data.map((line) => line.units * 2_500));
    return { lines, units, amount_cents };
  };

  test("is billed by what each device was in use, from the first instant to the last of the month there", async () => {
    expect(await billed("kong", MARCH)).toEqual({
      lines: [
        ["POD-1", 4, 90 + 50 + 45 + 15, 3, 4, 1, 0],
        ["POD-2", 3, 60, 1, 1, 2, 0],
        ["POD-3", 2, 30 + 60, 1, 2, 2, 0],
        ["POD-4", 3, 30 + 10 + 30, 3, 2, 0, 0],
        ["POD-5", 1, 240, 1, 4, 0, 1],
        ["POD-6", 1, 120, 1, 2, 1, 0],
      ],
      units: 15,
      amount_cents: 15 * 2_500,
    });
  });

  test("goes on in the next one, in which what is open runs until now", async () => {
    expect(await billed("kong", APRIL)).toEqual({
      lines: [
        ["POD-4", 1, 15 + 10, 1, 1, 0, 0],
        ["POD-5", 1, 36 * 60, 2, 36, 0, 1],
        ["POD-6", 2, 480 + 60, 1, 9, 1, 0],
        ["POD-7", 1, 1, 1, 1, 0, 0],
      ],
      units: 47,
      amount_cents: 47 * 2_500,
    });
  });

  test("has the device's usages there in the other hotel's bill, and no others", async () => {
    const expected = { lines: [["POD-3", 1, 60, 1, 1, 0, 0]], units: 1, amount_cents: 2_500 };
    expect(await billed("zurich", MARCH)).toEqual(expected);
    expect(await billed("zurich", APRIL)).toEqual({ lines: [], units: 0, amount_cents: 0 });
  });

  test("costs days instead, where days are charged, and what they cost", async () => {
    const place = `/api/clients/${String(story.kong.client.id)}`;
    await patch(story.erp, place, { charge_unit: "daily" });
    const { lines, units, amount_cents } = await billed("kong", MARCH);
    expect([lines.map(([, , , , days]) => days), units, amount_cents]).toEqual([[3, 1, 1, 3, 1, 1], 10, 10 * 2_500]);
    await patch(story.erp, place, { charge_unit: "hourly" });
  });

  test("has each usage with its minutes and its end, the newest first, and how many there were each day", async () => {
    const id = story.kong.client.id;
    const { data, ms, days } = await report<UsageLine>(story.erp, "device-usage", { client_id: id, ...MARCH });
    expect(data.map((line) => [line.serial, line.room, line.source, line.ms / MINUTE, line.ending])).toEqual([
      ["POD-4", "Room of POD-4", "webhook", 30, "closed"],
      ["POD-6", "Room of POD-6", "webhook", 120, "unclosed"],
      ["POD-5", "Room of POD-5", "webhook", 240, "open"],
      ["POD-4", "Room of POD-4", "manual", 10, "closed"],
      ["POD-3", "Room of POD-1", "webhook", 60, "unclosed"],
      ["POD-3", "Room of POD-3", "webhook", 30, "unclosed"],
      ["POD-2", "Room of POD-2", "webhook", 20, "closed"],
      ["POD-2", "Room of POD-2", "webhook", 20, "unclosed"],
      ["POD-2", "Room of POD-2", "webhook", 20, "unclosed"],
      ["POD-1", "Room of POD-1", "webhook", 15, "closed"],
      ["POD-1", "Room of POD-1", "webhook", 45, "unclosed"],
      ["POD-1", "Room of POD-1", "webhook", 50, "closed"],
      ["POD-1", "Room of POD-1", "webhook", 90, "closed"],
      ["POD-4", "Room of POD-4", "webhook", 30, "closed"],
    ]);
    expect(ms / MINUTE).toBe(780);
    expect(days).toHaveLength(31);
    expect(days.filter((day) => "usages" in day && day.usages !== 0)).toEqual([
      { day: "2026-03-01", usages: 1, ms: 30 * MINUTE },
      { day: "2026-03-02", usages: 1, ms: 90 * MINUTE },
      { day: "2026-03-03", usages: 1, ms: 50 * MINUTE },
      { day: "2026-03-04", usages: 2, ms: 60 * MINUTE },
      { day: "2026-03-05", usages: 3, ms: 60 * MINUTE },
      { day: "2026-03-06", usages: 2, ms: 90 * MINUTE },
      { day: "2026-03-10", usages: 1, ms: 10 * MINUTE },
      { day: "2026-03-31", usages: 3, ms: 390 * MINUTE },
    ]);
  });
});

describe("where the clocks change", () => {
  test.for<[what: string, checkin: string, checkout: string, day: string, hours: number, days: number]>([
    ["a day of 23 hours", "2026-03-29T00:00:00+01:00", "2026-03-30T00:00:00+02:00", "2026-03-29", 23, 1],
    ["the night that skips an hour", "2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00", "2026-03-29", 1, 1],
    ["a day of 25 hours", "2026-10-25T00:00:00+02:00", "2026-10-26T00:00:00+01:00", "2026-10-25", 25, 1],
    ["the night that repeats one", "2026-10-25T01:30:00+02:00", "2026-10-25T03:30:00+01:00", "2026-10-25", 3, 1],
    ["both sides of a midnight", "2026-10-24T23:59:00+02:00", "2026-10-25T00:01:00+02:00", "2026-10-24", 1, 1],
  ])("%s has its hours, and is one day", async ([, checkin_at, checkout_at, day, hours, days]) => {
    const clock = manualClock();
    setClock(clock, "2026-12-01T00:00:00Z");
    await using erp = await openErp({ clock });
    const kinds = { timezone: "Europe/Zurich", charge_rate_cents: 1_000 };
    for (const [charge_unit, units] of [
      ["hourly", hours],
      ["daily", days],
    ] as const) {
      const { client, devices } = await addHotel(erp, { ...kinds, charge_unit, serials: [charge_unit] });
      await add(erp, "device-usages", { device_id: devices[0]?.id, scent_id: 1, checkin_at, checkout_at });
      const asked = { client_id: client.id, from: day, to: day };
      expect(await report<BillableLine>(erp, "billables", asked)).toMatchObject({ units, amount_cents: units * 1_000 });
    }
  });
});

describe("what a usage without a check-out ends with", () => {
  /** A device whose open usage began at ten; it is noon. */
  async function openUsage() {
    const clock = manualClock();
    setClock(clock, "2026-03-02T10:00:00Z");
    const erp = await openErp({ clock });
    const terms = { timezone: "UTC", charge_unit: "hourly", charge_rate_cents: 100 } as const;
    const hotel = await addHotel(erp, { ...terms, serials: ["POD-1"] });
    await callSwitch(erp, { serial: "POD-1", status: "checkin", scent: "wood" });
    setClock(clock, "2026-03-02T12:00:00Z");
    const first = async (period: { from: string; to: string }) => {
      const { data } = await report<UsageLine>(erp, "device-usage", { client_id: hotel.client.id, ...period });
      const line = data.at(-1);
      return line && [line.ms / MINUTE, line.ending];
    };
    return { erp, clock, hotel, first, [Symbol.asyncDispose]: erp.close };
  }
  const TODAY = { from: "2026-03-02", to: "2026-03-02" };

  test("is now, then the next check-in, whenever and from whom that comes", async () => {
    await using usage = await openUsage();
    const { erp, clock, hotel, first } = usage;
    expect(await first(TODAY)).toEqual([120, "open"]);
    setClock(clock, "2026-03-05T10:00:00Z");
    expect(await first(TODAY)).toEqual([14 * 60, "open"]);
    expect(await first({ from: "2026-03-03", to: "2026-03-04" })).toEqual([48 * 60, "open"]);
    await callSwitch(erp, { serial: "POD-1", status: "checkin", scent: "wood" });
    expect(await first(TODAY)).toEqual([14 * 60, "unclosed"]);
    expect(await first({ from: "2026-03-03", to: "2026-03-04" })).toEqual([48 * 60, "unclosed"]);
    const manual = { device_id: hotel.devices[0]?.id, scent_id: 1, checkout_at: "2026-03-02T11:30:00Z" };
    await add(erp, "device-usages", { ...manual, checkin_at: "2026-03-02T11:00:00Z" });
    expect(await first(TODAY)).toEqual([60, "unclosed"]);
    expect(await first({ from: "2026-03-03", to: "2026-03-04" })).toBeUndefined();
  });

  test("is that it was taken out, even if it was used and checked out elsewhere since", async () => {
    await using usage = await openUsage();
    const { erp, hotel, first } = usage;
    await patch(erp, `/api/device-setups/${String(hotel.setups[0]?.id)}`, { ended_at: "2026-03-02T10:45:00Z" });
    expect(await first(TODAY)).toEqual([45, "unclosed"]);
    const other = await addHotel(erp, {
      timezone: "UTC",
      charge_unit: "daily",
      charge_rate_cents: 1,
      serials: ["POD-2"],
    });
    const installed_at = "2026-03-02T11:00:00Z";
    await add(erp, "device-setups", { device_id: hotel.devices[0]?.id, room_id: other.rooms[0]?.id, installed_at });
    await callSwitch(erp, { serial: "POD-1", status: "checkout" });
    expect(await first(TODAY)).toEqual([45, "unclosed"]);
    const { data } = await report<UsageLine>(erp, "device-usage", { client_id: other.client.id, ...TODAY });
    expect(data).toEqual([]);
  });

  test("is the same for the list and the first page, wherever the device stands now", async () => {
    await using usage = await openUsage();
    const { erp, hotel, first } = usage;
    const colleague = await inviteColleague(erp);
    const told = async () => {
      const { text } = await colleague.get("/");
      const [listed, own] = await Promise.all(["/device-usages", "/device-usages/1"].map((at) => colleague.get(at)));
      const states = [listed, own].map((page) => /class="chip".*?<\/i>(\w+)</.exec(page?.text ?? "")?.[1]);
      return [/\d+ open usages?/.exec(text)?.[0], ...states, (await first(TODAY))?.[1]];
    };
    expect(await told()).toEqual(["1 open usage", "open", "open", "open"]);
    await patch(erp, `/api/device-setups/${String(hotel.setups[0]?.id)}`, { ended_at: "2026-03-02T10:45:00Z" });
    const back = { device_id: hotel.devices[0]?.id, room_id: hotel.rooms[0]?.id };
    await add(erp, "device-setups", { ...back, installed_at: "2026-03-02T11:00:00Z" });
    expect(await told()).toEqual(["0 open usages", "unclosed", "unclosed", "unclosed"]);
  });

  test("is that it was taken out, which is corrected to no time after its next check-in elsewhere", async () => {
    await using usage = await openUsage();
    const { erp, clock, hotel, first } = usage;
    const place = `/api/device-setups/${String(hotel.setups[0]?.id)}`;
    await patch(erp, place, { ended_at: "2026-03-02T11:00:00Z" });
    const other = await addHotel(erp, {
      timezone: "UTC",
      charge_unit: "daily",
      charge_rate_cents: 1,
      serials: ["POD-2"],
    });
    const there = { device_id: hotel.devices[0]?.id, room_id: other.rooms[0]?.id };
    const setup = await add(erp, "device-setups", { ...there, installed_at: "2026-03-02T11:00:00Z" });
    setClock(clock, "2026-03-02T12:30:00Z");
    await callSwitch(erp, { serial: "POD-1", status: "checkin", scent: "wood" });
    setClock(clock, "2026-03-02T14:00:00Z");
    const late = await patch(erp, `/api/device-setups/${String(setup.id)}`, { installed_at: "2026-03-02T13:00:00Z" });
    expect(Object.keys(errorsOf(late))).toEqual(["installed_at"]);
    expect(errorsOf(await patch(erp, place, { ended_at: "2026-03-02T13:00:00Z" }))).toHaveProperty("device_id");
    expect(await first(TODAY)).toEqual([60, "unclosed"]);
    await patch(erp, `/api/device-setups/${String(setup.id)}`, { installed_at: "2026-03-02T12:15:00Z" });
    expect((await patch(erp, place, { ended_at: "2026-03-02T12:15:00Z" })).status).toBe(200);
    expect(await first(TODAY)).toEqual([135, "unclosed"]);
  });
});
