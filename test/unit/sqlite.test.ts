import { writeFile } from "node:fs/promises";
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { openSqlite } from "../../plumbing/sqlite.ts";
import { StartError } from "../../plumbing/start-error.ts";
import { startProcess } from "../support/process.ts";
import { readElsewhere, SCHEMA, temporaryFile } from "../support/sqlite-file.ts";

test("a write is on disk, for another connection too, when its promise resolves", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  const written = db.write(() => insert.run("wood"));
  expect(readElsewhere(file)).toEqual([]);
  await written;
  expect(readElsewhere(file)).toEqual(["wood"]);
  await db.close();
});

test("one failing write of a group takes no other with it", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  const runs = { a: 0, b: 0 };
  const group = (["a", "a", "b"] as const).map((name) => db.write(() => [++runs[name], insert.run(name).changes]));
  const outcomes = await Promise.allSettled(group);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
  // The first was undone with the others, and told of what it did the second time.
  expect(await group[0]).toEqual([3, 1]);
  expect(readElsewhere(file)).toEqual(["a", "b"]);
  await db.close();
});

test("a commit that fails takes no other write with it, tells nobody that it kept what failed, and does not spoil the next one", async () => {
  const file = await temporaryFile();
  const owners = "CREATE TABLE owners (name TEXT REFERENCES facts (name) DEFERRABLE INITIALLY DEFERRED) STRICT";
  const db = openSqlite(file, [...SCHEMA, owners]);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  const insertOrphan = db.prepare("INSERT INTO owners VALUES ('nobody')");
  const group = [db.write(() => insert.run("a")), db.write(() => insertOrphan.run())];
  expect((await Promise.allSettled(group)).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  expect(readElsewhere(file)).toEqual(["a"]);
  await db.write(() => insert.run("b"));
  expect(readElsewhere(file)).toEqual(["a", "b"]);
  await db.close();
});

test("the writes of one turn of the event loop share one commit, one that comes after it does not", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  const seenByOthers = () => readElsewhere(file);
  const first = db.write(() => insert.run("first"));
  const inSameTurn = db.write(seenByOthers);
  await first;
  expect(await inSameTurn).toEqual([]);
  expect(await db.write(seenByOthers)).toEqual(["first"]);
  await db.close();
});

test("a group waits for the writes of the next turns while those bring more, but not for long", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  const written: string[] = [];
  const seenByOthers: unknown[][] = [];
  for (const name of ["a", "b"]) void db.write(() => insert.run(name)).then(() => written.push(name));
  for (let turns = 0; written.length === 0; turns++) {
    void db.write(() => seenByOthers.push(readElsewhere(file)));
    await setImmediate();
    expect(turns).toBeLessThan(10);
  }
  expect(seenByOthers.length).toBeGreaterThan(1);
  expect(seenByOthers.flat()).toEqual([]);
  await db.close();
});

test("a write alone is on disk when its turn ends", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  void db.write(() => insert.run("alone"));
  await setImmediate();
  expect(readElsewhere(file)).toEqual(["alone"]);
  await db.close();
});

test("a write that meets only one that may wait is on disk when its turn ends, with that one", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  void db.writeSoon(() => insert.run("later"));
  void db.write(() => insert.run("alone"));
  await setImmediate();
  expect(readElsewhere(file)).toEqual(["alone", "later"]);
  await db.close();
});

test("a write that may wait joins the next commit, and is written soon without one", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  const soon = db.writeSoon(() => insert.run("later"));
  await db.write(() => insert.run("now"));
  expect(readElsewhere(file)).toEqual(["later", "now"]);
  await soon;
  await db.writeSoon(() => insert.run("alone"));
  expect(readElsewhere(file)).toEqual(["alone", "later", "now"]);
  await db.close();
});

test("a write in bulk holds up no other, comes after those before it, and is written soon", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  const bulk = [1, 2].map((n) => db.writeInBulk(() => [insert.run(`bulk ${String(n)}`), readElsewhere(file)]));
  await db.write(() => insert.run("now"));
  expect(readElsewhere(file)).toEqual(["now"]);
  const before = db.writeSoon(() => insert.run("soon"));
  const seen = await Promise.all(bulk);
  await before;
  expect(seen.map(([, names]) => names)).toEqual([
    ["now", "soon"],
    ["now", "soon"],
  ]);
  expect(readElsewhere(file)).toEqual(["bulk 1", "bulk 2", "now", "soon"]);
  await db.close();
});

test("commits are synced in full, also after the first write", async () => {
  const db = openSqlite(await temporaryFile(), SCHEMA);
  const insert = db.prepare("INSERT INTO facts VALUES (?)");
  await db.write(() => insert.run("a"));
  expect(db.pragma("synchronous")).toBe(2);
  expect(db.pragma("journal_mode")).toBe("wal");
  expect(db.pragma("foreign_keys")).toBe(1);
  await db.close();
});

test("what was written is there after closing and opening again, and closing writes what still waits", async () => {
  const file = await temporaryFile();
  const first = openSqlite(file, SCHEMA);
  const insert = first.prepare("INSERT INTO facts VALUES (?)");
  const waiting = [first.writeSoon(() => insert.run("kept")), first.writeInBulk(() => insert.run("kept in bulk"))];
  await first.close();
  await Promise.all(waiting);
  const second = openSqlite(file, [...SCHEMA, "ALTER TABLE facts ADD COLUMN more TEXT"]);
  expect(second.prepare("SELECT name, more FROM facts").all()).toEqual([
    { name: "kept", more: null },
    { name: "kept in bulk", more: null },
  ]);
  await second.close();
});

test("a file of a newer schema, or one that is no database, is refused with a sentence and left as it is", async () => {
  const file = await temporaryFile();
  await openSqlite(file, [...SCHEMA, "SELECT 1"]).close();
  expect(() => openSqlite(file, SCHEMA)).toThrow(
    new StartError(`Cannot open the store "${file}": its schema 2 is newer than 1.`),
  );
  const text = `${file}.txt`;
  await writeFile(text, "This is no database. ".repeat(100));
  expect(() => openSqlite(text, SCHEMA)).toThrow(/^Cannot open the store ".*": file is not a database\.$/);
});

test("a file belongs to one process at a time: a second is refused, and after a kill the next one has it", async () => {
  const file = await temporaryFile();
  const program = `
    const { openSqlite } = await import(${JSON.stringify(new URL("../../plumbing/sqlite.ts", import.meta.url).href)});
    const db = openSqlite(${JSON.stringify(file)}, ${JSON.stringify(SCHEMA)});
    await db.write(() => db.prepare("INSERT INTO facts VALUES ('first')").run());
    console.log("open");
    setInterval(() => undefined, 1_000);`;
  await using first = startProcess(process.execPath, ["--input-type=module", "-e", program], { cwd: "." });
  await first.shows(/open/);
  const refusal = new StartError(`The store "${file}" is in use by another process: end that one first.`);
  expect(() => openSqlite(file, SCHEMA)).toThrow(refusal);
  expect(readElsewhere(file)).toEqual(["first"]);
  await first.stop("SIGKILL");
  const second = openSqlite(file, SCHEMA);
  expect(() => openSqlite(file, SCHEMA)).toThrow(refusal);
  await second.close();
});
