/** The master data as a whole: read as it is called outside, and written from that, all or nothing. */
import { csvOf, readCsv } from "./csv.ts";
import { FieldsError } from "./field-errors.ts";
import {
  documentOfTable,
  type ImportRow,
  MAX_ROWS,
  namingOf,
  PARTS,
  type Part,
  type Problem,
  readDocument,
  sorted,
} from "./master-data.ts";
import type { ImportCounts, MasterData, MasterDataRow } from "./master-data-contract.ts";
import { allRows, importRows, MAX_PROBLEMS } from "./master-data-import.ts";
import type { Operations } from "./operations-store.ts";
import type { By } from "./resource-integrity-store.ts";
import type { ResourceStore, Row } from "./resource-store.ts";
import type { ResourceName } from "./resources.ts";

/** A trial checks all of it, and keeps nothing. */
export type How = { by: By; isTrial: boolean };

/** By what people find a row: its number in a list, or its line in a table. */
type Unit = "row" | "line";

export type MasterDataStore = ReturnType<typeof openMasterData>;

export function openMasterData({ resources, inOneCommit }: Pick<Operations, "resources" | "inOneCommit">) {
  async function keep(rows: readonly ImportRow[], { by, isTrial }: How, unit: Unit): Promise<ImportCounts> {
    const trial = new TrialError();
    try {
      return await inOneCommit((writes) => {
        const { counts, problems } = importRows(rows, { resources, writes, by });
        refuse(problems, unit);
        trial.counts = counts;
        if (isTrial) throw trial;
        return counts;
      });
    } catch (error) {
      if (error === trial) return trial.counts;
      throw error;
    }
  }

  return {
    read(): MasterData {
      const rowsOf = readParts(resources);
      return Object.fromEntries(PARTS.map((part) => [part.part, rowsOf(part)])) as MasterData;
    },

    /** @param options as `csvOf` has them */
    readCsv(part: Part, options: { hasMark?: boolean } = {}): string {
      const rows = readParts(resources)(part);
      const cells = rows.map((row) => part.columns.map((column) => row[column] ?? null));
      return csvOf(part.columns, cells, options);
    },

    /** @throws {FieldsError} with the first problems, by part, row and column */
    async importDocument(given: unknown, how: How): Promise<ImportCounts> {
      const { rows, problems } = readDocument(given);
      refuse(problems, "row");
      return keep(rows, how, "row");
    },

    /** @throws {FieldsError} with the first problems, by part, line and column */
    async importCsv(part: Part, text: string, how: How): Promise<ImportCounts> {
      const table = readCsv(text, MAX_ROWS);
      if ("problem" in table) throw refusalOf([{ part: part.part, at: table.line, message: table.problem }], "line");
      const { document, lines, problems: ofTable } = documentOfTable(part, table);
      refuse(ofTable, "line");
      const { rows, problems } = readDocument(document, lines);
      refuse(problems, "line");
      return keep(rows, how, "line");
    },
  };
}

/** Undoes a commit that was for trying only. */
class TrialError extends Error {
  override name = "TrialError";
  counts: ImportCounts = { added: 0, changed: 0, unchanged: 0 };
}

/** Rows by the names that they have outside; what is referred to is read once. */
function readParts(resources: ResourceStore): (part: Part) => MasterDataRow[] {
  const byId = new Map<ResourceName, Map<number, Row>>();
  const rowsById = (name: ResourceName) =>
    byId.getOrInsertComputed(name, () => new Map(allRows(resources, name).map((row) => [row.id, row])));

  function namesOf(to: ResourceName, id: unknown): MasterDataRow {
    const { column, field, within } = namingOf(to);
    const row = rowsById(to).get(Number(id));
    return { ...(within && namesOf(within.to, row?.[within.field])), [column]: row?.[field] ?? null };
  }

  function rowOf({ columns, references }: Part, row: Row): MasterDataRow {
    const names = Object.assign({}, ...references.map(({ name, to }) => namesOf(to, row[name]))) as MasterDataRow;
    return Object.fromEntries(columns.map((column) => [column, names[column] ?? row[column] ?? null]));
  }

  return (part) => {
    const rows = allRows(resources, part.resource).map((row) => rowOf(part, row));
    return sorted(part, rows);
  };
}

/** @throws {FieldsError} */
function refuse(problems: readonly Problem[], unit: Unit): void {
  if (problems.length > 0) throw refusalOf(problems, unit);
}

function refusalOf(problems: readonly Problem[], unit: Unit): FieldsError {
  const told = problems.slice(0, MAX_PROBLEMS).map(({ part, at, column, message }) => {
    const place = [at === undefined ? part : `${unit} ${String(at)} of ${String(part)}`, column];
    const words = place.filter((word) => word !== undefined).join(", ");
    const key = [part, at, column].filter((step) => step !== undefined).join(".");
    return { key: key === "" ? "body" : key, sentence: words === "" ? message : `${capitalized(words)}: ${message}` };
  });
  const byKey = [...Map.groupBy(told, ({ key }) => key)];
  return new FieldsError(Object.fromEntries(byKey.map(([key, all]) => [key, all.map(({ sentence }) => sentence)])));
}

function capitalized(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
