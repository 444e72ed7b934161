import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { startProcess } from "../support/process.ts";

const WRITER = join(import.meta.dirname, "../support/checkpoint-writer.ts");
const KILLS_WANTED = 2;
const MOST_KILLS = 100;
const LONGEST_WRITING_MS = 40;

/** In SQLite's wal-index: how many frames of the log are in the store, and how many a checkpoint began to bring there. */
const BACKFILLED_AT = 96;
const ATTEMPTED_AT = 128;

/** No place of ours is within a checkpoint, so the writer is killed at any moment until two kills have met one. */
test("killed in the middle of a checkpoint, a store opens whole with all that was told", {
  timeout: 120_000,
}, async () => {
  await using folder = await openFolder();
  const file = join(folder.path, "numbers.sqlite");
  let kills = 0;
  let met = 0;
  for (; met < KILLS_WANTED && kills < MOST_KILLS; kills += 1) {
    const told = await killWriter(file);
    if (await wasInCheckpoint(file)) met += 1;
    const { integrity, last, count } = readNumbers(file);
    expect({ integrity, count }).toEqual({ integrity: "ok", count: last });
    expect(last).toBeGreaterThanOrEqual(told);
  }
  process.stdout.write(`${String(kills)} kills, ${String(met)} of them in the middle of a checkpoint\n`);
  expect(met).toBe(KILLS_WANTED);
});

/** Resolves with the last number that it told. */
async function killWriter(file: string): Promise<number> {
  await using writer = startProcess(process.execPath, [WRITER, file], { cwd: import.meta.dirname });
  await writer.shows(/\n/);
  await delay(Math.random() * LONGEST_WRITING_MS);
  await writer.stop("SIGKILL");
  return Number(/(\d+)\n[^\n]*$/.exec(writer.output.stdout)?.[1]);
}

async function wasInCheckpoint(file: string): Promise<boolean> {
  const index = await readFile(`${file}-shm`);
  return index.readUInt32LE(ATTEMPTED_AT) > index.readUInt32LE(BACKFILLED_AT);
}

function readNumbers(file: string) {
  const db = new Database(file);
  try {
    const integrity = db.pragma("integrity_check", { simple: true });
    const numbers = db.prepare("SELECT max(n) AS last, count(*) AS count FROM numbers").get();
    return { integrity, ...(numbers as { last: number; count: number }) };
  } finally {
    db.close();
  }
}

async function openFolder() {
  const path = await mkdtemp(join(tmpdir(), "checkpoint-"));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
