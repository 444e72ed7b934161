/** What the master data is made of, and how its rows are named and told apart outside of this ERP. */
import type { CsvTable } from "./csv.ts";
import { documentOf, type MasterDataRow, nameColumn, type PartName, type RowSchema } from "./master-data-contract.ts";
import { type Field, RESOURCES, type ResourceName } from "./resources.ts";

type Reference = Field & { kind: "reference" };

/** A row as the tables have it, or as people write it. */
export type Values = Record<string, string | number | null | undefined>;

export type Part = {
  part: PartName;
  resource: ResourceName;
  columns: readonly string[];
  /** Those of the columns that name no other row. */
  own: readonly string[];
  references: readonly Reference[];
  schema: RowSchema;
};

/** `at` is the number of the row, counted from 1; in CSV it is the line. */
export type ImportRow = { part: Part; at: number; values: Values };

export type Problem = { part?: string; at?: number; column?: string; message: string };

type Naming = { column: string; field: string; within?: { to: ResourceName; field: string } };

export const MAX_ROWS = 50_000;

/** By which column a row is named where others refer to it, and within what no other has that name. */
const NAMINGS: Partial<Record<ResourceName, Naming>> = {
  corporations: { column: "corporation", field: "name" },
  clients: { column: "client", field: "name", within: { to: "corporations", field: "corporation_id" } },
  rooms: { column: "room", field: "name", within: { to: "clients", field: "client_id" } },
  "device-types": { column: "device_type", field: "code" },
  devices: { column: "serial", field: "serial" },
};

/** The fields that tell one row from all others; each part builds on those before it. */
const KEYS: Partial<Record<ResourceName, readonly string[]>> = {
  corporations: ["name"],
  clients: ["corporation_id", "name"],
  "device-types": ["code"],
  rooms: ["client_id", "name"],
  devices: ["serial"],
  "device-setups": ["device_id", "installed_at"],
  scents: ["code"],
  schedules: ["start_time", "end_time"],
};

export const PARTS: readonly Part[] = (Object.keys(KEYS) as ResourceName[]).map(partOf);

export const masterDataSchema = documentOf(
  Object.fromEntries(PARTS.map(({ part, schema }) => [part, schema])) as Record<PartName, RowSchema>,
);

function partOf(resource: ResourceName): Part {
  const { fields, schema } = RESOURCES[resource];
  const references = fields.filter((field) => field.kind === "reference");
  const named = references.flatMap(({ to }) => namingColumns(to));
  const own = fields.filter(({ kind }) => kind !== "reference").map(({ name }) => name);
  const omitted: Record<string, true> = Object.fromEntries(references.map(({ name }) => [name, true as const]));
  // Most hotels can be told without their corporation.
  const isOptional = (column: string) => column === "corporation" && resource !== "clients";
  const names = named.map((column) => {
    const name = nameColumn(column);
    return [column, isOptional(column) ? name.nullable().optional() : name] as const;
  });
  return {
    part: resource.replaceAll("-", "_") as PartName,
    resource,
    columns: [...named, ...own],
    own,
    references,
    schema: schema.omit(omitted).extend(Object.fromEntries(names)),
  };
}

function namingColumns(to: ResourceName): string[] {
  const { column, within } = namingOf(to);
  return [...(within ? namingColumns(within.to) : []), column];
}

export function namingOf(to: ResourceName): Naming {
  const naming = NAMINGS[to];
  if (!naming) throw new Error(`Nothing refers to ${to}.`);
  return naming;
}

/** The same for two rows that are about the same thing. SQLite ignores the case of scents for these letters only. */
export function keyOf(resource: ResourceName, values: Values): string {
  const key = JSON.stringify((KEYS[resource] ?? []).map((field) => values[field]));
  return resource === "scents" ? key.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : key;
}

/** Under which column people find what is wrong with a field. */
export function columnOf({ references }: Part, field: string): string {
  const reference = references.find(({ name }) => name === field);
  return reference ? namingOf(reference.to).column : field;
}

