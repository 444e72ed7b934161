import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditEntry, AuditStore } from "./audit-store.ts";

type By = Pick<AuditEntry, "at" | "actor">;

/** So many are erased in one commit, that others wait for a moment only. */
const ERASED_AT_ONCE = 500;

/** How customers are erased for good: what is kept of them is overwritten in the file, and the log begins anew. */
export function prepareErasure(db: Sqlite, audit: AuditStore) {
  // Otherwise what is erased is only forgotten in the file.
  db.pragma("secure_delete = ON");
  const rows = prepareErasing(db, audit);
  let isLogged = false;

  /** One commit; what was erased stands in the log then. */
  const erasing = (erase: () => number): Promise<number> =>
    db.write(() => {
      const erased = erase();
      if (erased > 0) isLogged = true;
      return erased;
    });

  /** Once for all that one commit erased; another program that reads may put it off until this is asked the next time. */
  function clearLog(): void {
    if (isLogged) isLogged = !db.renewLog();
  }

  return {
    /** Resolves with false when there is no such customer. */
    async erase(id: number, by: By): Promise<boolean> {
      const erased = await erasing(() => rows.eraseOne(id, by));
      clearLog();
      return erased > 0;
    },

    /** Resolves with how many customers were erased as nothing was told of them since that time. */
    async eraseNotUpdatedSince(iso: string, by: By): Promise<number> {
      let erased = 0;
      let some: number;
      do {
        some = await erasing(() => rows.eraseSome(iso, by));
        erased += some;
      } while (some === ERASED_AT_ONCE);
      clearLog();
      return erased;
    },

    clearLog,
  };
}

function prepareErasing(db: Sqlite, audit: AuditStore) {
  const one = db.prepare("DELETE FROM customers WHERE id = ?");
  const some = db.prepare(
    `DELETE FROM customers WHERE id IN
       (SELECT id FROM customers WHERE updated_at < ? ORDER BY updated_at LIMIT ${String(ERASED_AT_ONCE)})`,
  );
  const record = (entry: By & Pick<AuditEntry, "rowId" | "changes">): void =>
    audit.record({ ...entry, action: "erased", resource: "customers" });

  return {
    eraseOne(id: number, by: By): number {
      const { changes } = one.run(id);
      if (changes > 0) record({ ...by, rowId: id, changes: [] });
      return changes;
    },
    eraseSome(iso: string, by: By): number {
      const { changes } = some.run(iso);
      if (changes > 0) record({ ...by, rowId: null, changes: { customers: changes } });
      return changes;
    },
  };
}
