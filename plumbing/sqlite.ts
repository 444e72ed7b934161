import { existsSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { failpoint } from "./failpoint.ts";
import { makeFolder } from "./folder.ts";
import { StartError } from "./start-error.ts";

type Job = { run: () => unknown; resolve: (value: never) => void; reject: (error: unknown) => void };

/** So many turns of the event loop a group waits for others at most. */
const MORE_TURNS = 4;

/** A write that may wait is on disk after about this long at the latest. */
const SOON_MS = 25;

/** A process that was killed may hold its files for a moment longer. */
const LOCK_WITHIN_MS = 500;

/** SQLite's 1,000 pages between checkpoints, and room for the group that crosses that line. */
const LOG_BYTES = 4_500_000;

const PRAGMAS = [
  "journal_mode = WAL",
  // Said explicitly: this build falls back to NORMAL after the first write otherwise.
  "synchronous = FULL",
  "foreign_keys = ON",
  "busy_timeout = 100",
  // What a statement keeps to undo itself would go to a file.
  "temp_store = MEMORY",
];

export type Sqlite = ReturnType<typeof openSqlite>;

/**
 * Opens a SQLite file and brings it to the newest schema.
 *
 * Group commit: the writes of one turn of the event loop, or of a few that each bring more, share one transaction and one
 * fsync. The promise of a write settles after that commit, so what waits for it may tell the world. When one of a group
 * fails, none of it is kept, and each is run again in a transaction of its own: what a write does beside its SQL has to
 * bear that.
 *
 * A file belongs to the process that opened it until that closes it or ends, however it ends; others may only read.
 *
 * @throws {StartError} when the file cannot be written, another process has it, or its schema is newer than `migrations`
 */
export function openSqlite(file: string, migrations: readonly string[]) {
  const { db, release } = openAlone(file, migrations);
  const { flushAll, ...writing } = groupCommit(db);
  return {
    prepare: (sql: string) => db.prepare(sql),
    pragma: (name: string): unknown => db.pragma(name, { simple: true }),

    ...writing,

    /** Begins the log anew, with nothing of what was overwritten; not within a write. False while others read: then later. */
    renewLog: (): boolean => renewLog(db),

    close: async (): Promise<void> => {
      flushAll();
      db.close();
      release();
    },
  };
}

function groupCommit(db: Database.Database) {
  const commitAll = committer(db);
  let queue: Job[] = [];
  let bulk: Job[] = [];
  const turns = untilNoMoreCome(() => queue.length, flush);
  let soon: NodeJS.Timeout | undefined;
  let later: NodeJS.Timeout | undefined;

  function flush(): void {
    turns.disarm();
    clearTimeout(soon);
    soon = undefined;
    const group = queue;
    queue = [];
    commitAll(group);
  }

  function flushBulk(): void {
    clearTimeout(later);
    later = undefined;
    flush();
    const group = bulk;
    bulk = [];
    commitAll(group);
  }

  /** Runs `run` in the next group commit; resolves with its value once that is on disk. */
  function write<T>(run: () => T): Promise<T> {
    const written = enqueue(queue, run);
    turns.arm();
    return written;
  }

  /** As `write`, for what nobody waits for: it joins the next commit and costs none of its own on a busy store. */
  function writeSoon<T>(run: () => T): Promise<T> {
    soon ??= setTimeout(flush, SOON_MS);
    return enqueue(queue, run);
  }

  /** As `writeSoon`, for what is large and may come late: it holds up no other write, and shares one with its like. */
  function writeInBulk<T>(run: () => T): Promise<T> {
    later ??= setTimeout(flushBulk, SOON_MS);
    return enqueue(bulk, run);
  }

  return { write, writeSoon, writeInBulk, flushAll: flushBulk };
}

/**
 * A group ends with the first turn of the event loop that brings it no more: a commit for many costs little more than one
 * for few. A write alone waits for nobody.
 */
function untilNoMoreCome(waiting: () => number, flush: () => void) {
  let immediate: NodeJS.Immediate | undefined;

  function look(seen: number, turnsLeft: number): void {
    const now = waiting();
    if (now === seen || turnsLeft === 0) flush();
    else immediate = setImmediate(look, now, turnsLeft - 1);
  }

  return {
    arm(): void {
      immediate ??= setImmediate(look, waiting(), MORE_TURNS);
    },
    disarm(): void {
      clearImmediate(immediate);
      immediate = undefined;
    },
  };
}

/** A savepoint for each write would double what writing costs, for what hardly ever happens: a failed group starts over. */
function committer(db: Database.Database): (group: readonly Job[]) => void {
  const begin = db.prepare("BEGIN IMMEDIATE");
  const commit = db.prepare("COMMIT");
  return function commitAll(group) {
    if (group.length === 0) return;
    let begun = false;
    try {
      begin.run();
      begun = true;
      const values = group.map(({ run }) => run());
      commit.run();
      for (const [at, { resolve }] of group.entries()) resolve(values[at] as never);
    } catch (error) {
      if (db.inTransaction) db.exec("ROLLBACK");
      for (const job of group) {
        if (begun && group.length > 1) commitAll([job]);
        else job.reject(error);
      }
    }
  };
}

function enqueue<T>(jobs: Job[], run: () => T): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  jobs.push({ run, resolve, reject });
  return promise;
}

