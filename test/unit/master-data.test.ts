import { describe, expect, test } from "vitest";
import { readCsv } from "../../erp-stub/csv.ts";
import { columnOf, documentOfTable, keyOf, PARTS, readDocument, sorted } from "../../erp-stub/master-data.ts";

const partCalled = (name: string) => {
  const part = PARTS.find((one) => one.part === name);
  if (!part) throw new Error(`no part ${name}`);
  return part;
};
const problemsOf = (document: unknown) =>
  readDocument(document).problems.map(({ part, at, column, message }) => [part, at, column, message]);
const tableOf = (name: string, text: string) => {
  const table = readCsv(text, 100);
  if ("problem" in table) throw new Error(table.problem);
  return documentOfTable(partCalled(name), table);
};

const CLIENT = {
  corporation: "Sea Hotels",
  name: "Harbour View",
  client_type: "hotel",
  timezone: "Asia/Hong_Kong",
  charge_rate_cents: 2_500,
  charge_unit: "hourly",
};

test("each part has the columns that name what it refers to, and its own", () => {
  expect(PARTS.map(({ part, columns }) => [part, ...columns])).toEqual([
    ["corporations", "name"],
    ["clients", "corporation", "name", "client_type", "timezone", "charge_rate_cents", "charge_unit"],
    ["device_types", "code", "name"],
    ["rooms", "corporation", "client", "name"],
    ["devices", "device_type", "serial"],
    ["device_setups", "serial", "corporation", "client", "room", "installed_at", "ended_at"],
    ["scents", "code", "name"],
    ["schedules", "start_time", "end_time"],
  ]);
});

describe("reading a document", () => {
  test("brings rows into the order in which they build on each other, with their numbers", () => {
    const { rows, problems } = readDocument({
      rooms: [{ client: " Harbour View ", name: "101" }],
      clients: [CLIENT],
      corporations: [{ name: "Sea Hotels" }, { name: "Lake Hotels" }],
    });
    expect(problems).toEqual([]);
    expect(rows.map(({ part, at }) => [part.part, at])).toEqual([
      ["corporations", 1],
      ["corporations", 2],
      ["clients", 1],
      ["rooms", 1],
    ]);
    expect(rows[3]?.values).toEqual({ client: "Harbour View", name: "101" });
  });

  test("takes a device out of a room before it is set up in the next, by the times and not by their spelling", () => {
    const at = { serial: "A-1", client: "H", room: "1" };
    const { rows } = readDocument({
      device_setups: [
        { ...at, installed_at: "2026-03-01T00:00:00Z" },
        { ...at, installed_at: "2026-02-01T08:00:00+08:00", ended_at: "2026-03-01T00:00:00Z" },
        { ...at, installed_at: "2026-03-01T00:00:00Z", ended_at: "2026-03-01T00:00:00Z" },
      ],
    });
    expect(rows.map((row) => [row.at, row.values["installed_at"]])).toEqual([
      [2, "2026-02-01T00:00:00.000Z"],
      [3, "2026-03-01T00:00:00.000Z"],
      [1, "2026-03-01T00:00:00.000Z"],
    ]);
  });

  test.for<[what: string, document: unknown, problem: unknown[]]>([
    ["a list", [], [undefined, undefined, undefined, "Send a JSON object."]],
    ["nothing", undefined, [undefined, undefined, undefined, "Send a JSON object."]],
    ["an unknown part", { hotels: [] }, [undefined, undefined, undefined, 'There is no part "hotels".']],
    ["a part that is no list", { rooms: {} }, ["rooms", undefined, undefined, "This is no list of rows."]],
    [
      "a row that is no object",
      { scents: [{ code: "a", name: "A" }, "b"] },
      ["scents", 2, undefined, "This is no object."],
    ],
    [
      "an unknown field",
      { corporations: [{ name: "A", id: 1 }] },
      ["corporations", 1, undefined, 'There is no field "id".'],
    ],
    ["a name that is missing", { rooms: [{ name: "1" }] }, ["rooms", 1, "client", "The client field is required."]],
    [
      "a name that is none",
      { rooms: [{ client: 1, name: "1" }] },
      ["rooms", 1, "client", "The client field must be a string."],
    ],
    [
      "a corporation that is missing",
      { clients: [{ ...CLIENT, corporation: null }] },
      ["clients", 1, "corporation", "The corporation field is required."],
    ],
    [
      "a bad value",
      { clients: [{ ...CLIENT, charge_rate_cents: 25.5 }] },
      ["clients", 1, "charge_rate_cents", "The charge rate field must be an integer."],
    ],
    [
      "a bad time",
      { schedules: [{ start_time: "8:00", end_time: "09:00:00" }] },
      ["schedules", 1, "start_time", "The start time field must match the format H:i:s."],
    ],
    [
      "too many rows",
      { rooms: Array(30_000).fill({}), devices: Array(20_001).fill({}) },
      [undefined, undefined, undefined, "An import may have 50,000 rows at most."],
    ],
  ])("says what is wrong with %s", ([, document, problem]) => {
    expect(problemsOf(document)).toEqual([problem]);
  });

  test("names every row and field that is wrong at once", () => {
    const found = problemsOf({
      corporations: [{}, { name: "A" }],
      clients: [{ ...CLIENT, timezone: "Mars", charge_unit: "weekly" }],
    });
    expect(found.map((problem) => problem.slice(0, 3))).toEqual([
      ["corporations", 1, "name"],
      ["clients", 1, "timezone"],
      ["clients", 1, "charge_unit"],
    ]);
  });
});

