/** What can be found out about SQLite and its files without owning one of them. */
import { closeSync, existsSync, openSync, readFileSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { openSqlite } from "./sqlite.ts";

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;
const FORMAT_AT = 18;
const VERSION_AT = 60;
const MOST_READ_BYTES = 200_000_000;

export type Durability = { journal_mode: string; synchronous: number; foreign_keys: number; busy_timeout: number };

/** @throws {Error} when the library's native part does not load */
export function sqliteVersion(): string {
  const db = new Database(":memory:");
  const version = db.prepare("SELECT sqlite_version()").pluck().get() as string;
  db.close();
  return version;
}

/** Of a store that is too large to be read through, only its version is known. */
export type StoreLook = { version: number; tables: string[] | undefined; flaw: string | undefined };

/**
 * Reads a store through, which others may be writing to.
 *
 * @throws {Error} when the file is no database, or cannot be read
 */
export function lookAtStore(file: string): StoreLook {
  const isClosed = !existsSync(`${file}-wal`);
  const { size } = statSync(file);
  const isLarge = size > MOST_READ_BYTES;
  if (size === 0 && !isClosed && statSync(`${file}-wal`).size > 0) throw new Error("it is empty, and its log is not");
  if (size === 0) return { version: 0, tables: [], flaw: undefined };
  if (isClosed && isLarge) return { version: versionInHeader(file), tables: undefined, flaw: undefined };
  const db = isClosed ? openCopy(file) : new Database(file, { readonly: true, fileMustExist: true });
  try {
    const verdict = isLarge ? "ok" : String(db.pragma("quick_check(1)", { simple: true }));
    return { version: versionIn(db), tables: tablesIn(db), flaw: verdict === "ok" ? undefined : verdict };
  } finally {
    db.close();
  }
}

/** The tables that a store has after these migrations. */
export function tablesOf(migrations: readonly string[]): string[] {
  const db = new Database(":memory:");
  try {
    for (const sql of migrations) db.exec(sql);
    return tablesIn(db);
  } finally {
    db.close();
  }
}

/** In memory, as even a reader would leave files beside a store that was closed. */
function openCopy(file: string): Database.Database {
  versionInHeader(file);
  const bytes = readFileSync(file);
  // There is no write-ahead log in memory: 1 is the format without one.
  bytes.fill(1, FORMAT_AT, FORMAT_AT + 2);
  return new Database(bytes);
}

function versionIn(db: Database.Database): number {
  return Number(db.pragma("user_version", { simple: true }));
}

function tablesIn(db: Database.Database): string[] {
  return db.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").pluck().all() as string[];
}

/** What is in force in a store of this folder once something was written; the folder keeps the files. */
export async function durabilityIn(folder: string): Promise<Durability> {
  const db = openSqlite(join(folder, "probe.sqlite"), ["CREATE TABLE facts (name TEXT PRIMARY KEY) STRICT"]);
  try {
    const insert = db.prepare("INSERT INTO facts VALUES ('written')");
    await db.write(() => insert.run());
    const names = ["journal_mode", "synchronous", "foreign_keys", "busy_timeout"] as const;
    return Object.fromEntries(names.map((name) => [name, db.pragma(name)])) as Durability;
  } finally {
    await db.close();
  }
}

/** As the file format has it. */
function versionInHeader(file: string): number {
  const header = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, "r");
  try {
    if (readSync(descriptor, header) < HEADER_BYTES) throw new Error("file is not a database");
  } finally {
    closeSync(descriptor);
  }
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new Error("file is not a database");
  return header.readUInt32BE(VERSION_AT);
}
