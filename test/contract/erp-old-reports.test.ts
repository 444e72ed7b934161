import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { manualClock } from "../support/clock.ts";
import { add, type Body, patch, type Row, setClock } from "../support/erp-api.ts";
import { callSwitch } from "../support/erp-calls.ts";
import { addHotel, type BillableLine, report, type UsageLine } from "../support/erp-hotel.ts";
import { openErp } from "../support/erp-system.ts";

const TERMS = { timezone: "UTC", charge_unit: "hourly", charge_rate_cents: 100 } as const;
const DAYS = Array.from({ length: 14 }, (_, at) => `2026-03-${String(at + 1).padStart(2, "0")}`);
const SERIALS = ["BUSY", "NIGHTS", "MOVER", "PAUSED", "ONCE", "LATE"];

/** What each device reports on the day of that number, from 1 on; what nobody checks out ends with the next check-in. */
function callsOf(day: number): [time: string, serial: string, status: string][] {
  const often = ["00:20", "05:20", "10:20", "12:20", "15:20", "19:20", "22:20"];
  const busy = (serial: string) => often.map((time): [string, string, string] => [time, serial, "checkin"]);
  return [
    ...busy("BUSY"),
    ...(day > 1 ? ([["01:10", "NIGHTS", "checkout"]] as [string, string, string][]) : []),
    ["20:00", "NIGHTS", "checkin"],
    ["21:00", "NIGHTS", "timein"],
    ["22:00", "NIGHTS", "timeout"],
    ["23:00", "NIGHTS", "timein"],
    ...busy("MOVER"),
    ...(day === 1 || day > 8 ? busy("PAUSED") : []),
    ...(day === 1 ? ([["23:30", "PAUSED", "checkout"]] as [string, string, string][]) : []),
    ...(day === 2 ? ([["08:00", "ONCE", "checkin"]] as [string, string, string][]) : []),
    ...(day === 5 ? ([["08:00", "ONCE", "checkout"]] as [string, string, string][]) : []),
    ...(day > 9 ? busy("LATE") : []),
  ];
}

/** Two hotels, from the first to the last day, and what the reports of each day say as soon as nothing of it will change. */
async function openFortnight() {
  const clock = manualClock();
  setClock(clock, "2026-02-27T00:00:00Z");
  const erp = await openErp({ seed: "empty", clock });
  const installed_at = "2026-01-01T00:00:00Z";
  const hotel = await addHotel(erp, { ...TERMS, installed_at, serials: SERIALS });
  const other = await addHotel(erp, { ...TERMS, installed_at, serials: ["OTHER"] });
  const { id: scent_id } = await add(erp, "scents", { code: "wood", name: "Wood" });
  const deviceOf = (serial: string) => hotel.devices[SERIALS.indexOf(serial)]?.id;
  const place = { hotel: hotel.rooms[SERIALS.indexOf("MOVER")]?.id, other: other.rooms[0]?.id };
  let setup = hotel.setups[SERIALS.indexOf("MOVER")] as Row;

  const change = (body: Body) => patch(erp, `/api/device-setups/${String(setup.id)}`, body);
  const move = async (where: keyof typeof place, at: string) => {
    await change({ ended_at: at });
    setup = await add(erp, "device-setups", {
      device_id: deviceOf("MOVER"),
      room_id: place[where],
      installed_at: at,
    });
  };
  const enter = (serial: string, checkin_at: string, checkout_at: string | null) =>
    add(erp, "device-usages", { device_id: deviceOf(serial), scent_id, checkin_at, checkout_at });

  const said = async () => {
    const days = [...DAYS.map((day) => [day, day]), ...DAYS.slice(3).map((day, at) => [DAYS[at], day])];
    const past = days.filter(([, to]) => Date.parse(`${String(to)}T24:00:00Z`) <= clock.now());
    const told = past.map(async ([from = "", to = ""]) => {
      const asked = [hotel, other].map(({ client }) => reportsOf(erp, { client_id: client.id, from, to }));
      return [`${from} to ${to}`, await Promise.all(asked)] as const;
    });
    return new Map(await Promise.all(told));
  };
  return { erp, clock, move, change, enter, said, [Symbol.asyncDispose]: erp.close };
}

async function reportsOf(erp: Parameters<typeof report>[0], asked: Record<string, string | number>) {
  const usages = await report<UsageLine>(erp, "device-usage", asked);
  const billables = await report<BillableLine>(erp, "billables", asked);
  return {
    usages: usages.data.map(({ id, serial, room, source, ms, ending }) => ({ id, serial, room, source, ms, ending })),
    billables: billables.data.map(({ unclosed: _unclosed, open: _open, ...line }) => line),
    amount_cents: billables.amount_cents,
  };
}

