import type { Sqlite } from "../plumbing/sqlite.ts";
import type { AuditStore } from "./audit-store.ts";
import { type Body, type By, prepareIntegrity, refusalOf } from "./resource-integrity-store.ts";
import type { ResourceStore, Row } from "./resource-store.ts";
import { TABLES } from "./resource-tables.ts";
import type { ResourceName } from "./resources.ts";

type Stores = { resources: ResourceStore; audit: AuditStore };

/** `beside` has columns that no form may set. */
type Addition = { body: Body; beside?: Body };

export type ResourceWrites = ReturnType<typeof prepareResourceWrites>;

/** Writes the resources of the operations guide and the audit log beside them; to be called within one `db.write`. */
export function prepareResourceWrites(db: Sqlite, { resources, audit }: Stores) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const { found, checkFields, refuseRemoval, refuseMove, refuseNarrowing, keepAnAdmin } = prepareIntegrity(
    db,
    resources,
  );

  function run(name: ResourceName, sql: string, values: Body): number {
    try {
      return Number(statements.getOrInsertComputed(sql, db.prepare).run(values).lastInsertRowid);
    } catch (error) {
      throw refusalOf(name, error as { code?: string; message?: string });
    }
  }

  function add(name: ResourceName, { body, beside = {} }: Addition, by: By): Row {
    checkFields(name, body, by);
    const values = withoutAbsent({ ...body, ...beside });
    const id = run(name, insertOf(name, Object.keys(values)), values);
    audit.record({ ...by, action: "added", resource: name, rowId: id, changes: body });
    return found(name, id, { ...by, version: undefined });
  }

  /** Changes the given fields only. */
  function change(name: ResourceName, { id, body }: { id: number; body: Body }, by: By): Row {
    const before = found(name, id, by);
    checkFields(name, body, by);
    const values = withoutAbsent(body);
    const differing = Object.keys(values).filter((column) => values[column] !== before[column]);
    if (differing.length === 0) return before;
    refuseMove(name, before, differing);
    refuseNarrowing(name, before, values);
    run(name, updateOf(name, differing), { ...values, id });
    keepAnAdmin(name, before);
    const changes = Object.fromEntries(differing.map((column) => [column, [before[column], values[column]]]));
    audit.record({ ...by, action: "changed", resource: name, rowId: id, changes });
    return found(name, id, { ...by, version: undefined });
  }

  function remove(name: ResourceName, id: number, by: By): void {
    const row = found(name, id, by);
    refuseRemoval(name, row);
    run(name, `DELETE FROM ${TABLES[name].table} WHERE id = :id`, { id });
    keepAnAdmin(name, row);
    audit.record({ ...by, action: "removed", resource: name, rowId: id, changes: row });
  }

  return { add, change, remove };
}

function insertOf(name: ResourceName, columns: readonly string[]): string {
  const values = columns.map((column) => `:${column}`);
  return `INSERT INTO ${TABLES[name].table} (${columns.join(", ")}) VALUES (${values.join(", ")})`;
}

function updateOf(name: ResourceName, columns: readonly string[]): string {
  const sets = columns.map((column) => `${column} = :${column}`);
  return `UPDATE ${TABLES[name].table} SET ${sets.join(", ")} WHERE id = :id`;
}

function withoutAbsent(body: Body): Body {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
}
