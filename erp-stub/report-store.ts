import type { Sqlite } from "../plumbing/sqlite.ts";
import type { UsageSpan } from "./billing.ts";
import type { ChargeUnit } from "./operations-contract.ts";

export type BilledClient = {
  id: number;
  name: string;
  timezone: string;
  charge_rate_cents: number;
  charge_unit: ChargeUnit;
};

/** A device's usages that may touch a period, in order of their check-ins. */
export type DeviceUsages = { deviceId: number; serial: string; usages: UsageSpan[] };

export type UsageFacts = {
  id: number;
  serial: string;
  room: string;
  scent: string;
  source: string;
  status: string;
  checkin_at: string;
  checkout_at: string | null;
};

export type Payment = { id: number; paid_on: string; amount_cents: number; note: string | null; source: string };

type Range = { client: number; from: string; to: string };
type Raw = [id: number, deviceId: number, checkinAt: string, checkoutAt: string | null];

export type ReportStore = ReturnType<typeof openReportStore>;

/** What reports are made of, read along the indexes by client and by device: a month of a client is a slice of them. */
export function openReportStore(db: Sqlite) {
  const client = db.prepare("SELECT id, name, timezone, charge_rate_cents, charge_unit FROM clients WHERE id = ?");
  const facts = db.prepare(
    `SELECT u.id, devices.serial, rooms.name AS room, scents.code AS scent, u.source, u.status, u.checkin_at, u.checkout_at
     FROM device_usages u JOIN devices ON devices.id = u.device_id JOIN rooms ON rooms.id = u.room_id
     JOIN scents ON scents.id = u.scent_id WHERE u.id = ?`,
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
  const columns = "u.id, u.device_id, u.checkin_at, u.checkout_at";
  const within = db
    .prepare(`SELECT ${columns} FROM device_usages u WHERE client_id = :client AND checkin_at >= :from AND checkin_at < :to
              ORDER BY checkin_at, id`)
    .raw();
  // Of a device, only its latest usage before the period can go on within it, wherever the device stood then.
  const before = db
    .prepare(`SELECT ${columns} FROM devices CROSS JOIN device_usages u ON u.id =
                (SELECT id FROM device_usages WHERE device_id = devices.id AND checkin_at < :from
                 ORDER BY checkin_at DESC, id DESC LIMIT 1)
              WHERE u.client_id = :client AND (u.checkout_at IS NULL OR u.checkout_at > :from)`)
    .raw();
  const serial = db.prepare("SELECT serial FROM devices WHERE id = ?").pluck();
  const intervalsOf = prepareIntervals(db);
  const stopsOf = prepareStops(db);

  return (range: Range): DeviceUsages[] => {
    const reaching = before.all(range) as Raw[];
    const rows = Map.groupBy([...reaching, ...(within.all(range) as Raw[])], ([, deviceId]) => deviceId);
    const intervals = intervalsOf.range(range);
    for (const [id] of reaching) intervals.set(id, intervalsOf.usage(id));
    const stops = stopsOf(range);
    const devices = [...rows].map(([deviceId, usages]) => {
      const context = { intervals, stops: stops(deviceId) };
      const spans = usages.map((row) => spanOf(row, context));
      return { deviceId, serial: serial.get(deviceId) as string, usages: spans };
    });
    return devices.sort((one, other) => (one.serial < other.serial ? -1 : 1));
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
  const elsewhere = db
    .prepare(`SELECT device_id, checkin_at FROM device_usages WHERE device_id IN
                (SELECT here.device_id FROM device_setups here JOIN rooms ON rooms.id = here.room_id
                 JOIN device_setups there ON there.device_id = here.device_id
                 JOIN rooms others ON others.id = there.room_id
                 WHERE rooms.client_id = :client AND others.client_id <> :client)
              AND checkin_at >= :from AND checkin_at < :to AND client_id <> :client`)
    .raw();
  const after = db
    .prepare("SELECT min(checkin_at) FROM device_usages WHERE device_id = :deviceId AND checkin_at >= :to")
    .pluck();
  return (range: Range) => {
    const known = [...ended.all(range), ...elsewhere.all(range)] as [deviceId: number, at: string][];
    const byDevice = Map.groupBy(known, ([deviceId]) => deviceId);
    return (deviceId: number): number[] => {
      const next = after.get({ to: range.to, deviceId }) as string | null;
      const times = [...(byDevice.get(deviceId) ?? []).map(([, at]) => at), ...(next === null ? [] : [next])];
      return times.map((at) => Date.parse(at)).toSorted((one, other) => one - other);
    };
  };
}

function ms(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