function openAlone(file: string, migrations: readonly string[]) {
  let release = (): void => undefined;
  try {
    makeFolder(dirname(file));
    release = lock(file);
    return { db: openMigrated(file, migrations), release };
  } catch (cause) {
    release();
    if (cause instanceof StartError) throw cause;
    throw new StartError(`Cannot open the store "${file}": ${(cause as Error).message}.`, { cause });
  }
}

function openMigrated(file: string, migrations: readonly string[]): Database.Database {
  const hasOldLog = existsSync(`${file}-wal`);
  const db = new Database(file);
  try {
    for (const pragma of PRAGMAS) db.pragma(pragma);
    migrate(db, file, migrations);
    // What a killed process left in its log may have been erased since.
    if (!hasOldLog || !renewLog(db)) growLog(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/**
 * Two workers on one file would do everything twice. The system itself lets go of this lock when the process ends, so
 * there is nothing to clear away after a crash. It is another file's, because a lock on the store would keep readers out.
 */
function lock(file: string): () => void {
  const holder = new Database(`${file}.lock`, { timeout: LOCK_WITHIN_MS });
  try {
    holder.pragma("journal_mode = MEMORY");
    holder.exec("BEGIN EXCLUSIVE");
    return () => holder.close();
  } catch (cause) {
    holder.close();
    if ((cause as { code?: string }).code !== "SQLITE_BUSY") throw cause;
    throw new StartError(`The store "${file}" is in use by another process: end that one first.`, { cause });
  }
}

/**
 * A commit that makes the write-ahead log longer costs twice one that overwrites, because the file system has to sync
 * the new length too. So the log gets the length that it reaches between checkpoints by a transaction that is too
 * large for the cache, and is rolled back.
 */
function growLog(db: Database.Database): void {
  const cacheSize = Number(db.pragma("cache_size", { simple: true }));
  db.pragma("cache_size = 16");
  try {
    db.exec(`BEGIN; CREATE TABLE filler (bytes BLOB); INSERT INTO filler VALUES (zeroblob(${String(LOG_BYTES)}))`);
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
    db.pragma(`cache_size = ${String(cacheSize)}`);
  }
}

function renewLog(db: Database.Database): boolean {
  const isBusy = db.pragma("wal_checkpoint(TRUNCATE)", { simple: true }) !== 0;
  if (!isBusy) growLog(db);
  return !isBusy;
}

function migrate(db: Database.Database, file: string, migrations: readonly string[]): void {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version > migrations.length) {
    const newest = String(migrations.length);
    throw new StartError(`Cannot open the store "${file}": its schema ${String(version)} is newer than ${newest}.`);
  }
  const missing = migrations.slice(version);
  db.transaction(() => {
    for (const sql of missing) {
      db.exec(sql);
      failpoint("sqlite.migrating");
    }
    db.pragma(`user_version = ${String(migrations.length)}`);
  }).immediate();
}
