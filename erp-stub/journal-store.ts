import type { Sqlite } from "../plumbing/sqlite.ts";
import { NEXT_NUMBER } from "./call-number.ts";
import { readExecuted } from "./switch.ts";
import { openTally, type Tally } from "./tally.ts";

/** `refused` has changed nothing; `replayed` was answered as the call before it with the same key. */
export type Outcome = "executed" | "replayed" | "refused";

/** A call as the journal keeps it. */
export type JournalRow = {
  id: number;
  at: string;
  /** Method and URL. */
  request: string;
  /** The caller's address. */
  remote: string;
  /** Its `Idempotency-Key`. */
  ref: string | null;
  outcome: Outcome;
  /** The usage that it opened or changed. */
  usageId: number | null;
  statusCode: number;
  /** JSON. */
  answer: string;
};

export type JournalEntry = Omit<JournalRow, "id" | "usageId">;

/** An executed call of `GET /device/switch`, with what tells whether another one under its key asks for the same. */
export type ExecutedCall = Omit<JournalEntry, "outcome" | "statusCode"> & {
  usageId: number | bigint;
  fingerprint: string;
};

type Filter = { outcome?: Outcome; q?: string; before?: number; limit: number };

/** Anybody can be refused as often as they like. */
const KEPT_REFUSALS = 10_000;
const PRUNE_EVERY = 1_000;
/** How many rows a search looks at for one page. */
const SEARCHED = 20_000;

export type JournalStore = ReturnType<typeof openJournalStore>;

export function openJournalStore(db: Sqlite) {
  const tally = openRequestTally(db);
  const prune = preparePruning(db);
  const insert = db.prepare(
    `INSERT INTO requests (id, at, request, remote, ref, outcome, fingerprint, usage_id, status_code, answer)
     VALUES (${NEXT_NUMBER}, :at, :request, :remote, :ref, :outcome, :fingerprint, :usageId, :statusCode, :answer)`,
  );

  const insertExecuted = db.prepare(
    `INSERT INTO requests (id, at, request, remote, ref, outcome, fingerprint, usage_id, status_code, answer)
     VALUES (${NEXT_NUMBER}, ?, ?, ?, ?, 'executed', ?, ?, 200, ?)`,
  );

  return {
    /** For a write under way, whose commit has to be told to the tally. */
    keepExecuted({ at, request, remote, ref, fingerprint, usageId, answer }: ExecutedCall): void {
      insertExecuted.run(at, request, remote, ref, fingerprint, usageId, answer);
    },

    /** Resolves some time after the call was answered. */
    async add(entry: JournalEntry): Promise<void> {
      await db.writeSoon(() => {
        insert.run({ ...entry, fingerprint: "", usageId: null });
        if (entry.outcome === "refused") prune();
      });
      tally.moved(undefined, entry.statusCode);
    },

    ...prepareReading(db),
    /** How many calls were journaled, by the status code of their answer. */
    tally,
  };
}

function openRequestTally(db: Sqlite): Tally<number> {
  const count = db
    .prepare(
      `SELECT status_code, sum(n) FROM (
         SELECT status_code, count(*) AS n FROM requests GROUP BY status_code
         UNION ALL SELECT 200, count(*) FROM device_usages WHERE remote IS NOT NULL)
       WHERE n > 0 GROUP BY status_code`,
    )
    .raw();
  return openTally(() => count.all() as [number, number][]);
}

/** At most so many more are kept as come between two prunings; the first one after a start prunes. */
function preparePruning(db: Sqlite): () => void {
  const prune = db.prepare(
    `DELETE FROM requests WHERE outcome = 'refused' AND id <=
       (SELECT id FROM requests WHERE outcome = 'refused' ORDER BY id DESC LIMIT 1 OFFSET ${String(KEPT_REFUSALS)})`,
  );
  let refusals = 0;
  return () => {
    if (refusals % PRUNE_EVERY === 0) prune.run();
    refusals += 1;
  };
}

/** The answer of most executed calls is not kept: it follows from what is. */
function withAnswer(row: JournalRow): JournalRow {
  return row.answer === "" ? { ...row, answer: JSON.stringify(readExecuted(row.request, row.at).answer) } : row;
}

const COLUMNS = `id, at, request, remote, ref, outcome, usage_id AS usageId, status_code AS statusCode, answer`;

const CONDITIONS = {
  outcome: "outcome = :outcome",
  q: "(instr(request, :q) > 0 OR ref = :q OR remote = :q)",
};

function prepareReading(db: Sqlite) {
  const byId = db.prepare(`SELECT ${COLUMNS} FROM calls WHERE id = ?`);
  const next = db.prepare(`SELECT ${NEXT_NUMBER}`).pluck();
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepare = (where: string) =>
    db.prepare(
      `SELECT ${COLUMNS} FROM calls WHERE id < :before AND id >= :from ${where} ORDER BY id DESC LIMIT :limit`,
    );

  return {
    find: (id: number) => {
      const row = byId.get(id) as JournalRow | undefined;
      return row && withAnswer(row);
    },

    /**
     * Newest first. A page looks at a bounded number of rows, so it may have fewer than `limit`, or none, and others follow.
     *
     * @param filter.q part of the request, or a key or an address as a whole
     * @returns with `next`, the `before` of the page that follows, if one may
     */
    list({ before = next.get() as number, limit, ...filter }: Filter) {
      const given = (["outcome", "q"] as const).filter((name) => filter[name] !== undefined);
      const where = given.map((name) => ` AND ${CONDITIONS[name]}`).join("");
      // Those that were refused are few and have an index; all others have to be looked for.
      const from = given.length === 0 || filter.outcome === "refused" ? 0 : Math.max(0, before - SEARCHED);
      const statement = statements.getOrInsertComputed(where, prepare);
      const data = (statement.all({ ...filter, before, from, limit }) as JournalRow[]).map(withAnswer);
      const reached = data.length === limit ? (data.at(-1)?.id ?? 0) : from;
      return { data, next: reached > 1 ? reached : undefined };
    },
  };
}
