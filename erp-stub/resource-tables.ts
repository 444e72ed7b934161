/** Where each resource is kept, in the words of SQL; the stores of resources are made of these. */
import { type Field, RESOURCES, type ResourceName } from "./resources.ts";

type Table = {
  table: string;
  /** What tells one row from another. */
  label: string;
  /** Columns that are shown beside those that a form writes, by their names. */
  more?: Record<string, string>;
  /** The rows of the client `:client`; a table without it belongs to everybody. */
  ofClient?: string;
  /** Columns of `more` as those see them who are bound to `:client`, where they could tell of another one. */
  moreOfClient?: Record<string, string>;
  order?: string;
};

const ROOM = "(SELECT name FROM clients WHERE id = rooms.client_id) || ' · ' || rooms.name";
const STANDS_IN = `SELECT ${ROOM} FROM device_setups JOIN rooms ON rooms.id = room_id
  WHERE device_id = devices.id AND ended_at IS NULL`;

export const TABLES: Record<ResourceName, Table> = {
  corporations: {
    table: "corporations",
    label: "corporations.name",
    ofClient: "corporations.id IN (SELECT corporation_id FROM clients WHERE id = :client)",
  },
  clients: { table: "clients", label: "clients.name", ofClient: "clients.id = :client" },
  users: { table: "users", label: "users.name", more: { has_password: "users.password_hash IS NOT NULL" } },
  "device-types": { table: "device_types", label: "device_types.name" },
  rooms: { table: "rooms", label: ROOM, ofClient: "rooms.client_id = :client" },
  devices: {
    table: "devices",
    label: "devices.serial",
    more: { room: `(${STANDS_IN})` },
    moreOfClient: { room: `(${STANDS_IN} AND rooms.client_id = :client)` },
    ofClient: `devices.id IN (SELECT device_id FROM device_setups JOIN rooms ON rooms.id = room_id
      WHERE rooms.client_id = :client)`,
  },
  "device-setups": {
    table: "device_setups",
    label: "(SELECT serial FROM devices WHERE id = device_setups.device_id)",
    more: {
      timezone: `(SELECT clients.timezone FROM rooms JOIN clients ON clients.id = rooms.client_id
        WHERE rooms.id = device_setups.room_id)`,
    },
    ofClient: "device_setups.room_id IN (SELECT id FROM rooms WHERE client_id = :client)",
    order: "device_setups.installed_at DESC, device_setups.id DESC",
  },
  scents: { table: "scents", label: "scents.name" },
  schedules: { table: "schedules", label: "schedules.start_time || ' – ' || schedules.end_time" },
  payments: {
    table: "payments",
    label: "payments.paid_on",
    more: { source: "payments.source" },
    ofClient: "payments.client_id = :client",
    order: "payments.paid_on DESC, payments.id DESC",
  },
  "api-keys": { table: "api_keys", label: "api_keys.name", more: { created_at: "api_keys.created_at" } },
};

/** Every column of a resource as it is read: the fields, for a reference its label too, and what is shown beside. */
export function columnsOf(name: ResourceName, isBound: boolean): Record<string, string> {
  const { table, more, moreOfClient } = TABLES[name];
  const columns = RESOURCES[name].fields.flatMap((field): [string, string][] => {
    const column = `${table}.${field.name}`;
    return field.kind === "reference"
      ? [
          [field.name, column],
          [labelName(field), labelOf(field, column)],
        ]
      : [[field.name, column]];
  });
  return { id: `${table}.id`, ...Object.fromEntries(columns), ...more, ...(isBound && moreOfClient) };
}

/** Under which name the label of a reference is read: that of `client_id` is `client`. */
export function labelName({ name }: Field): string {
  return name.replace(/_id$/, "");
}

function labelOf({ to }: Field & { kind: "reference" }, column: string): string {
  const { table, label } = TABLES[to];
  return `(SELECT ${label} FROM ${table} WHERE ${table}.id = ${column})`;
}

/** The columns that point to rows of a resource: a row that any of them names may not go. */
export function referencesTo(name: ResourceName): { table: string; column: string; many: string }[] {
  const { table } = TABLES[name];
  const ofResources = Object.values(RESOURCES).flatMap(({ name: other, many, fields }) =>
    fields
      .filter((field) => field.kind === "reference" && field.to === name)
      .map((field) => ({ table: TABLES[other].table, column: field.name, many: many.toLowerCase() })),
  );
  const usages = USAGES[table];
  return usages === undefined ? ofResources : [...ofResources, { ...usages, many: "device usages" }];
}

/** Whether a device was used stands with the device itself. */
const USAGES: Record<string, { table: string; column: string }> = {
  clients: { table: "device_usages", column: "client_id" },
  rooms: { table: "device_usages", column: "room_id" },
  devices: { table: "(SELECT id FROM devices WHERE latest_usage_id IS NOT NULL)", column: "id" },
  scents: { table: "device_usages", column: "scent_id" },
  schedules: { table: "device_usages", column: "schedule_id" },
};
