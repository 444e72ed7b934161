/** What an ERP's file holds, to be compared. */
import Database from "better-sqlite3";

type Row = Record<string, unknown>;
export type Tables = Record<string, Row[]>;

/** What is written of every call, also of one that was refused. */
const JOURNALS = ["requests"];

export function readTables(file: string): Tables {
  const db = new Database(file, { readonly: true });
  const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'").pluck();
  const kept = (names.all() as string[]).filter((name) => !JOURNALS.includes(name));
  const tables = Object.fromEntries(kept.map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all() as Row[]]));
  db.close();
  return tables;
}

/** All but what a client's own people may change: its rows, and the record of what they did. */
export function ofOthers({ audit: _audit, ...tables }: Tables, client: number): Tables {
  const ids = (table: string, isTheirs: (row: Row) => boolean) =>
    new Set(tables[table]?.filter(isTheirs).map((row) => row["id"]));
  const isOfClient = (row: Row) => row["client_id"] === client;
  const rooms = ids("rooms", isOfClient);
  const usages = ids("device_usages", isOfClient);
  const theirs: Record<string, (row: Row) => boolean> = {
    rooms: isOfClient,
    payments: isOfClient,
    device_usages: isOfClient,
    device_setups: (row) => rooms.has(row["room_id"]),
    usage_intervals: (row) => usages.has(row["usage_id"]),
  };
  return Object.fromEntries(
    Object.entries(tables).map(([name, rows]) => [name, rows.filter((row) => !theirs[name]?.(row))]),
  );
}

/** A line for each row that is not in both. */
export function differences(before: Tables, after: Tables): string[] {
  const linesOf = (tables: Tables) =>
    new Set(Object.entries(tables).flatMap(([name, rows]) => rows.map((row) => `${name} ${JSON.stringify(row)}`)));
  const [old, now] = [linesOf(before), linesOf(after)];
  return [
    ...[...old.difference(now)].map((line) => `gone: ${line}`),
    ...[...now.difference(old)].map((line) => `new: ${line}`),
  ];
}
