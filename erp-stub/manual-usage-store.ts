import { HttpError } from "../plumbing/http-reply.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditStore } from "./audit-store.ts";
import { NEXT_NUMBER } from "./call-number.ts";
import type { UsageStatus } from "./contract.ts";
import { FieldsError } from "./field-errors.ts";
import { type By, refuseOutdated } from "./resource-integrity-store.ts";
import { type ResourceStore, versionOf } from "./resource-store.ts";
import { prepareUsageChain, type UsageChain } from "./usage-chain-store.ts";
import type { UsageStore } from "./usage-store.ts";

/** What a person enters; a field that is absent in a change stays as it is. */
export type ManualUsage = {
  device_id: number;
  scent_id: number;
  schedule_id: number | null;
  checkin_at: string;
  checkout_at: string | null;
};

type Stands = { roomId: number; clientId: number };
type Stored = ManualUsage & { id: number; source: string; client_id: number; status: UsageStatus };
type Deps = { resources: ResourceStore; audit: AuditStore; usages: UsageStore };

const FIELDS = ["device_id", "scent_id", "schedule_id", "checkin_at", "checkout_at"] as const;
/** Greater than every id that there is. */
const NEW = Number.MAX_SAFE_INTEGER;
export const NOT_SET_UP = "The selected device was not set up in a room at the check-in.";
const REPORTED = "A device reported this usage: only those that people entered can be changed.";
const REPORTED_ON = "A device has reported on this usage since: it cannot be removed.";

/** A usage that was written, with its status before and after. */
type Written = { id: number; from: UsageStatus | undefined; to: UsageStatus | undefined };

/** Usages that people enter, where no device reported any; what a device reported is never changed by hand. */
export function openManualUsageStore(db: Sqlite, deps: Deps) {
  const reading = prepareReading(db, deps.usages);
  const { add, change, remove } = prepareWrites(db, { ...deps, ...reading });

  async function commit(write: () => Written): Promise<number> {
    const { id, from, to } = await db.write(write);
    deps.usages.tally.moved(from, to);
    return id;
  }

  return {
    find: reading.find,
    /** Of the usage as a program sees it. */
    version: (id: number) => versionOf(reading.shown(id)),
    add: (usage: ManualUsage, by: By) => commit(() => add(usage, by)),
    /** Resolves with its id. */
    change: (id: number, given: Partial<ManualUsage>, by: By) => commit(() => change(id, given, by)),
    remove: (id: number, by: By) => commit(() => remove(id, by)),
  };
}

function prepareReading(db: Sqlite, usages: UsageStore) {
  const select = db.prepare(
    `SELECT id, device_id, scent_id, schedule_id, checkin_at, checkout_at, source, client_id, status
     FROM device_usages WHERE id = ?`,
  );
  const find = (id: number) => select.get(id) as Stored | undefined;
  const shown = (id: number) => usages.list({ id })[0] ?? { id };

  /** What somebody may change who saw this version of it. @throws {HttpError} */
  function entered(id: number, { client, version }: By): Stored {
    const usage = find(id);
    if (!usage || (client !== null && usage.client_id !== client)) {
      throw new HttpError(404, `There is no device usage with the id ${String(id)}.`);
    }
    if (usage.source !== "manual") throw new HttpError(409, REPORTED);
    refuseOutdated("device usage", shown(id), version);
    return usage;
  }

  return { find, shown, entered };
}

type WriteDeps = Omit<Deps, "usages"> & Pick<ReturnType<typeof prepareReading>, "entered">;

function prepareWrites(db: Sqlite, { resources, audit, entered }: WriteDeps) {
  const statements = prepareStatements(db);
  const check = prepareChecks(db, resources);
  const refuseOverlap = createOverlapCheck(db, statements.chain);
  const record = (action: string, rowId: number, { by, changes }: { by: By; changes: object }) =>
    audit.record({ ...by, action, resource: "device-usages", rowId, changes });

  function add(usage: ManualUsage, by: By): Written {
    const stands = check(usage, by);
    refuseOverlap(usage, NEW);
    const to = statusOf(usage);
    const id = statements.insert({ ...usage, ...stands, status: to });
    record("added", id, { by, changes: usage });
    return { id, from: undefined, to };
  }

  function change(id: number, given: Partial<ManualUsage>, by: By): Written {
    const before = entered(id, by);
    const usage = { ...before, ...given };
    const differing = FIELDS.filter((field) => usage[field] !== before[field]);
    if (differing.length === 0) return { id, from: before.status, to: before.status };
    const stands = check(usage, by);
    refuseOverlap(usage, id);
    const to = statusOf(usage, before.status);
    statements.update(before, { ...usage, ...stands, status: to });
    const changes = Object.fromEntries(differing.map((field) => [field, [before[field], usage[field]]]));
    record("changed", id, { by, changes });
    return { id, from: before.status, to };
  }

  function remove(id: number, by: By): Written {
    const usage = entered(id, by);
    removeUnused(() => statements.remove(usage));
    record("removed", id, { by, changes: usage });
    return { id, from: usage.status, to: undefined };
  }

  return { add, change, remove };
}

