import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { onTestFinished } from "vitest";

/** Of a store that keeps names. */
export const SCHEMA = ["CREATE TABLE facts (name TEXT PRIMARY KEY) STRICT"];

/** The path of a store that goes away with the test. */
export async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "sqlite-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, "store.sqlite");
}

/** The names that another connection sees. */
export function readElsewhere(file: string): unknown[] {
  const other = new Database(file, { readonly: true });
  const names = other.prepare("SELECT name FROM facts ORDER BY name").pluck().all();
  other.close();
  return names;
}