type Said = Awaited<ReturnType<Awaited<ReturnType<typeof openFortnight>>["said"]>>;

/** What was open may have ended since. */
function lasting(known: Said) {
  const anyhow = (usage: { ending: unknown }) =>
    usage.ending === "open" ? { ...usage, ending: expect.any(String) } : usage;
  const days = [...known].map(
    ([day, hotels]) => [day, hotels.map((told) => ({ ...told, usages: told.usages.map(anyhow) }))] as const,
  );
  return Object.fromEntries(days);
}

/** What else happens at the end of a day; a change of the past changes what is said of it. */
function eventsOf({ move, change, enter }: Awaited<ReturnType<typeof openFortnight>>) {
  return new Map<number, () => Promise<unknown>>([
    [3, () => move("other", "2026-03-03T23:00:00Z")],
    [5, () => enter("PAUSED", "2026-03-03T08:00:00Z", "2026-03-03T09:00:00Z")],
    [6, () => enter("LATE", "2026-03-02T08:00:00Z", null)],
    [7, () => move("hotel", "2026-03-07T23:00:00Z")],
    // Somebody corrects when it came back.
    [8, () => change({ installed_at: "2026-03-07T23:30:00Z" })],
    [9, () => enter("PAUSED", "2026-03-05T08:00:00Z", null)],
    [11, () => move("other", "2026-03-11T23:00:00Z")],
  ]);
}

test("an old period is reported as it was when it was over, whatever came since", { timeout: 60_000 }, async () => {
  await using fortnight = await openFortnight();
  const { erp, clock, said } = fortnight;
  const events = eventsOf(fortnight);
  let known: Said = new Map();
  for (const [at, day] of DAYS.entries()) {
    for (const [time, serial, status] of callsOf(at + 1).toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      setClock(clock, `${day}T${time}:00Z`);
      expect((await callSwitch(erp, { serial, status, scent: "wood" })).status).toBe(200);
    }
    setClock(clock, `${day}T23:59:00Z`);
    await events.get(at + 1)?.();
    setClock(clock, `${day}T24:00:00Z`);
    const now = await said();
    expect(now.size).toBeGreaterThan(known.size);
    if (!events.has(at + 1)) expect([day, Object.fromEntries(now)]).toMatchObject([day, lasting(known)]);
    known = now;
  }
});

const MANY = { devices: 20, few: 100, more: 2_500 };

/** An ERP in whose store so many usages of each device stand, one a minute from the first of January on. */
async function openFilled(each: number) {
  const erp = await openErp({ seed: "empty" });
  const serials = Array.from({ length: MANY.devices }, (_, at) => `POD-${String(at)}`);
  const { client } = await addHotel(erp, { ...TERMS, serials });
  await add(erp, "scents", { code: "wood", name: "Wood" });
  await erp.restart(() => {
    const db = new Database(erp.file);
    const sizes = { devices: MANY.devices, usages: MANY.devices * each };
    db.prepare(
      `INSERT INTO device_usages
         (id, device_id, previous_id, room_id, client_id, scent_id, status, source, checkin_at, request)
       SELECT value + 1, device.id, iif(value < :devices, NULL, value + 1 - :devices), rooms.id, rooms.client_id, 1, 'checkin',
         'webhook', strftime('%Y-%m-%dT%H:%M:%fZ', '2026-01-01', '+' || value || ' minutes'), ''
       FROM (WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value + 1 < :usages) SELECT value FROM n)
       JOIN devices AS device ON device.id = 1 + value % :devices
       JOIN device_setups ON device_id = device.id JOIN rooms ON rooms.id = room_id`,
    ).run(sizes);
    db.prepare(
      "UPDATE devices SET latest_usage_id = (SELECT max(u.id) FROM device_usages u WHERE device_id = devices.id)",
    ).run();
    db.close();
  });
  const fastest = async (period: { from: string; to: string }) => {
    const times: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      const startedAt = performance.now();
      await report(erp, "billables", { client_id: client.id, ...period });
      times.push(performance.now() - startedAt);
    }
    return Math.min(...times);
  };
  return { fastest, [Symbol.asyncDispose]: erp.close };
}

test("what a report of an old period costs does not grow with what came since", { timeout: 60_000 }, async () => {
  await using few = await openFilled(MANY.few);
  await using more = await openFilled(MANY.more);
  for (const day of ["2025-12-24", "2026-01-01"]) {
    const period = { from: day, to: day };
    const ms = { few: await few.fastest(period), more: await more.fastest(period) };
    expect([day, ms, ms.more < 4 * ms.few]).toEqual([day, ms, true]);
  }
});