/** The rows of a document that are good as such, in the order in which they can be written. */
export function readDocument(given: unknown, lines?: readonly number[]): { rows: ImportRow[]; problems: Problem[] } {
  const parts = typeof given === "object" && given !== null ? Object.values(given) : [];
  const count = parts.reduce<number>((sum, rows) => sum + (Array.isArray(rows) ? rows.length : 0), 0);
  if (count > MAX_ROWS) {
    return { rows: [], problems: [{ message: `An import may have ${MAX_ROWS.toLocaleString("en")} rows at most.` }] };
  }
  const rowAt = (index: PropertyKey) => lines?.[Number(index)] ?? Number(index) + 1;
  const parsed = masterDataSchema.safeParse(given);
  if (!parsed.success) return { rows: [], problems: parsed.error.issues.flatMap((issue) => problemsOf(issue, rowAt)) };
  const rows = PARTS.flatMap((part) =>
    inOrder((parsed.data[part.part] ?? []).map((values, index) => ({ part, at: rowAt(index), values }))),
  );
  return { rows, problems: [] };
}

/** A device is taken out of a room before it is set up in the next. */
function inOrder(rows: ImportRow[]): ImportRow[] {
  const timeOf = ({ values }: ImportRow) => `${String(values["installed_at"])} ${String(values["ended_at"] ?? "open")}`;
  return rows[0]?.part.part === "device_setups" ? rows.toSorted((a, b) => compare(timeOf(a), timeOf(b))) : rows;
}

type Issue = { path: PropertyKey[]; code: string; message: string; keys?: string[] };

function problemsOf({ path, code, message, keys = [] }: Issue, rowAt: (index: PropertyKey) => number): Problem[] {
  const [part, index, column] = path;
  if (part === undefined && code !== "unrecognized_keys") return [{ message: "Send a JSON object." }];
  if (part === undefined) return keys.map((key) => ({ message: `There is no part ${shown(key)}.` }));
  if (index === undefined) return [{ part: String(part), message: "This is no list of rows." }];
  const place = { part: String(part), at: rowAt(index) };
  if (code === "unrecognized_keys" && column === undefined) {
    return keys.map((key) => ({ ...place, message: `There is no field ${shown(key)}.` }));
  }
  if (column === undefined) return [{ ...place, message: "This is no object." }];
  return [{ ...place, column: String(column), message }];
}

/** The one part of a document that a table is, and the lines of its rows. */
export function documentOfTable(part: Part, { columns, rows }: CsvTable) {
  const ofHeader = headerProblems(part, columns).map((message) => ({ part: part.part, at: 1, message }));
  if (ofHeader.length > 0) return { document: {}, lines: [], problems: ofHeader };
  const problems = rows
    .filter(({ cells }) => cells.length !== columns.length)
    .map(({ line, cells }) => {
      const message = `The header has ${String(columns.length)} cells, and this row ${String(cells.length)}.`;
      return { part: part.part, at: line, message };
    });
  const values = rows.map(({ cells }) =>
    Object.fromEntries(columns.map((column, at) => [column, valueOf(part, column, (cells[at] ?? "").trim())])),
  );
  return { document: { [part.part]: values }, lines: rows.map(({ line }) => line), problems };
}

function headerProblems(part: Part, columns: readonly string[]): string[] {
  const given = new Set(columns);
  const needed = part.columns.filter((column) => column !== "corporation" || part.resource === "clients");
  return [
    ...columns.filter((column) => !part.columns.includes(column)).map((name) => `There is no column ${shown(name)}.`),
    ...needed.filter((column) => !given.has(column)).map((column) => `The column ${column} is missing.`),
    ...(given.size < columns.length ? ["A column is there twice."] : []),
  ];
}

/** What others wrote, at a length that people read. */
function shown(name: string): string {
  return `"${name.slice(0, 64)}"`;
}

function valueOf({ resource }: Part, column: string, cell: string): string | number | null | undefined {
  const field = RESOURCES[resource].fields.find(({ name }) => name === column);
  if (cell === "") return field?.isOptional ? null : undefined;
  return field?.kind === "money" && /^-?\d{1,15}$/.test(cell) ? Number(cell) : cell;
}

/** In an order that says nothing of when they were added. */
export function sorted({ columns }: Part, rows: readonly MasterDataRow[]): MasterDataRow[] {
  // No value has the character in it.
  const keyed = rows.map((row) => ({ row, key: columns.map((column) => String(row[column])).join("\0") }));
  return keyed.sort((one, other) => compare(one.key, other.key)).map(({ row }) => row);
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
