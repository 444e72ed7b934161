/**
 * Writes to the store that it is given, as fast as it can, and tells each commit on standard output. Each commit is
 * followed by a checkpoint of much more than itself, so that a kill at any moment is likely to meet one.
 */
import { openSqlite } from "../../plumbing/sqlite.ts";

const ROW_BYTES = 200_000;

const [file = ""] = process.argv.slice(2);
const db = openSqlite(file, ["CREATE TABLE numbers (n INTEGER PRIMARY KEY, bytes BLOB) STRICT"]);
db.pragma("wal_autocheckpoint = 1");
const add = db.prepare(`INSERT INTO numbers (bytes) VALUES (randomblob(${String(ROW_BYTES)})) RETURNING n`).pluck();

for (;;) {
  const n = await db.write(() => add.get() as number);
  process.stdout.write(`${String(n)}\n`);
}
