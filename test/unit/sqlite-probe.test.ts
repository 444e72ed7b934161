import { readdir, readFile, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { openSqlite } from "../../plumbing/sqlite.ts";
import { durabilityIn, lookAtStore, tablesOf } from "../../plumbing/sqlite-probe.ts";
import { SCHEMA, temporaryFile } from "../support/sqlite-file.ts";

const MORE = [...SCHEMA, "CREATE TABLE others (name TEXT) STRICT"];

test("a store that was closed is read through, and nothing is put beside it", async () => {
  const file = await temporaryFile();
  await openSqlite(file, MORE).close();
  const before = await readdir(dirname(file));
  expect(lookAtStore(file)).toEqual({ version: 2, tables: tablesOf(MORE), flaw: undefined });
  expect(tablesOf(MORE)).toEqual(["facts", "others"]);
  expect(await readdir(dirname(file))).toEqual(before);
});

test("a store that is open tells the version that stands in its log only, and goes on", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, MORE);
  expect(lookAtStore(file)).toEqual({ version: 2, tables: tablesOf(MORE), flaw: undefined });
  await db.write(() => db.prepare("INSERT INTO facts VALUES ('written')").run());
  expect(db.prepare("SELECT name FROM facts").pluck().all()).toEqual(["written"]);
  await db.close();
});

test("an empty file is a store before its first version, and any other file is none", async () => {
  const file = await temporaryFile();
  await writeFile(file, "");
  expect(lookAtStore(file).version).toBe(0);
  for (const text of ["no database", "x".repeat(200), "SQLite format 3\0"]) {
    await writeFile(file, text);
    expect(() => lookAtStore(file)).toThrow("file is not a database");
  }
  expect(() => lookAtStore(`${file}.none`)).toThrow("ENOENT");
  await writeFile(file, "");
  await writeFile(`${file}-wal`, "what was written");
  expect(() => lookAtStore(file)).toThrow("it is empty, and its log is not");
});

test("a store of which a part is lost, or is something else, is none", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  await db.write(() => Array.from({ length: 200 }, (_, n) => insert.run(`${"written ".repeat(30)} ${String(n)}`)));
  await db.close();
  const whole = await readFile(file);
  await writeFile(file, whole.subarray(0, 6_000));
  expect(() => lookAtStore(file)).toThrow("database disk image is malformed");
  await writeFile(file, whole.fill(7, 3 * 4_096, 5 * 4_096));
  expect(lookAtStore(file).flaw).toMatch(/./);
});

test("what is in force after a write is what every store has", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  await db.write(() => db.prepare("INSERT INTO facts VALUES ('written')").run());
  const found = await durabilityIn(dirname(file));
  for (const [name, value] of Object.entries(found)) expect([name, db.pragma(name)]).toEqual([name, value]);
  expect(found).toEqual({ journal_mode: "wal", synchronous: 2, foreign_keys: 1, busy_timeout: 100 });
  await db.close();
});
