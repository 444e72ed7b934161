import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvOf, readCsv } from "../../erp-stub/csv.ts";

const MARK = "\ufeff";
const read = (text: string) => readCsv(text, 1_000);
const rowsOf = (text: string) => {
  const table = read(text);
  return "problem" in table ? table : table.rows.map(({ cells }) => cells);
};

describe("writing", () => {
  test("lines end with CR LF, cells are quoted where they have to be, and nothing stands for null", () => {
    const text = csvOf(
      ["name", "rate"],
      [
        ["Sea, Sun", 2500],
        ['The "Inn"', null],
        ["two\nlines", -5],
      ],
    );
    expect(text).toBe('name,rate\r\n"Sea, Sun",2500\r\n"The ""Inn""",\r\n"two\nlines",-5\r\n');
  });

  test.for(["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "'=1+1", "''@x"])(
    "%j is no formula for a spreadsheet",
    (cell) => {
      const [, line = ""] = csvOf(["name"], [[cell]]).split("\r\n");
      expect(line.replace(/^"/, "")).toMatch(/^'/);
      expect(rowsOf(csvOf(["name", "more"], [[cell, "x"]]))).toEqual([[cell.replace("\r", "\n"), "x"]]);
    },
  );

  test("an apostrophe that defuses nothing stays, and a negative number is no formula", () => {
    expect(csvOf(["name"], [["'s-Hertogenbosch"], [-5]])).toBe("name\r\n's-Hertogenbosch\r\n-5\r\n");
    expect(rowsOf("name\n's-Hertogenbosch\n")).toEqual([["'s-Hertogenbosch"]]);
  });

  test("a byte order mark stands before it when it is for Excel, and is not read as a part of the first column", () => {
    const text = csvOf(["name"], [["Zürich"]], { hasMark: true });
    expect(text).toBe(`${MARK}name\r\nZürich\r\n`);
    expect(read(text)).toEqual({ columns: ["name"], rows: [{ line: 2, cells: ["Zürich"] }] });
  });
});

describe("reading", () => {
  test.for<[what: string, text: string]>([
    ["commas", 'code,name\r\nwood,"Wood, warm"\r\n'],
    ["semicolons, as Excel has them in Europe", "code;name\r\nwood;Wood, warm\r\n"],
    ["tabs, as they are pasted from a spreadsheet", "code\tname\nwood\tWood, warm"],
    ["old line ends", "code;name\rwood;Wood, warm\r"],
    ["mixed line ends", "code;name\r\nwood;Wood, warm\n"],
    ["a byte order mark", `${MARK}"code";"name"\nwood;"Wood, warm"`],
    ["capitals and spaces in the header", " Code ; NAME\nwood;Wood, warm"],
    ["empty lines and rows", "\n\ncode;name\n\n;\nwood;Wood, warm\n;\n\n"],
  ])("understands %s", ([, text]) => {
    expect(read(text)).toMatchObject({ columns: ["code", "name"], rows: [{ cells: ["wood", "Wood, warm"] }] });
  });

  test("says in which line a row begins, whatever stands before it", () => {
    const text = 'code,name\r\n\r\na,"two\r\nlines"\r\n,\r\nb,c\r\n';
    const table = read(text);
    expect("problem" in table ? [] : table.rows.map(({ line }) => line)).toEqual([3, 6]);
  });

  test.for<[text: string, line: number, problem: RegExp]>([
    ["", 1, /nothing/],
    [MARK, 1, /nothing/],
    [" \n\r\n", 1, /nothing/],
    ['a,b\n1,"2', 2, /quotes/],
    ['a,b\n1,2\n"x"y,3', 3, /quotes/],
    ["a,b\r\n1,2\r\nZ\ufffdrich,3", 3, /not UTF-8/],
  ])("%j cannot be read, from line %i on", ([text, line, problem]) => {
    expect(read(text)).toEqual({ line, problem: expect.stringMatching(problem) as string });
  });

  test("reads one row more than it may, and no other", () => {
    const text = `n\n${"x\n".repeat(50)}`;
    const table = readCsv(text, 10);
    expect("problem" in table ? 0 : table.rows.length).toBe(11);
  });
});

test("what is written is read again, with any cells and however it is for", { timeout: 30_000 }, () => {
  const start = fc.constantFrom("", "'", "''", "=", "+", "-", "@", "\t", "'=", '"', " ");
  const cell = fc.tuple(start, fc.string({ unit: "grapheme", maxLength: 8 })).map((both) => both.join(""));
  const clean = cell.filter((text) => !text.includes("\ufffd")).map((text) => text.replace(/\r\n?/g, "\n"));
  const rows = fc.array(fc.tuple(fc.constant("x"), clean, clean), { maxLength: 8 });
  fc.assert(
    fc.property(rows, fc.boolean(), (given, hasMark) => {
      expect(rowsOf(csvOf(["a", "b", "c"], given, { hasMark }))).toEqual(given);
    }),
    { numRuns: 500 },
  );
});
