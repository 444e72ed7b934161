import type { Sqlite } from "../plumbing/sqlite.ts";

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
  const newest = db.prepare(
    `SELECT id, at, actor, action, resource, row_id AS rowId, changes FROM audit
     WHERE id < :before AND (:q = '' OR instr(lower(actor || ' ' || action || ' ' || resource), lower(:q)))
     ORDER BY id DESC LIMIT :limit`,
  );
  return {
    /** Within a write: the change and its record are one commit. */
    record({ at, actor, action, resource, rowId, changes }: AuditEntry): void {
      insert.run(at, actor, action, resource, rowId, JSON.stringify(changes));
    },
    list: ({ q = "", before = Number.MAX_SAFE_INTEGER, limit }: { q?: string; before?: number; limit: number }) =>
      newest.all({ q, before, limit }) as AuditRow[],
  };
}
