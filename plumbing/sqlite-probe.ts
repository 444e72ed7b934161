/** What can be found out about SQLite and its files without owning one of them. */
import { closeSync, existsSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { openSqlite } from "./sqlite.ts";

const MAGIC = "SQLite format 3\0";
const HEADER_BYTES = 100;
const VERSION_AT = 60;

export type Durability = { journal_mode: string; synchronous: number; foreign_keys: number; busy_timeout: number };

/** @throws {Error} when the library's native part does not load */
export function sqliteVersion(): string {
  const db = new Database(":memory:");
  const version = db.prepare("SELECT sqlite_version()").pluck().get() as string;
  db.close();
  return version;
}

/**
 * The schema's version in a store that others may be writing to. A store that was closed is not opened, as even a reader
 * would leave files beside it.
 *
 * @throws {Error} when the file is no database, or cannot be read
 */
export function schemaVersion(file: string): number {
  if (!existsSync(`${file}-wal`)) return versionInHeader(file);
  const db = new Database(file, { readonly: true, fileMustExist: true });
  try {
    return Number(db.pragma("user_version", { simple: true }));
  } finally {
    db.close();
  }
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

/** As the file format has it; a file without a byte is a store in which nothing was written yet. */
function versionInHeader(file: string): number {
  const header = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(file, "r");
  try {
    if (readSync(descriptor, header) === 0) return 0;
  } finally {
    closeSync(descriptor);
  }
  if (header.toString("latin1", 0, MAGIC.length) !== MAGIC) throw new Error("file is not a database");
  return header.readUInt32BE(VERSION_AT);
}
