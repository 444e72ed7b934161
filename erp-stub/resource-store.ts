import { createHash } from "node:crypto";
import type { Sqlite } from "../plumbing/sqlite.ts";
import { columnsOf, TABLES } from "./resource-tables.ts";
import { RESOURCES, type ResourceName } from "./resources.ts";
import { searchOf, standsIn, type TextSearch } from "./text-search.ts";

export type Value = string | number | null;
export type Row = { id: number } & Record<string, Value>;

export type ListQuery = {
  q?: string;
  /** Columns with the values that they must have. */
  filters?: Record<string, Value>;
  /** The client whose rows alone are meant; `null` means all. */
  client: number | null;
  limit: number;
  offset?: number;
};

export type ResourceStore = ReturnType<typeof openResourceStore>;

/** Reads the resources of the operations guide, each as one flat row with the labels of what it refers to. */
export function openResourceStore(db: Sqlite) {
  const statements = new Map<string, ReturnType<Sqlite["prepare"]>>();
  const prepared = (sql: string) => statements.getOrInsertComputed(sql, db.prepare);

  return {
    /** In the order of their labels, ignoring case, unless the resource has one of its own. */
    list(name: ResourceName, { q = "", filters = {}, client, limit, offset = 0 }: ListQuery) {
      const search = searchOf(q);
      const where = conditionOf(name, { client, filters: Object.keys(filters), search });
      const values = { ...filters, ...(client === null ? {} : { client }), ...search?.values };
      const { table, label, order = `${label} COLLATE NOCASE, ${table}.id` } = TABLES[name];
      const rows = prepared(`${selectOf(name, client)} WHERE ${where} ORDER BY ${order} LIMIT :limit OFFSET :offset`);
      const total = prepared(`SELECT count(*) AS total FROM ${table} WHERE ${where}`).get(values) as { total: number };
      return { rows: rows.all({ ...values, limit, offset }) as Row[], total: total.total };
    },

    find(name: ResourceName, id: number, client: number | null): Row | undefined {
      const where = conditionOf(name, { client, filters: ["id"] });
      return prepared(`${selectOf(name, client)} WHERE ${where}`).get({ id, ...(client === null ? {} : { client }) }) as
        | Row
        | undefined;
    },

    /** What a form may choose from. */
    options(name: ResourceName, client: number | null): { id: number; label: string }[] {
      const { table, label } = TABLES[name];
      const where = conditionOf(name, { client, filters: [] });
      const sql = `SELECT ${table}.id, ${label} AS label FROM ${table} WHERE ${where} ORDER BY label COLLATE NOCASE`;
      return prepared(sql).all(client === null ? {} : { client }) as { id: number; label: string }[];
    },
  };
}

/** Changes with every change of what is shown of a row. */
export function versionOf(row: object): string {
  return createHash("sha256").update(JSON.stringify(row)).digest("base64url").slice(0, 22);
}

function selectOf(name: ResourceName, client: number | null): string {
  const columns = Object.entries(columnsOf(name, client !== null)).map(([column, sql]) => `${sql} AS ${column}`);
  return `SELECT ${columns.join(", ")} FROM ${TABLES[name].table}`;
}

type Conditions = { client: number | null; filters: readonly string[]; search?: TextSearch | undefined };

function conditionOf(name: ResourceName, { client, filters, search }: Conditions): string {
  const { table, ofClient } = TABLES[name];
  const parts = ["true", ...filters.map((column) => `${table}.${column} = :${column}`)];
  if (client !== null && ofClient !== undefined) parts.push(ofClient);
  if (search) parts.push(standsIn(searchedOf(name, client), search));
  return parts.join(" AND ");
}

/** All that a person may look for: the texts of a row, and the labels of what it refers to. */
function searchedOf(name: ResourceName, client: number | null): string {
  const references = RESOURCES[name].fields.filter(({ kind }) => kind === "reference").map((field) => field.name);
  const texts = Object.entries(columnsOf(name, client !== null)).filter(
    ([column]) => column !== "id" && !references.includes(column),
  );
  return texts.map(([, sql]) => `coalesce(${sql}, '')`).join(" || ' ' || ");
}