describe("reading a table", () => {
  test("makes numbers of amounts, and nothing of empty cells", () => {
    const { document, lines, problems } = tableOf(
      "clients",
      "corporation;name;client_type;timezone;charge_rate_cents;charge_unit\nSea; Harbour ;hotel;UTC;2500;daily\n\nSea;;spa;UTC;25.00;daily\n",
    );
    expect([problems, lines]).toEqual([[], [2, 4]]);
    const rest = { corporation: "Sea", timezone: "UTC", charge_unit: "daily" };
    expect(document).toEqual({
      clients: [
        { ...rest, name: "Harbour", client_type: "hotel", charge_rate_cents: 2_500 },
        { ...rest, name: undefined, client_type: "spa", charge_rate_cents: "25.00" },
      ],
    });
    expect(readDocument(document, lines).problems.map(({ at, column }) => [at, column])).toEqual([
      [4, "name"],
      [4, "charge_rate_cents"],
    ]);
  });

  test("a device that still stands somewhere has an empty end", () => {
    const { document } = tableOf(
      "device_setups",
      "serial,client,room,installed_at,ended_at\nA-1,H,1,2026-03-01T00:00:00Z,\n",
    );
    expect(document).toMatchObject({ device_setups: [{ serial: "A-1", ended_at: null }] });
  });

  test.for<[text: string, problems: string[]]>([
    ["client,name\n", []],
    ["name,client,corporation\n", []],
    ["client,name,floor\nH,1,2\n", ['There is no column "floor".']],
    ["client\nH\n", ["The column name is missing."]],
    ["client,name,name\nH,1,1\n", ["A column is there twice."]],
    ["client,name\nH,1,2\nH\n", ["The header has 2 cells, and this row 3.", "The header has 2 cells, and this row 1."]],
  ])("%j has the problems %j", ([text, problems]) => {
    expect(tableOf("rooms", text).problems.map(({ message }) => message)).toEqual(problems);
  });
});

describe("telling rows apart", () => {
  test("rooms by their client and name, setups by their device and time, scents in any case", () => {
    expect(keyOf("rooms", { client_id: 1, name: "101", id: 7 })).toBe(keyOf("rooms", { client_id: 1, name: "101" }));
    expect(keyOf("rooms", { client_id: 1, name: "a" })).not.toBe(keyOf("rooms", { client_id: 1, name: "A" }));
    expect(keyOf("rooms", { client_id: 1, name: "101" })).not.toBe(keyOf("rooms", { client_id: 11, name: "01" }));
    expect(keyOf("scents", { code: "Wood" })).toBe(keyOf("scents", { code: "wOOD" }));
    expect(keyOf("scents", { code: "É" })).not.toBe(keyOf("scents", { code: "é" }));
  });

  test("a field is found by the column that people know", () => {
    const part = partCalled("device_setups");
    expect(["device_id", "room_id", "installed_at"].map((field) => columnOf(part, field))).toEqual([
      "serial",
      "room",
      "installed_at",
    ]);
  });
});

test("rows are sorted by all of their columns, whatever order they come in", () => {
  const rows = ["10", "2", "1"].flatMap((name) => ["B", "A"].map((client) => ({ corporation: "C", client, name })));
  const names = sorted(partCalled("rooms"), rows).map(({ client, name }) => `${String(client)}${String(name)}`);
  expect(names).toEqual(["A1", "A10", "A2", "B1", "B10", "B2"]);
});
