import { spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const NAME = "sqlite3";

/** As much of SQLite's command as our scripts use, with the SQLite that Node brings along. */
const IN_NODE = `
const { DatabaseSync } = require("node:sqlite");
const [file, sql] = process.argv.slice(2);
const db = new DatabaseSync(file);
if (/^PRAGMA/.test(sql)) console.log(Object.values(db.prepare(sql).get()).join("|"));
else db.exec(sql);
`;

/** A PATH on which there is `sqlite3`: the machine's own, or one that is put into the folder. */
export function pathWithSqlite3(folder: string): string {
  const own = process.env["PATH"] ?? "";
  if (!spawnSync(NAME, ["-version"]).error) return own;
  const program = join(folder, NAME);
  writeFileSync(join(folder, "sqlite3.cjs"), IN_NODE);
  writeFileSync(program, `#!/bin/sh\nexec '${process.execPath}' '${join(folder, "sqlite3.cjs")}' "$@"\n`);
  chmodSync(program, 0o755);
  return `${folder}:${own}`;
}