/** @throws {HttpError} 409 when other rows refer to it, as those of a device's calls do */
function removeUnused(remove: () => unknown): void {
  try {
    remove();
  } catch (error) {
    const isReferredTo = (error as { code?: string }).code === "SQLITE_CONSTRAINT_FOREIGNKEY";
    throw isReferredTo ? new HttpError(409, REPORTED_ON) : error;
  }
}

type NewRow = ManualUsage & Stands & { status: UsageStatus };

function prepareStatements(db: Sqlite) {
  const insert = db.prepare(
    `INSERT INTO device_usages (id, device_id, scent_id, schedule_id, checkin_at, checkout_at, room_id, client_id, status,
       source, request)
     VALUES (${NEXT_NUMBER}, :device_id, :scent_id, :schedule_id, :checkin_at, :checkout_at, :roomId, :clientId, :status,
       'manual', '')`,
  );
  const update = db.prepare(
    `UPDATE device_usages SET device_id = :device_id, scent_id = :scent_id, schedule_id = :schedule_id,
       checkin_at = :checkin_at, checkout_at = :checkout_at, room_id = :roomId, client_id = :clientId, status = :status
     WHERE id = :id`,
  );
  const remove = db.prepare("DELETE FROM device_usages WHERE id = ?");
  const chain = prepareUsageChain(db);
  const placeOf = ({ id, device_id, checkin_at }: ManualUsage & { id: number }) => ({
    id,
    deviceId: device_id,
    checkinAt: checkin_at,
  });

  return {
    chain,
    insert(row: NewRow): number {
      const id = Number(insert.run(row).lastInsertRowid);
      chain.insert(placeOf({ ...row, id }));
      return id;
    },
    update(before: Stored, row: NewRow & { id: number }): void {
      chain.remove(placeOf(before));
      update.run(row);
      chain.insert(placeOf(row));
    },
    remove(usage: Stored): void {
      chain.remove(placeOf(usage));
      remove.run(usage.id);
    },
  };
}

/** @returns where the device stood at the check-in @throws {FieldsError} */
function prepareChecks(db: Sqlite, resources: ResourceStore) {
  const setup = db.prepare(
    `SELECT rooms.id AS roomId, rooms.client_id AS clientId FROM device_setups JOIN rooms ON rooms.id = room_id
     WHERE device_id = :device_id AND installed_at <= :checkin_at AND (ended_at IS NULL OR ended_at > :checkin_at)`,
  );
  const exists = (name: "scents" | "schedules" | "devices", id: number, client: number | null = null) =>
    resources.find(name, id, client) !== undefined;

  return (usage: ManualUsage, { at, client }: By): Stands => {
    const { device_id, scent_id, schedule_id, checkin_at, checkout_at } = usage;
    const stands = setup.get({ device_id, checkin_at }) as Stands | undefined;
    const wrong = {
      device_id: !exists("devices", device_id, client)
        ? "The selected device is invalid."
        : (!stands || (client !== null && stands.clientId !== client)) && NOT_SET_UP,
      scent_id: !exists("scents", scent_id) && "The selected scent is invalid.",
      schedule_id: schedule_id !== null && !exists("schedules", schedule_id) && "The selected schedule is invalid.",
      checkin_at: checkin_at > at && "The checkin at field must not be in the future.",
      checkout_at: checkout_at !== null && problemOfEnd({ checkin_at, checkout_at, at }),
    };
    const errors = Object.entries(wrong).flatMap(([field, problem]) =>
      problem ? [[field, [problem]] as [string, string[]]] : [],
    );
    if (errors.length > 0 || !stands) throw new FieldsError(Object.fromEntries(errors));
    return stands;
  };
}

function problemOfEnd(times: { checkin_at: string; checkout_at: string; at: string }): string | false {
  if (times.checkout_at > times.at) return "The checkout at field must not be in the future.";
  return times.checkout_at < times.checkin_at && "The checkout at field must not be before checkin at.";
}

/**
 * A usage without check-out ends at the next check-in, as it does for a device; those with one may not overlap. The latest
 * one that a device reported waits for its check-out: it is not cut by hand, unless the device was taken away before.
 */
function createOverlapCheck(db: Sqlite, chain: UsageChain) {
  const runs = db.prepare(
    `SELECT 1 FROM device_usages AS reported WHERE id = :id AND source = 'webhook' AND checkout_at IS NULL
       AND NOT EXISTS (SELECT 1 FROM device_setups WHERE device_id = reported.device_id
         AND ended_at > reported.checkin_at AND ended_at <= :checkin_at)`,
  );
  /** @throws {FieldsError} */
  return ({ device_id, checkin_at, checkout_at }: ManualUsage, id: number): void => {
    const { before, after } = chain.neighbours(device_id, checkin_at, id);
    const isUsed = "This device was in use at that time already.";
    const isWithin = before?.checkoutAt && before.checkoutAt > checkin_at;
    const isCutting = before && !after && runs.get({ id: before.id, checkin_at });
    if (isWithin || isCutting) throw new FieldsError({ checkin_at: [isUsed] });
    if (after && checkout_at && after.checkinAt < checkout_at) throw new FieldsError({ checkout_at: [isUsed] });
  };
}

/** @param before of a usage that is changed: what a device reported last, stays that */
function statusOf({ checkout_at }: ManualUsage, before: UsageStatus = "checkin"): UsageStatus {
  if (checkout_at !== null) return "checkout";
  return before === "checkout" ? "checkin" : before;
}
