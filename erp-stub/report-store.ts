import type { Sqlite } from "../plumbing/sqlite.ts";
import type { UsageSpan } from "./billing.ts";
import type { ChargeUnit } from "./operations-contract.ts";
import { prepareUsageChain } from "./usage-chain-store.ts";

export type BilledClient = {
  id: number;
  name: string;
  timezone: string;
  charge_rate_cents: number;
  charge_unit: ChargeUnit;
};

/** A device's usages that may touch a period, in order of their check-ins. */
type DeviceUsages = { deviceId: number; serial: string; usages: UsageSpan[] };

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
  const reaching = prepareReaching(db);
  const intervalsOf = prepareIntervals(db);
  const stopsOf = prepareStops(db);

  return (range: Range): DeviceUsages[] => {
    const rows = Map.groupBy(within.all(range) as Raw[], ([, deviceId]) => deviceId);
    const intervals = intervalsOf.range(range);
    for (const [deviceId, earlier] of reaching(range, rows)) {
      intervals.set(earlier[0], intervalsOf.usage(earlier[0]));
      rows.set(deviceId, [earlier, ...(rows.get(deviceId) ?? [])]);
    }
    const stops = stopsOf(range);
    const devices = [...rows].map(([deviceId, usages]) => {
      const context = { intervals, stops: stops(deviceId) };
      const spans = usages.map((row) => spanOf(row, context));
      return { deviceId, serial: serial.get(deviceId) as string, usages: spans };
    });
    return devices.sort((one, other) => (one.serial < other.serial ? -1 : 1));
  };
}

/**
 * Of a device, only its latest usage before the period can go on within it, wherever the device stood then. It is found
 * along the chain: from the device's first usage in the period on, or from its latest one.
 */
function prepareReaching(db: Sqlite) {
  const chain = prepareUsageChain(db);
  const devices = db
    .prepare(
      `SELECT id, latest_usage_id FROM devices WHERE latest_usage_id IS NOT NULL AND id IN
         (SELECT device_id FROM device_setups WHERE room_id IN (SELECT id FROM rooms WHERE client_id = +?))`,
    )
    .raw();

  return function* ({ client, from }: Range, rows: ReadonlyMap<number, readonly Raw[]>): Generator<[number, Raw]> {
    for (const [deviceId, latestId] of devices.all(client) as [number, number][]) {
      const first = rows.get(deviceId)?.[0];
      let one = chain.at(first ? first[4] : latestId);
      while (one && one.checkinAt >= from) one = chain.at(one.previousId);
      const goesOn = one && (one.checkoutAt === null || one.checkoutAt > from);
      if (one && goesOn && one.clientId === client)
        yield [deviceId, [one.id, deviceId, one.checkinAt, one.checkoutAt, one.previousId]];
    }
  };
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

/**
 * When a device's usages in a client's rooms ended at the latest: it was taken out of a room, or used again in another
 * client's, or after the period.
 */
function prepareStops(db: Sqlite) {
  const ended = db
    .prepare(`SELECT device_id, ended_at FROM device_setups JOIN rooms ON rooms.id = room_id
              WHERE rooms.client_id = :client AND ended_at IS NOT NULL`)
    .raw();
  const after = db
    .prepare(`SELECT device_id, min(checkin_at) FROM device_usages
              WHERE client_id = :client AND checkin_at >= :to GROUP BY device_id`)
    .raw();
  const elsewhere = prepareElsewhere(db);
  return ({ client, from, to }: Range) => {
    const ends = [...ended.all({ client }), ...after.all({ client, to })] as [deviceId: number, at: string][];
    const known = [...ends, ...elsewhere({ client, from })];
    const byDevice = Map.groupBy(known, ([deviceId]) => deviceId);
    return (deviceId: number): number[] =>
      (byDevice.get(deviceId) ?? []).map(([, at]) => Date.parse(at)).toSorted((one, other) => one - other);
  };
}

/** Few devices move from one client to another: only their usages are looked through. */
function prepareElsewhere(db: Sqlite) {
  const chain = prepareUsageChain(db);
  const moved = db
    .prepare(
      `SELECT DISTINCT here.device_id FROM device_setups here JOIN rooms ON rooms.id = here.room_id
       JOIN device_setups there ON there.device_id = here.device_id JOIN rooms others ON others.id = there.room_id
       WHERE rooms.client_id = ? AND others.client_id <> rooms.client_id`,
    )
    .pluck();
  return function* ({ client, from }: Omit<Range, "to">): Generator<[deviceId: number, at: string]> {
    for (const deviceId of moved.all(client) as number[]) {
      for (const { clientId, checkinAt } of chain.from(deviceId)) {
        if (checkinAt < from) break;
        if (clientId !== client) yield [deviceId, checkinAt];
      }
    }
  };
}

function ms(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
