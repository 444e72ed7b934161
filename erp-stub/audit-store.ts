import type { Sqlite } from "../plumbing/sqlite.ts";
import { searchOf, standsIn, type TextSearch } from "./text-search.ts";

/** Who did what to which row; `changes` has the values before and after, or the fields' names alone where they are personal. */
export type AuditEntry = {
  at: string;
  actor: string;
  action: string;
  resource: string;
  rowId: number | null;
  changes: unknown;
};

type AuditRow = Omit<AuditEntry, "changes"> & { id: number; changes: string };

export type AuditStore = ReturnType<typeof openAuditStore>;

export function openAuditStore(db: Sqlite) {
  const insert = db.prepare(
    "INSERT INTO audit (at, actor, action, resource, row_id, changes) VALUES (?, ?, ?, ?, ?, ?)",
  );
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepared = (sql: string) => statements.getOrInsertComputed(sql, db.prepare);

  return {
    /** Within a write: the change and its record are one commit. */
    record({ at, actor, action, resource, rowId, changes }: AuditEntry): void {
      insert.run(at, actor, action, resource, rowId, JSON.stringify(changes));
    },

    /** Newest first; `q` is part of who did what to which kind of row, in whatever case. */
    list({ q = "", before = Number.MAX_SAFE_INTEGER, limit }: { q?: string; before?: number; limit: number }) {
      const search = searchOf(q);
      return prepared(listSql(search)).all({ ...search?.values, before, limit }) as AuditRow[];
    },
  };
}

function listSql(search: TextSearch | undefined): string {
  const found = search ? standsIn("actor || ' ' || action || ' ' || resource", search) : "true";
  return `SELECT id, at, actor, action, resource, row_id AS rowId, changes FROM audit
    WHERE id < :before AND ${found} ORDER BY id DESC LIMIT :limit`;
}
