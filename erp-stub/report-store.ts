import type { Sqlite } from "../plumbing/sqlite.ts";
import type { UsageSpan } from "./billing.ts";
import type { ChargeUnit } from "./operations-contract.ts";
import { prepareNeighbours } from "./report-neighbours-store.ts";
import { type Link, prepareUsageChain } from "./usage-chain-store.ts";

export type BilledClient = {
  id: number;
  name: string;
  timezone: string;
  charge_rate_cents: number;
  charge_unit: ChargeUnit;
};

/** A device's usages that may touch a period, in order of their check-ins. */
type DeviceUsages = { serial: string; usages: UsageSpan[] };

type UsageFacts = {
  id: number;
  serial: string;
  room: string;
  scent: string;
  source: string;
  status: string;
  checkin_at: string;
  checkout_at: string | null;
};

type Payment = { id: number; paid_on: string; amount_cents: number; note: string | null; source: string };

type Range = { client: number; from: string; to: string };
type Raw = [id: number, deviceId: number, checkinAt: string, checkoutAt: string | null, previousId: number | null];

export type ReportStore = ReturnType<typeof openReportStore>;

/** What reports are made of, read along the index by client: a month of a client is a slice of it. */
export function openReportStore(db: Sqlite) {
  const client = db.prepare("SELECT id, name, timezone, charge_rate_cents, charge_unit FROM clients WHERE id = ?");
  const facts = db.prepare(
    `SELECT u.id, devices.serial, rooms.name AS room, scents.code AS scent, u.source, u.status, u.checkin_at, u.checkout_at
     FROM device_usages u JOIN devices ON devices.id = u.device_id JOIN rooms ON rooms.id = u.room_id
     JOIN scents ON scents.id = u.scent_id WHERE u.id = +?`,
  );
  const payments = db.prepare(
    `SELECT id, paid_on, amount_cents, note, source FROM payments
     WHERE client_id = :client AND paid_on BETWEEN :firstDay AND :lastDay ORDER BY paid_on, id`,
  );
  return {
    client: (id: number) => client.get(id) as BilledClient | undefined,
    usagesTouching: prepareTouching(db),
    facts: (id: number) => facts.get(id) as UsageFacts,
    payments: (period: { client: number; firstDay: string; lastDay: string }) => payments.all(period) as Payment[],
  };
}

function prepareTouching(db: Sqlite) {
  const within = db
    .prepare(
      `SELECT id, device_id, checkin_at, checkout_at, previous_id FROM device_usages
       WHERE client_id = :client AND checkin_at >= :from AND checkin_at < :to ORDER BY checkin_at, id`,
    )
    .raw();
  const serial = db.prepare("SELECT serial FROM devices WHERE id = ?").pluck();
  const devices = prepareDevices(db);
  const intervalsOf = prepareIntervals(db);
  const around = prepareAround(db);

  return (range: Range): DeviceUsages[] => {
    const rows = Map.groupBy(within.all(range) as Raw[], ([, deviceId]) => deviceId);
    const intervals = intervalsOf.range(range);
    const found = devices(range, rows.keys()).flatMap((device): DeviceUsages[] => {
      const own = rows.get(device.id) ?? [];
      const { earlier, stops } = around(range, device, own[0]);
      if (earlier) intervals.set(earlier[0], intervalsOf.usage(earlier[0]));
      const usages = [...(earlier ? [earlier] : []), ...own].map((row) => spanOf(row, { intervals, stops }));
      return usages.length === 0 ? [] : [{ serial: serial.get(device.id) as string, usages }];
    });
    return found.sort((one, other) => (one.serial < other.serial ? -1 : 1));
  };
}

/** `ends` is when it was taken out of the client's rooms. */
type Device = { id: number; hasMoved: boolean; ends: readonly string[] };

