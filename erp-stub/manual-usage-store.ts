import { HttpError } from "../plumbing/http-reply.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditStore } from "./audit-store.ts";
import { FieldsError } from "./field-errors.ts";
import type { By } from "./resource-integrity-store.ts";
import type { ResourceStore } from "./resource-store.ts";

/** What a person enters; a field that is absent in a change stays as it is. */
export type ManualUsage = {
  device_id: number;
  scent_id: number;
  schedule_id: number | null;
  checkin_at: string;
  checkout_at: string | null;
};

type Stands = { roomId: number; clientId: number };
type Stored = ManualUsage & { id: number; source: string; client_id: number };

export type ManualUsageStore = ReturnType<typeof openManualUsageStore>;

/** Usages that people enter, where no device reported any; what a device reported is never changed by hand. */
export function openManualUsageStore(db: Sqlite, deps: { resources: ResourceStore; audit: AuditStore }) {
  const { audit } = deps;
  const { select, insert, update, remove } = prepareStatements(db);
  const check = prepareChecks(db, deps.resources);

  function entered(id: number, { client }: By): Stored {
    const usage = select.get(id) as Stored | undefined;
    if (!usage || (client !== null && usage.client_id !== client)) {
      throw new HttpError(404, `There is no device usage with the id ${String(id)}.`);
    }
    if (usage.source === "manual") return usage;
    throw new HttpError(409, "A device reported this usage: only those that people entered can be changed.");
  }

  const record = (action: string, rowId: number, { by, changes }: { by: By; changes: object }) =>
    audit.record({ ...by, action, resource: "device-usages", rowId, changes });

  return {
    find: (id: number) => select.get(id) as Stored | undefined,

    add: (usage: ManualUsage, by: By): Promise<number> =>
      db.write(() => {
        const id = Number(insert.run({ ...usage, ...check(usage, by), status: statusOf(usage) }).lastInsertRowid);
        record("added", id, { by, changes: usage });
        return id;
      }),

    change: (id: number, given: Partial<ManualUsage>, by: By): Promise<number> =>
      db.write(() => {
        const { source: _source, client_id: _client, ...before } = entered(id, by);
        const usage = { ...before, ...given };
        update.run({ ...usage, ...check(usage, by), status: statusOf(usage) });
        record("changed", id, { by, changes: given });
        return id;
      }),

    remove: (id: number, by: By): Promise<void> =>
      db.write(() => {
        const usage = entered(id, by);
        remove.run(id);
        record("removed", id, { by, changes: usage });
      }),
  };
}

function prepareStatements(db: Sqlite) {
  const select = db.prepare(
    `SELECT id, device_id, scent_id, schedule_id, checkin_at, checkout_at, source, client_id
     FROM device_usages WHERE id = ?`,
  );
  const insert = db.prepare(
    `INSERT INTO device_usages (device_id, scent_id, schedule_id, checkin_at, checkout_at, room_id, client_id, status,
       source, request)
     VALUES (:device_id, :scent_id, :schedule_id, :checkin_at, :checkout_at, :roomId, :clientId, :status, 'manual', '')`,
  );
  const update = db.prepare(
    `UPDATE device_usages SET device_id = :device_id, scent_id = :scent_id, schedule_id = :schedule_id,
       checkin_at = :checkin_at, checkout_at = :checkout_at, room_id = :roomId, client_id = :clientId, status = :status
     WHERE id = :id`,
  );
  const remove = db.prepare("DELETE FROM device_usages WHERE id = ?");
  return { select, insert, update, remove };
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
        : (!stands || (client !== null && stands.clientId !== client)) &&
          "The selected device was not set up in a room at the check-in.",
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

function statusOf({ checkout_at }: ManualUsage): "checkin" | "checkout" {
  return checkout_at === null ? "checkin" : "checkout";
}
