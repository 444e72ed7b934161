import Database from "better-sqlite3";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openUsed } from "../support/erp-api.ts";

type Erp = Awaited<ReturnType<typeof openUsed>>;

describe("the schema itself refuses, whoever writes the file,", () => {
  let erp: Erp;
  let db: Database.Database;
  beforeAll(async () => {
    erp = await openUsed();
    db = new Database(erp.file);
  });
  afterAll(async () => {
    db.close();
    await erp.close();
  });

  /** Runs it and takes it back. */
  const attempt = (sql: string) => {
    db.exec("BEGIN");
    try {
      db.exec(sql);
    } finally {
      db.exec("ROLLBACK");
    }
  };
  const insert = (table: string, columns: string, values: string) =>
    `INSERT INTO ${table} (${columns}) VALUES (${values})`;

  const CLIENT = "corporation_id, name, client_type, timezone, charge_rate_cents, charge_unit";
  const USAGE = "device_id, room_id, client_id, scent_id, schedule_id, status, source, checkin_at, request";
  test.for<[what: string, table: string, columns: string, good: string, bad: string]>([
    [
      "a client of no corporation",
      "clients",
      CLIENT,
      "1, 'X', 'spa', 'UTC', 0, 'daily'",
      "9, 'X', 'spa', 'UTC', 0, 'daily'",
    ],
    [
      "a client's name twice",
      "clients",
      CLIENT,
      "1, 'X', 'spa', 'UTC', 0, 'daily'",
      "1, 'Harbour View', 'spa', 'UTC', 0, 'daily'",
    ],
    [
      "a client of no type",
      "clients",
      CLIENT,
      "1, 'X', 'hotel', 'UTC', 0, 'daily'",
      "1, 'X', 'motel', 'UTC', 0, 'daily'",
    ],
    ["a negative rate", "clients", CLIENT, "1, 'X', 'spa', 'UTC', 0, 'daily'", "1, 'X', 'spa', 'UTC', -1, 'daily'"],
    [
      "a rate that is no integer",
      "clients",
      CLIENT,
      "1, 'X', 'spa', 'UTC', 1, 'daily'",
      "1, 'X', 'spa', 'UTC', 1.5, 'daily'",
    ],
    ["a weekly charge", "clients", CLIENT, "1, 'X', 'spa', 'UTC', 1, 'hourly'", "1, 'X', 'spa', 'UTC', 1, 'weekly'"],
    ["a corporation's name twice", "corporations", "name", "'X'", "'Sea Hotels'"],
    ["a corporation without a name", "corporations", "name", "'X'", "NULL"],
    ["a room of no client", "rooms", "client_id, name", "1, '102'", "9, '102'"],
    ["a room's name twice", "rooms", "client_id, name", "1, '102'", "1, '101'"],
    ["a code of a device type twice", "device_types", "code, name", "'app3x', 'X'", "'app2x', 'X'"],
    ["a device of no type", "devices", "device_type_id, serial", "1, 'POD-2'", "9, 'POD-2'"],
    ["a serial twice", "devices", "device_type_id, serial", "1, 'POD-2'", "1, 'POD-1'"],
    [
      "a setup of no device",
      "device_setups",
      "device_id, room_id, installed_at, ended_at",
      "1, 1, '2025-01', '2025-02'",
      "9, 1, '2025-01', '2025-02'",
    ],
    [
      "a setup in no room",
      "device_setups",
      "device_id, room_id, installed_at, ended_at",
      "1, 1, '2025-01', '2025-02'",
      "1, 9, '2025-01', '2025-02'",
    ],
    [
      "a removal before the installation",
      "device_setups",
      "device_id, room_id, installed_at, ended_at",
      "1, 1, '2025-01', '2025-01'",
      "1, 1, '2025-02', '2025-01'",
    ],
    [
      "two open setups",
      "device_setups",
      "device_id, room_id, installed_at, ended_at",
      "1, 1, '2025-01', '2025-02'",
      "1, 1, '2026-02', NULL",
    ],
    [
      "a setup that goes on into another",
      "device_setups",
      "device_id, room_id, installed_at, ended_at",
      "1, 1, '2025-01', '2026-01-01T00:00:00.000Z'",
      "1, 1, '2025-01', '2026-01-01T00:00:00.001Z'",
    ],
    ["a scent's code twice, in any case", "scents", "code, name", "'fire', 'Wood'", "'WooD', 'X'"],
    ["a schedule twice", "schedules", "start_time, end_time", "'08:00:00', '13:00:00'", "'08:00:00', '12:00:00'"],
    [
      "a usage of no device",
      "device_usages",
      USAGE,
      "1, 1, 1, 1, 1, 'checkin', 'manual', '2026', ''",
      "9, 1, 1, 1, 1, 'checkin', 'manual', '2026', ''",
    ],
    [
      "a usage in no room",
      "device_usages",
      USAGE,
      "1, 1, 1, 1, 1, 'checkin', 'manual', '2026', ''",
      "1, 9, 1, 1, 1, 'checkin', 'manual', '2026', ''",
    ],
    [
      "a usage of no client",
      "device_usages",
      USAGE,
      "1, 1, 1, 1, 1, 'checkin', 'manual', '2026', ''",
      "1, 1, 9, 1, 1, 'checkin', 'manual', '2026', ''",
    ],
    [
      "a usage of no scent",
      "device_usages",
      USAGE,
      "1, 1, 1, 1, 1, 'checkin', 'manual', '2026', ''",
      "1, 1, 1, 9, 1, 'checkin', 'manual', '2026', ''",
    ],
    [
      "a usage of no schedule",
      "device_usages",
      USAGE,
      "1, 1, 1, 1, NULL, 'checkin', 'manual', '2026', ''",
      "1, 1, 1, 1, 9, 'checkin', 'manual', '2026', ''",
    ],
    [
      "a usage of no status",
      "device_usages",
      USAGE,
      "1, 1, 1, 1, 1, 'timeout', 'webhook', '2026', ''",
      "1, 1, 1, 1, 1, 'off', 'webhook', '2026', ''",
    ],
    [
      "a usage of no source",
      "device_usages",
      USAGE,
      "1, 1, 1, 1, 1, 'checkout', 'webhook', '2026', ''",
      "1, 1, 1, 1, 1, 'checkout', 'import', '2026', ''",
    ],
    ["an interval of no usage", "usage_intervals", "usage_id, timein_at", "1, '2026'", "9, '2026'"],
    [
      "a payment of no client",
      "payments",
      "client_id, paid_on, amount_cents",
      "1, '2026-01-01', 1",
      "9, '2026-01-01', 1",
    ],
    [
      "a payment of nothing",
      "payments",
      "client_id, paid_on, amount_cents",
      "1, '2026-01-01', 1",
      "1, '2026-01-01', 0",
    ],
    [
      "a payment of less than nothing",
      "payments",
      "client_id, paid_on, amount_cents",
      "1, '2026-01-01', 1",
      "1, '2026-01-01', -1",
    ],
    [
      "an e-mail of a user twice, in any case",
      "users",
      "name, email, role",
      "'X', 'x@hotel.example', 'admin'",
      "'X', 'ZOE@hotel.example', 'admin'",
    ],
    [
      "a role that there is not",
      "users",
      "name, email, role",
      "'X', 'x@hotel.example', 'viewer'",
      "'X', 'x@hotel.example', 'owner'",
    ],
    [
      "a user of no client",
      "users",
      "name, email, role, client_id",
      "'X', 'x@hotel.example', 'admin', NULL",
      "'X', 'x@hotel.example', 'admin', 9",
    ],
    [
      "a key of no client",
      "api_keys",
      "name, role, client_id, key_hash, created_at",
      "'X', 'admin', 1, 'x', ''",
      "'X', 'admin', 9, 'x', ''",
    ],
    [
      "a key's name twice",
      "api_keys",
      "name, role, key_hash, created_at",
      "'X', 'admin', 'x', ''",
      "'Night audit', 'admin', 'x', ''",
    ],
    ["a session of no user", "sessions", "token_hash, user_id, until", "'x', 1, ''", "'x', 9, ''"],
    [
      "an e-mail of a customer twice",
      "customers",
      "email, created_at, updated_at",
      "'x@y.example', '', ''",
      "'x@y.example', '', ''), ('x@y.example', '', ''",
    ],
    [
      "a gender that there is not",
      "customers",
      "email, gender, created_at, updated_at",
      "'x@y.example', 'm', '', ''",
      "'x@y.example', 'x', '', ''",
    ],
  ])("%s", ([, table, columns, good, bad]) => {
    expect(() => attempt(insert(table, columns, good))).not.toThrow();
    expect(() => attempt(insert(table, columns, bad))).toThrow(
      /constraint failed|cannot store|overlap|end before they begin/,
    );
  });

  test.for([
    "UPDATE device_setups SET ended_at = '2025-12-31'",
    "UPDATE rooms SET client_id = 9",
    "UPDATE payments SET amount_cents = 0",
    `INSERT INTO device_setups (device_id, room_id, installed_at, ended_at) VALUES (1, 1, '2025-01', '2025-02');
     UPDATE device_setups SET ended_at = '2026-02' WHERE id = 2`,
    ...["corporations", "clients", "rooms", "device_types", "devices", "scents", "schedules"].map(
      (table) => `DELETE FROM ${table} WHERE id = 1`,
    ),
    "DELETE FROM device_usages WHERE id = 1",
    "DELETE FROM usage_intervals; DELETE FROM device_usages WHERE id = 1",
  ])("%s", (sql) => {
    expect(() => attempt(sql)).toThrow(/constraint failed|overlap|end before they begin/);
  });
});