/** The devices that stand or stood with a client, and those that are known to have been used there. */
function prepareDevices(db: Sqlite) {
  const setups = db
    .prepare(
      `SELECT device_id, ended_at FROM device_setups JOIN rooms ON rooms.id = room_id WHERE rooms.client_id = :client`,
    )
    .raw();
  const moved = db
    .prepare(
      `SELECT DISTINCT here.device_id FROM device_setups here JOIN rooms ON rooms.id = here.room_id
       JOIN device_setups there ON there.device_id = here.device_id JOIN rooms others ON others.id = there.room_id
       WHERE rooms.client_id = :client AND others.client_id <> rooms.client_id`,
    )
    .pluck();
  return ({ client }: Range, used: Iterable<number>): Device[] => {
    const stays = Map.groupBy(setups.all({ client }) as [id: number, end: string | null][], ([id]) => id);
    const movers = new Set(moved.all({ client }) as number[]);
    return [...new Set([...stays.keys(), ...used])].map((id) => {
      const ends = (stays.get(id) ?? []).flatMap(([, end]) => end ?? []);
      return { id, hasMoved: movers.has(id), ends };
    });
  };
}

/**
 * Of a device, only its latest usage before the period can go on within it, wherever the device stood then. `stops` is
 * when its usages in a client's rooms ended at the latest: it was taken out of a room, or used again in another client's,
 * or after the period. Few devices move from one client to another: only their usages of the period are looked through.
 */
function prepareAround(db: Sqlite) {
  const chain = prepareUsageChain(db);
  const neighbours = prepareNeighbours(db);

  return ({ client, from, to }: Range, { id, hasMoved, ends }: Device, first: Raw | undefined) => {
    const { before, after } = neighbours(id, to);
    const stops = after ? [...ends, after.checkinAt] : [...ends];
    let one = first && !hasMoved ? chain.at(first[4]) : before;
    for (; one && one.checkinAt >= from; one = chain.at(one.previousId)) {
      if (one.clientId !== client) stops.push(one.checkinAt);
    }
    const earlier = one && reaches(one, { client, from }) ? rawOf(one, id) : undefined;
    return { earlier, stops: stops.map(Date.parse).toSorted((early, late) => early - late) };
  };
}

function reaches({ clientId, checkoutAt }: Link, { client, from }: Omit<Range, "to">): boolean {
  return clientId === client && (checkoutAt === null || checkoutAt > from);
}

function rawOf({ id, checkinAt, checkoutAt, previousId }: Link, deviceId: number): Raw {
  return [id, deviceId, checkinAt, checkoutAt, previousId];
}

type Context = { intervals: ReadonlyMap<number, UsageSpan["intervals"]>; stops: readonly number[] };

/** A check-out that came after the device was taken away ended nothing here. */
function spanOf([id, , checkin, checkout]: Raw, { intervals, stops }: Context): UsageSpan {
  const checkinAt = Date.parse(checkin);
  const takenAt = stops.find((stop) => stop > checkinAt);
  const checkoutAt = ms(checkout);
  const isClosed = checkoutAt !== null && checkoutAt <= (takenAt ?? checkoutAt);
  return { id, checkinAt, checkoutAt: isClosed ? checkoutAt : null, intervals: intervals.get(id) ?? [], takenAt };
}

type RawInterval = [usageId: number, timeinAt: string, timeoutAt: string | null];

function prepareIntervals(db: Sqlite) {
  const inRange = db
    .prepare(
      `SELECT usage_id, i.timein_at, i.timeout_at FROM device_usages u JOIN usage_intervals i ON i.usage_id = u.id
       WHERE u.client_id = :client AND u.checkin_at >= :from AND u.checkin_at < :to ORDER BY i.id`,
    )
    .raw();
  const ofUsage = db
    .prepare("SELECT usage_id, timein_at, timeout_at FROM usage_intervals WHERE usage_id = ? ORDER BY id")
    .raw();
  return {
    range: (range: Range) =>
      new Map(
        [...Map.groupBy(inRange.all(range) as RawInterval[], ([id]) => id)].map(([id, rows]) => [
          id,
          rows.map(spanned),
        ]),
      ),
    usage: (id: number) => (ofUsage.all(id) as RawInterval[]).map(spanned),
  };
}

function spanned([, timein, timeout]: RawInterval): UsageSpan["intervals"][number] {
  return { timeinAt: Date.parse(timein), timeoutAt: ms(timeout) };
}

function ms(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
