/** Import and export of the master data. */
import { masterDataSchema, PARTS } from "./master-data.ts";
import {
  type Answer,
  bodySchema,
  type Content,
  jsonAnswer,
  jsonContent,
  type Operation,
  type Operations,
  objectSchema,
  type Parameter,
  problemAnswer,
  schemaRef,
} from "./openapi-parts.ts";
import { REFUSALS, REFUSALS_OF_BODIES } from "./openapi-shared.ts";
import { RESOURCES } from "./resources.ts";

const TAG = "Import and export";

export const TRANSFER_TAG = {
  name: TAG,
  description: [
    "Hotels, rooms, devices and what belongs to them, as one JSON document or as a table of each kind. Rows name each other by what people call them and not by ids, so that what one ERP exports another can import.",
    "An import adds what is new, changes what differs and removes nothing. All of it is written, or nothing. It may have 5 MB and 50,000 rows.",
  ].join("\n\n"),
};

const DRY_RUN: Parameter = {
  name: "dry_run",
  in: "query",
  description: "`true` checks all of it and keeps nothing.",
  schema: { type: "string", enum: ["true", "false"], default: "false" },
  example: "true",
};

const HOTEL = { corporation: "Katlai Demo Hotels", client: "Harbour View Hotel" };
const EXAMPLE = {
  corporations: [{ name: "Katlai Demo Hotels" }],
  clients: [
    {
      corporation: "Katlai Demo Hotels",
      name: "Harbour View Hotel",
      client_type: "hotel",
      timezone: "Asia/Hong_Kong",
      charge_rate_cents: 2_500,
      charge_unit: "hourly",
    },
  ],
  device_types: [{ code: "app2x", name: "Aroma Pod Pro 4 capsules" }],
  rooms: [{ ...HOTEL, name: "Room 102" }],
  devices: [{ device_type: "app2x", serial: "dev-0001" }],
  device_setups: [
    { serial: "dev-0001", ...HOTEL, room: "Room 102", installed_at: "2024-10-28T02:30:00.000Z", ended_at: null },
  ],
  scents: [{ code: "wood", name: "Wood" }],
  schedules: [{ start_time: "08:00:00", end_time: "12:00:00" }],
};

const IMPORTED = jsonAnswer("Imported, or with `dry_run` what would come of it.", schemaRef("Imported"), {
  counts: { value: { added: 1, changed: 0, unchanged: 7 } },
});

const REFUSALS_OF_IMPORTS: Operation["responses"] = {
  ...REFUSALS_OF_BODIES,
  413: problemAnswer("The body is larger than 5 MB.", {
    title: "Too large",
    status: 413,
    detail: "The body is larger than 5000000 bytes.",
  }),
  422: problemAnswer("Something is wrong in it; `errors` has the first problems by part, row or line, and column.", {
    title: "Not acceptable",
    status: 422,
    detail: "Row 1 of rooms, name: The name field is required.",
    errors: { "rooms.1.name": ["Row 1 of rooms, name: The name field is required."] },
  }),
};

const NO_TABLE = problemAnswer("The body is not `text/csv`, or has a `Content-Encoding`.", {
  title: "Unsupported media type",
  status: 415,
  detail: "Send the table as text/csv.",
});

const WHOLE: Operations = {
  "GET /api/master-data": {
    tags: [TAG],
    summary: "Export all master data",
    description: "With all parts and columns, in an order that depends on nothing but the rows.",
    responses: {
      200: jsonAnswer("The master data.", schemaRef("MasterData"), { document: { value: EXAMPLE } }),
      ...REFUSALS,
    },
  },
  "POST /api/master-data": {
    tags: [TAG],
    summary: "Import master data",
    description: "With any of the parts.",
    parameters: [DRY_RUN],
    requestBody: { required: true, content: jsonContent(schemaRef("MasterData"), { document: { value: EXAMPLE } }) },
    responses: { 200: IMPORTED, ...REFUSALS_OF_IMPORTS },
  },
};

export const TRANSFER_OPERATIONS: Operations = Object.assign({}, WHOLE, ...PARTS.map(tableOperations));

type Part = (typeof PARTS)[number];

function tableOperations(part: Part): Operations {
  const many = RESOURCES[part.resource].many.toLowerCase();
  const columns = part.columns.map((column) => `\`${column}\``).join(", ");
  const { 400: _, ...refusals } = REFUSALS_OF_IMPORTS;
  const exported: Answer = { description: "The table, as a file to save.", content: tableOf(part) };
  return {
    [`GET /api/master-data/${part.resource}.csv`]: {
      tags: [TAG],
      summary: `Export ${many}`,
      description: `A table with the columns ${columns}. What a spreadsheet would take for a formula begins with an apostrophe.`,
      responses: { 200: exported, ...REFUSALS },
    },
    [`POST /api/master-data/${part.resource}`]: {
      tags: [TAG],
      summary: `Import ${many}`,
      description: `A table with the columns ${columns}, in any order. Commas, semicolons or tabs may stand between cells.`,
      parameters: [DRY_RUN],
      requestBody: { required: true, content: tableOf(part) },
      responses: { 200: IMPORTED, ...refusals, 415: NO_TABLE },
    },
  };
}

function tableOf({ part, columns }: Part): Content {
  const rows: readonly Record<string, string | number | null>[] = EXAMPLE[part];
  const cells = rows.map((row) => columns.map((column) => row[column] ?? ""));
  const value = [columns, ...cells].map((line) => `${line.join(",")}\r\n`).join("");
  return { "text/csv": { schema: { type: "string" }, examples: { table: { value } } } };
}

const count = (description: string) => ({ type: "integer", minimum: 0, description });

const IN_MASTER_DATA = {
  name: "As people call it.",
  client_type: "What kind of house it is.",
  charge_unit: "What is charged.",
  corporation: "What the corporation is called. It may be left out where the client’s name is enough.",
};

export const TRANSFER_SCHEMAS = {
  MasterData: bodySchema(masterDataSchema, {
    ...IN_MASTER_DATA,
    ...Object.fromEntries(PARTS.map(({ part, resource }) => [part, `${RESOURCES[resource].many}.`])),
  }),
  Imported: objectSchema({
    added: count("How many rows are new."),
    changed: count("How many differed."),
    unchanged: count("How many were as they are."),
  }),
};
