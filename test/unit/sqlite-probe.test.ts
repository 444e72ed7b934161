import { readdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { openSqlite } from "../../plumbing/sqlite.ts";
import { durabilityIn, schemaVersion } from "../../plumbing/sqlite-probe.ts";
import { SCHEMA, temporaryFile } from "../support/sqlite-file.ts";

const MORE = [...SCHEMA, "CREATE TABLE others (name TEXT) STRICT"];

test("a store that was closed tells its version, and nothing is put beside it", async () => {
  const file = await temporaryFile();
  await openSqlite(file, MORE).close();
  const before = await readdir(dirname(file));
  expect(schemaVersion(file)).toBe(2);
  expect(await readdir(dirname(file))).toEqual(before);
});

test("a store that is open tells the version that stands in its log only, and goes on", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, MORE);
  expect(schemaVersion(file)).toBe(2);
  await db.write(() => db.prepare("INSERT INTO facts VALUES ('written')").run());
  expect(db.prepare("SELECT name FROM facts").pluck().all()).toEqual(["written"]);
  await db.close();
});

test("an empty file is a store before its first version, and any other file is none", async () => {
  const file = await temporaryFile();
  await writeFile(file, "");
  expect(schemaVersion(file)).toBe(0);
  for (const text of ["no database", "x".repeat(200)]) {
    await writeFile(file, text);
    expect(() => schemaVersion(file)).toThrow("file is not a database");
  }
  expect(() => schemaVersion(`${file}.none`)).toThrow("ENOENT");
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
