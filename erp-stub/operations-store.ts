import { hashSecret, newSecret } from "../plumbing/secret.ts";
import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditStore } from "./audit-store.ts";
import { openManualUsageStore } from "./manual-usage-store.ts";
import type { Body, By } from "./resource-integrity-store.ts";
import { openResourceStore, type Row } from "./resource-store.ts";
import { prepareResourceWrites, type ResourceWrites } from "./resource-write-store.ts";
import type { ResourceName } from "./resources.ts";
import type { UsageStore } from "./usage-store.ts";

export type Operations = ReturnType<typeof openOperations>;

/** All that the back office does with its master data. Each write is one commit with its line in the audit log. */
export function openOperations(db: Sqlite, { audit, usages }: { audit: AuditStore; usages: UsageStore }) {
  const resources = openResourceStore(db);
  const writes = prepareResourceWrites(db, { resources, audit });

  return {
    resources,
    usages: openManualUsageStore(db, { resources, audit, usages }),

    /** `secret` has what can be read this once only: the key of a new API key. */
    add(name: ResourceName, body: Body, by: By): Promise<{ row: Row; secret: { key?: string } }> {
      if (name !== "api-keys") return db.write(() => ({ row: writes.add(name, { body }, by), secret: {} }));
      const key = newSecret();
      const beside = { key_hash: hashSecret(key), created_at: by.at };
      return db.write(() => ({ row: writes.add(name, { body, beside }, by), secret: { key } }));
    },
    change: (name: ResourceName, given: { id: number; body: Body }, by: By): Promise<Row> =>
      db.write(() => writes.change(name, given, by)),
    remove: (name: ResourceName, id: number, by: By): Promise<void> => db.write(() => writes.remove(name, id, by)),

    /** All of it, or nothing. */
    inOneCommit: <T>(work: (writes: ResourceWrites) => T): Promise<T> => db.write(() => work(writes)),
  };
}
