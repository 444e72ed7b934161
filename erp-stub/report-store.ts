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
  const columns = "id, device_id, checkin_at, checkout_at";
  const within = db
    .prepare(`SELECT ${columns} FROM device_usages WHERE client_id = :client AND checkin_at >= :from AND checkin_at < :to
              ORDER BY checkin_at, id`)
    .raw();
  const before = db
    .prepare(`SELECT ${columns} FROM device_usages WHERE device_id = :deviceId AND client_id = :client AND checkin_at < :from
              ORDER BY checkin_at DESC, id DESC LIMIT 1`)
    .raw();
  const after = db
    .prepare("SELECT min(checkin_at) FROM device_usages WHERE device_id = :deviceId AND checkin_at >= :to")
    .pluck();
  const devices = db.prepare(
    `SELECT DISTINCT devices.id, devices.serial FROM device_setups JOIN rooms ON rooms.id = device_setups.room_id
     JOIN devices ON devices.id = device_setups.device_id WHERE rooms.client_id = :client ORDER BY devices.serial`,
  );
  const intervalsOf = prepareIntervals(db);
  const removals = prepareRemovals(db);

  return (range: Range): DeviceUsages[] => {
    const byDevice = Map.groupBy(within.all(range) as Raw[], ([, deviceId]) => deviceId);
    const intervals = intervalsOf.range(range);
    const ends = removals(range.client);
    return (devices.all({ client: range.client }) as { id: number; serial: string }[]).map(({ id, serial }) => {
      const earlier = before.get({ ...range, deviceId: id }) as Raw | undefined;
      if (earlier) intervals.set(earlier[0], intervalsOf.usage(earlier[0]));
      const rows = [...(earlier ? [earlier] : []), ...(byDevice.get(id) ?? [])];
      const next = rows.length > 0 ? ms(after.get({ to: range.to, deviceId: id }) as string | null) : null;
      const stops = [...(ends.get(id) ?? []), ...(next === null ? [] : [next])].toSorted((a, b) => a - b);
      return { deviceId: id, serial, usages: rows.map((row) => spanOf(row, { intervals, stops })) };
    });
  };
}

type Context = { intervals: ReadonlyMap<number, UsageSpan["intervals"]>; stops: readonly number[] };

function spanOf([id, , checkin, checkout]: Raw, { intervals, stops }: Context): UsageSpan {
  const checkinAt = Date.parse(checkin);
  const takenAt = checkout === null ? stops.find((stop) => stop > checkinAt) : undefined;
  return { id, checkinAt, checkoutAt: ms(checkout), intervals: intervals.get(id) ?? [], takenAt };
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

/** When the devices of a client were taken out of its rooms. */
function prepareRemovals(db: Sqlite) {
  const ended = db.prepare(
    `SELECT device_id AS deviceId, ended_at AS endedAt FROM device_setups JOIN rooms ON rooms.id = room_id
     WHERE rooms.client_id = ? AND ended_at IS NOT NULL`,
  );
  return (client: number) => {
    const rows = ended.all(client) as { deviceId: number; endedAt: string }[];
    return new Map(
      [...Map.groupBy(rows, ({ deviceId }) => deviceId)].map(([id, ends]) => [
        id,
        ends.map(({ endedAt }) => Date.parse(endedAt)),
      ]),
    );
  };
}

function ms(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
