import { readFileSync, statSync } from "node:fs";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { openSqlite } from "../../plumbing/sqlite.ts";
import { startProcess } from "../support/process.ts";
import { readElsewhere, SCHEMA, temporaryFile } from "../support/sqlite-file.ts";

const SECRET = "a word that was overwritten";

/** The files of a store that have it, and how long its log is. */
function filesOf(file: string) {
  const isTold = ["", "-wal", "-shm"].filter((end) => readFileSync(file + end, "latin1").includes(SECRET));
  return { isTold, logBytes: statSync(`${file}-wal`).size };
}

/** A store that had the secret, and has it in its log alone. */
const FORGOTTEN = [
  "PRAGMA secure_delete = ON",
  `INSERT INTO facts VALUES ('${SECRET}'), ('kept')`,
  `DELETE FROM facts WHERE name = '${SECRET}'`,
];

test("a log begun anew has nothing of what was overwritten, and its length again", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  const { logBytes } = filesOf(file);
  for (const sql of FORGOTTEN) await db.write(() => db.prepare(sql).run());
  expect(filesOf(file)).toEqual({ isTold: ["-wal"], logBytes });
  expect(db.renewLog()).toBe(true);
  expect(filesOf(file).isTold).toEqual([]);
  expect(Math.abs(filesOf(file).logBytes - logBytes)).toBeLessThan(logBytes / 10);
  expect(readElsewhere(file)).toEqual(["kept"]);
  await db.close();
});

test("a log that another connection reads is not begun anew before that ends, and takes writes all the same", async () => {
  const file = await temporaryFile();
  const db = openSqlite(file, SCHEMA);
  for (const sql of FORGOTTEN) await db.write(() => db.prepare(sql).run());
  const reader = new Database(file, { readonly: true });
  reader.exec("BEGIN; SELECT * FROM facts");
  expect(db.renewLog()).toBe(false);
  await db.write(() => db.prepare("INSERT INTO facts VALUES ('more')").run());
  expect(filesOf(file).isTold).toEqual(["-wal"]);
  reader.close();
  expect(db.renewLog()).toBe(true);
  expect(filesOf(file).isTold).toEqual([]);
  expect(readElsewhere(file)).toEqual(["kept", "more"]);
  await db.close();
});

test("the log that a killed process left begins anew when its store is opened", async () => {
  const file = await temporaryFile();
  const program = `
    const { openSqlite } = await import(${JSON.stringify(new URL("../../plumbing/sqlite.ts", import.meta.url).href)});
    const db = openSqlite(${JSON.stringify(file)}, ${JSON.stringify(SCHEMA)});
    for (const sql of ${JSON.stringify(FORGOTTEN)}) await db.write(() => db.prepare(sql).run());
    console.log("written");
    setInterval(() => undefined, 1_000);`;
  await using killed = startProcess(process.execPath, ["--input-type=module", "-e", program], { cwd: "." });
  await killed.shows(/written/);
  await killed.stop("SIGKILL");
  expect(filesOf(file).isTold).toEqual(["-wal"]);
  const db = openSqlite(file, SCHEMA);
  expect(filesOf(file).isTold).toEqual([]);
  expect(readElsewhere(file)).toEqual(["kept"]);
  await db.close();
});
