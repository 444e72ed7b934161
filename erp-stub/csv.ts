/** Tables as text that spreadsheets read and write: RFC 4180, and what Excel makes of it. */
import { CsvError, parse } from "csv-parse/sync";
import { stringify } from "csv-stringify/sync";

type Cell = string | number | null;

/** `line` is where a row begins in the text, counted from 1. */
export type CsvTable = { columns: string[]; rows: { line: number; cells: string[] }[] };

type CsvProblem = { line: number; problem: string };

/** A spreadsheet would run what begins like this; an apostrophe before it says that it is text. */
const FORMULA = /^'*[=+\-@\t\r\n]/;
const DEFUSED = /^'+[=+\-@\t\r\n]/;

/** What may stand between cells: Excel's choice depends on the country, and what is pasted from it has tabs. */
const DELIMITERS = [",", ";", "\t"];
const BYTE_ORDER_MARK = "\ufeff";
const NOT_UTF8 = "\ufffd";

/** @param options `hasMark`: begins with a byte order mark, without which Excel takes UTF-8 for something else */
export function csvOf(
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  { hasMark = false }: { hasMark?: boolean } = {},
): string {
  const records = [columns, ...rows].map((cells) => cells.map(defused));
  return (hasMark ? BYTE_ORDER_MARK : "") + stringify(records, { record_delimiter: "\r\n", quoted_match: /[\r\n]/ });
}

/** Empty rows are left out; at most `maxRows` and one more are read, so that too many are noticed. */
export function readCsv(given: string, maxRows: number): CsvTable | CsvProblem {
  if (given.includes(NOT_UTF8))
    return { line: lineOf(given, given.indexOf(NOT_UTF8)), problem: 'This is not UTF-8: save it as "CSV UTF-8".' };
  const text = given.replace(/\r\n?/g, "\n");
  try {
    const [header, ...rows] = recordsOf(text, maxRows + 2);
    if (!header) return { line: 1, problem: "There is nothing in it." };
    return { columns: header.cells.map((name) => name.trim().toLowerCase()), rows };
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { line: Number(error["lines"]), problem: "The quotes here do not match." };
  }
}

function recordsOf(text: string, most: number): CsvTable["rows"] {
  const records = parse(text, {
    bom: true,
    delimiter: delimiterOf(text),
    record_delimiter: "\n",
    relax_column_count: true,
    skip_empty_lines: true,
    skip_records_with_empty_values: true,
    info: true,
    to: most,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  return records.map(({ record, info }) => ({
    line: info.lines - record.reduce((breaks, cell) => breaks + cell.split("\n").length - 1, 0),
    cells: record.map((cell) => restored(cell)),
  }));
}

/** The header has names only, so what stands between them is it. */
function delimiterOf(text: string): string {
  const [header = ""] = text.trimStart().split("\n", 1);
  return DELIMITERS.toSorted((one, other) => header.split(other).length - header.split(one).length)[0] ?? ",";
}

function defused(cell: Cell): Cell {
  return typeof cell === "string" && FORMULA.test(cell) ? `'${cell}` : cell;
}

function restored(cell: string): string {
  return DEFUSED.test(cell) ? cell.slice(1) : cell;
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split(/\r\n?|\n/).length;
}
