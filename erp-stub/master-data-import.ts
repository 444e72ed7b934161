import { FieldsError } from "./field-errors.ts";
import { columnOf, type ImportRow, keyOf, namingOf, type Part, type Problem, type Values } from "./master-data.ts";
import type { ImportCounts } from "./master-data-contract.ts";
import type { Body, By } from "./resource-integrity-store.ts";
import type { ResourceStore, Row } from "./resource-store.ts";
import type { ResourceWrites } from "./resource-write-store.ts";
import { RESOURCES, type ResourceName } from "./resources.ts";

export const MAX_PROBLEMS = 50;

type Known = { row: Row; isTaken: boolean };
type Index = ReturnType<typeof openIndex>;
type Target = { resources: ResourceStore; writes: ResourceWrites; by: By };

/** Adds what is new and changes what differs, within one `db.write`; what has problems is to be undone by the caller. */
export function importRows(rows: readonly ImportRow[], { resources, writes, by }: Target) {
  const index = openIndex(resources);
  const counts: ImportCounts = { added: 0, changed: 0, unchanged: 0 };
  const problems: Problem[] = [];
  let previous: ImportRow | undefined;
  for (const row of rows) {
    // What follows refers to what came before: without it, it would be wrong in the same way again.
    if (problems.length >= MAX_PROBLEMS || (problems.length > 0 && row.part !== previous?.part)) break;
    const done = importRow(row, { index, writes, by });
    if (typeof done === "string") counts[done] += 1;
    else problems.push(...done.map((problem) => ({ part: row.part.part, at: row.at, ...problem })));
    previous = row;
  }
  return { counts, problems };
}

type Way = { index: Index; writes: ResourceWrites; by: By };

function importRow({ part, values }: ImportRow, { index, writes, by }: Way): keyof ImportCounts | Problem[] {
  const { own, references } = part;
  const found = references.map(({ name, to }) => [name, index.find(to, values)] as const);
  const missing = found.flatMap(([, one]) => ("message" in one ? one : []));
  if (missing.length > 0) return missing;
  const ids = found.map(([name, one]) => [name, "row" in one ? one.row.id : undefined] as const);
  const body: Body = Object.fromEntries([...own.map((field) => [field, values[field]] as const), ...ids]);
  try {
    return keep(part, body, { index, writes, by });
  } catch (error) {
    if (!(error instanceof FieldsError)) throw error;
    return Object.entries(error.errors).flatMap(([field, messages]) =>
      messages.map((message) => ({ column: columnOf(part, field), message })),
    );
  }
}

/** @throws {FieldsError} when what is in the store does not allow it */
function keep({ resource, own }: Part, body: Body, { index, writes, by }: Way): keyof ImportCounts {
  const candidates = index.candidates(resource, body);
  const known = choose(candidates, body);
  if (!known) {
    const isTwice = candidates.length > 0 && resource !== "device-setups";
    if (isTwice) throw new FieldsError({ [String(own[0])]: ["This was listed before."] });
    candidates.push({ row: writes.add(resource, { body }, by), isTaken: true });
    return "added";
  }
  known.isTaken = true;
  if (isSame(known.row, body)) return "unchanged";
  writes.change(resource, { id: known.row.id, body }, by);
  return "changed";
}

/** More than one is there only of device setups, of which all but one ended when they began. */
function choose(candidates: readonly Known[], body: Body): Known | undefined {
  const free = candidates.filter(({ isTaken }) => !isTaken);
  const isLasting = ({ row }: Known) => row["ended_at"] !== row["installed_at"];
  return free.find(({ row }) => isSame(row, body)) ?? free.find(isLasting) ?? free[0];
}

/** What is not said stays as it is. */
function isSame(row: Row, body: Body): boolean {
  return Object.entries(body).every(([field, value]) => value === undefined || value === row[field]);
}

/** Finds rows by what tells them apart, those too that were added meanwhile. */
function openIndex(resources: ResourceStore) {
  const indexes = new Map<ResourceName, Map<string, Known[]>>();
  let clients: Map<unknown, Known[]> | undefined;

  const indexOf = (name: ResourceName) =>
    indexes.getOrInsertComputed(name, () => {
      const known = allRows(resources, name).map((row): Known => ({ row, isTaken: false }));
      return Map.groupBy(known, ({ row }) => keyOf(name, row));
    });
  const candidates = (name: ResourceName, values: Values) =>
    indexOf(name).getOrInsertComputed(keyOf(name, values), () => []);

  /** Without its corporation. All clients are there before the first row that may name one. */
  function clientCalled(name: unknown): Known | Problem {
    clients ??= Map.groupBy([...indexOf("clients").values()].flat(), ({ row }) => row["name"]);
    const [one, another] = clients.get(name) ?? [];
    return another ? AMBIGUOUS : (one ?? nothing("clients", name));
  }

  /** The row that is meant, or why there is none. */
  function find(to: ResourceName, values: Values): Known | Problem {
    const { column, field, within } = namingOf(to);
    const name = values[column];
    if (to === "clients" && typeof values["corporation"] !== "string") return clientCalled(name);
    const outer = within && find(within.to, values);
    if (outer && "message" in outer) return outer;
    const named = { [field]: name, ...(within && { [within.field]: outer?.row.id }) };
    return candidates(to, named)[0] ?? nothing(to, name);
  }

  return { candidates, find };
}

const AMBIGUOUS: Problem = { column: "corporation", message: "Several clients are called so: name the corporation." };

function nothing(to: ResourceName, name: unknown): Problem {
  return { column: namingOf(to).column, message: `There is no ${RESOURCES[to].one} "${String(name)}".` };
}

export function allRows(resources: ResourceStore, name: ResourceName): Row[] {
  return resources.list(name, { client: null, limit: Number.MAX_SAFE_INTEGER }).rows;
}
