import { HttpError } from "../plumbing/http-reply.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import { FieldsError } from "./field-errors.ts";
import { type ResourceStore, type Row, type Value, versionOf } from "./resource-store.ts";
import { labelName, referencesTo } from "./resource-tables.ts";
import { type Field, RESOURCES, type ResourceName } from "./resources.ts";

export type Body = Record<string, Value | undefined>;

/** Who writes, when, and within which client's rows; `version` is of the row that they saw. */
export type By = { actor: string; at: string; client: number | null; version?: string | undefined };

/** @param version of the row that somebody saw, if they say so @throws {HttpError} 412 when it is no longer that */
export function refuseOutdated(one: string, row: object, version: string | undefined): void {
  if (version === undefined || version === versionOf(row)) return;
  throw new HttpError(412, `This ${one} was changed meanwhile: look at it again.`);
}

/** What has to hold before a row is written or removed, beside what the schema itself refuses. */
export function prepareIntegrity(db: Sqlite, resources: ResourceStore) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepared: Prepared = (sql) => statements.getOrInsertComputed(sql, db.prepare);

  /** The row as somebody sees it who may write it. @throws {HttpError} 404, or 412 when it is no longer what they saw */
  function found(name: ResourceName, id: number, { client, version }: By): Row {
    const row = resources.find(name, id, client);
    if (!row) throw new HttpError(404, `There is no ${RESOURCES[name].one} with the id ${String(id)}.`);
    refuseOutdated(RESOURCES[name].one, row, version);
    return row;
  }

  function checkFields(name: ResourceName, body: Body, { at, client }: By): void {
    const wrong = RESOURCES[name].fields.filter((field) => {
      const value = body[field.name];
      if (value === undefined || value === null) return false;
      if (field.kind === "reference") return !resources.find(field.to, Number(value), client);
      return field.kind === "moment" && value > at;
    });
    if (wrong.length > 0)
      throw new FieldsError(Object.fromEntries(wrong.map((field) => [field.name, [problemOf(field)]])));
  }

  return { found, checkFields, ...prepareRefusals(prepared) };
}

type Prepared = (sql: string) => ReturnType<Sqlite["prepare"]>;

/** What may not be done to a row because of others. */
function prepareRefusals(prepared: Prepared) {
  /** @throws {HttpError} 409 */
  function refuseRemoval(name: ResourceName, row: Row): void {
    const { one } = RESOURCES[name];
    if (name === "device-setups" && prepared(USED).get(row)) {
      throw new HttpError(409, `This ${one} cannot be removed: device usages were made in it.`);
    }
    const users = referencesTo(name).filter(({ table, column }) =>
      prepared(`SELECT 1 FROM ${table} WHERE ${column} = ? LIMIT 1`).get(row.id),
    );
    if (users.length === 0) return;
    const names = [...new Set(users.map(({ many }) => many))].join(", ");
    throw new HttpError(409, `This ${one} cannot be removed: ${names} refer to it.`);
  }

  /** What was used at one place cannot have been elsewhere. @throws {FieldsError} */
  function refuseMove(name: ResourceName, row: Row, columns: readonly string[]): void {
    const { columns: fixed = [], used = "", why = "" } = PLACES[name] ?? {};
    const moved = columns.filter((column) => fixed.includes(column));
    if (moved.length === 0 || !prepared(used).get(row)) return;
    throw new FieldsError(Object.fromEntries(moved.map((column) => [column, [why]])));
  }

  /** What was used within a device setup stays within it, or nothing would end it. @throws {FieldsError} */
  function refuseNarrowing(name: ResourceName, row: Row, { installed_at, ended_at }: Body): void {
    if (name !== "device-setups") return;
    if (installed_at && prepared(USED_BEFORE).get({ ...row, bound: installed_at }))
      throw new FieldsError({ installed_at: ["Device usages were made in this device setup before that time."] });
    if (ended_at && prepared(USED_FROM).get({ ...row, bound: ended_at }))
      throw new FieldsError({ ended_at: ["Device usages were made in this device setup at that time or after it."] });
  }

  /** Who cannot sign in yet does not make up for one who can. @param before the row of the user as it was */
  function keepAnAdmin(name: ResourceName, before: Row): void {
    const wasOne = name === "users" && before["role"] === "admin" && before["client_id"] === null;
    if (!wasOne || prepared(ADMINS).get(before)) return;
    throw new HttpError(409, "This is the last admin who sees all clients: make another one first.");
  }

  return { refuseRemoval, refuseMove, refuseNarrowing, keepAnAdmin };
}

const ADMINS = `SELECT 1 FROM users WHERE role = 'admin' AND client_id IS NULL
  AND (password_hash IS NOT NULL) >= :has_password LIMIT 1`;
const IN_SETUP = `SELECT 1 FROM device_usages WHERE client_id = (SELECT client_id FROM rooms WHERE id = :room_id)
  AND device_id = :device_id AND room_id = :room_id AND checkin_at >= :installed_at AND (:ended_at IS NULL OR checkin_at < :ended_at)`;
const USED = `${IN_SETUP} LIMIT 1`;
const USED_BEFORE = `${IN_SETUP} AND checkin_at < :bound LIMIT 1`;
const USED_FROM = `${IN_SETUP} AND checkin_at >= :bound LIMIT 1`;

type Place = { columns: readonly string[]; used: string; why: string };

/** What says where a device was: it stays once something was done there. */
const PLACES: Partial<Record<ResourceName, Place>> = {
  "device-setups": {
    columns: ["device_id", "room_id"],
    used: USED,
    why: "Device usages were made in this device setup: end it, and add another one.",
  },
  rooms: {
    columns: ["client_id"],
    used: "SELECT 1 FROM device_setups WHERE room_id = :id LIMIT 1",
    why: "Devices were set up in this room: add another room.",
  },
};

function problemOf(field: Field): string {
  const name = labelName(field).replaceAll("_", " ");
  return field.kind === "reference"
    ? `The selected ${name} is invalid.`
    : `The ${name} field must not be in the future.`;
}

/** What the schema refused, at the field that people can mend. */
export function refusalOf(name: ResourceName, error: { code?: string; message?: string }): unknown {
  const { code = "", message = "" } = error;
  if (code === "SQLITE_CONSTRAINT_UNIQUE") {
    const columns = [...message.matchAll(/\.(\w+)/g)].map(([, column = ""]) => column);
    const column = columns.at(-1) ?? "body";
    if (name === "device-setups") return new FieldsError({ device_id: [STANDS_ELSEWHERE] });
    return new FieldsError({ [column]: [`The ${column.replaceAll("_", " ")} has already been taken.`] });
  }
  if (message.includes("overlap")) return new FieldsError({ device_id: [STANDS_ELSEWHERE] });
  if (message.includes("end before they begin")) {
    return new FieldsError({ ended_at: ["The ended at field must not be before installed at."] });
  }
  return error;
}

const STANDS_ELSEWHERE = "This device is set up elsewhere in that time: end that device setup first.";
