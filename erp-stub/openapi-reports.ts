/** The three reports by client and period. */
import type { Schema } from "../plumbing/schema-fields.ts";
import {
  answerRef,
  jsonAnswer,
  type Operation,
  type Operations,
  objectSchema,
  type Parameter,
  schemaRef,
} from "./openapi-parts.ts";
import { REFUSALS } from "./openapi-shared.ts";
import { CHARGE_UNITS } from "./operations-contract.ts";

const TAG = "Reports";

export const REPORT_TAG = {
  name: TAG,
  description: [
    "What a client used, owes and paid in a period of its own local days. With `.csv` behind the name the same comes as a table.",
    "A client that is charged daily pays for each local day on which a device was in use; one that is charged hourly for the time in use, time-in to time-out where a device reported those, rounded up to whole hours for each device and period. A usage without check-out ends when the device checks in again (`unclosed`) or runs to now (`open`). Where Katlai’s documentation is silent on how usages are charged, this is our reading.",
  ].join("\n\n"),
};

const day = (description: string): Schema => ({ type: "string", format: "date", description });
const count = (description: string): Schema => ({ type: "integer", minimum: 0, description });
const text = (description: string): Schema => ({ type: "string", description });
const cents = (description: string) => count(`${description}, in minor units.`);
const ms = (description: string) => count(`${description}, in milliseconds.`);

const PARAMETERS: Parameter[] = [
  {
    name: "client_id",
    in: "query",
    description: "The client. A key that is bound to one may leave it out, all others may not.",
    schema: { type: "integer", minimum: 1 },
    example: 1,
  },
  {
    name: "from",
    in: "query",
    description: "The first day, in the client’s time zone; the first of the present month unless given.",
    schema: { type: "string", format: "date" },
    example: "2024-11-01",
  },
  {
    name: "to",
    in: "query",
    description: "The last day, which is within; the last of the present month unless given. At most a year later.",
    schema: { type: "string", format: "date" },
    example: "2024-11-30",
  },
];

const CLIENT = {
  id: 1,
  name: "Harbour View Hotel",
  timezone: "Asia/Hong_Kong",
  charge_rate_cents: 2_500,
  charge_unit: "hourly",
};
const TERMS = { client: CLIENT, from: "2024-11-01", to: "2024-11-30" };

const IN_TERMS: Record<string, Schema> = {
  client: {
    ...objectSchema({
      id: { type: "integer", minimum: 1, description: "Its id." },
      name: text("Its name."),
      timezone: text("Whose days are meant."),
      charge_rate_cents: cents("What a day or a begun hour costs"),
      charge_unit: { type: "string", enum: [...CHARGE_UNITS], description: "What is charged." },
    }),
    description: "The client that the report is about.",
  },
  from: day("The first day."),
  to: day("The last day, which is within."),
};

type Report = {
  title: string;
  about: string;
  fields: Record<string, Schema>;
  line: Schema;
  example: object;
  csv: string;
};

const REPORTS: Record<"device-usage" | "payments" | "billables", Report> = {
  "device-usage": {
    title: "device usage",
    about: "Each usage that touches the period, the newest first, and how many began on each day.",
    fields: {
      ms: ms("How long all of them were in use within the period"),
      days: {
        type: "array",
        items: objectSchema({
          day: day("The local day."),
          usages: count("How many began, or went on from before the period."),
          ms: ms("How long those were in use"),
        }),
        description: "Every day of the period.",
      },
    },
    line: objectSchema({
      id: { type: "integer", minimum: 1, description: "The usage’s id." },
      serial: text("The device."),
      room: text("Where it stood."),
      scent: text("The code of the scent."),
      source: text("`webhook` or `manual`."),
      status: text("What happened last."),
      checkin_at: { type: "string", format: "date-time", description: "When it began." },
      checkout_at: {
        type: ["string", "null"],
        format: "date-time",
        description: "When it was checked out, if it was.",
      },
      ms: ms("How long it was in use within the period"),
      ending: {
        type: "string",
        enum: ["closed", "unclosed", "open"],
        description: "`unclosed` if the device checked in again without a check-out, `open` if it goes on.",
      },
    }),
    example: {
      ms: 5_400_000,
      days: [{ day: "2024-11-01", usages: 1, ms: 5_400_000 }],
      data: [
        {
          id: 1,
          serial: "dev-0001",
          room: "Room 102",
          scent: "wood",
          source: "webhook",
          status: "checkout",
          checkin_at: "2024-11-01T08:00:00.000Z",
          checkout_at: "2024-11-01T09:30:00.000Z",
          ms: 5_400_000,
          ending: "closed",
        },
      ],
    },
    csv: "id,serial,room,scent,checkin,checkout,minutes,flag,source\r\n1,dev-0001,Room 102,wood,2024-11-01 16:00:00,2024-11-01 17:30:00,90.0,,webhook\r\n",
  },
  payments: {
    title: "payments",
    about: "Each payment of the period.",
    fields: { amount_cents: cents("What they come to") },
    line: objectSchema({
      id: { type: "integer", minimum: 1, description: "The payment’s id." },
      paid_on: day("The day of the payment."),
      amount_cents: cents("What was paid"),
      note: { type: ["string", "null"], description: "What was noted." },
      source: text("`manual` if a person entered it."),
    }),
    example: {
      amount_cents: 250_000,
      data: [{ id: 1, paid_on: "2024-11-30", amount_cents: 250_000, note: "November", source: "manual" }],
    },
    csv: "paid_on,amount,note,source\r\n2024-11-30,2500.00,November,manual\r\n",
  },
  billables: {
    title: "billables",
    about: "What the period costs, by device.",
    fields: { units: count("Days or hours of all devices."), amount_cents: cents("What they come to") },
    line: objectSchema({
      serial: text("The device."),
      usages: count("How many of its usages touch the period."),
      ms: ms("How long it was in use; what several usages have in common counts once"),
      days: count("How many local days it was in use on."),
      units: count("Days or begun hours, as the client is charged."),
      unclosed: count("How many usages have no check-out because the device checked in again."),
      open: count("How many go on."),
      amount_cents: cents("What it comes to"),
    }),
    example: {
      units: 2,
      amount_cents: 5_000,
      data: [
        { serial: "dev-0001", usages: 1, ms: 5_400_000, days: 1, units: 2, unclosed: 0, open: 0, amount_cents: 5_000 },
      ],
    },
    csv: "device,usages,minutes,unclosed,open,hours,rate,amount\r\ndev-0001,1,90.0,0,0,2,25.00,50.00\r\n",
  },
};

const NAMES = Object.keys(REPORTS) as (keyof typeof REPORTS)[];

export const REPORT_OPERATIONS: Operations = Object.assign({}, ...NAMES.map(operationsOf));

export const REPORT_SCHEMAS: Record<string, Schema> = Object.fromEntries(
  NAMES.map((name) => [componentOf(name), schemaOf(REPORTS[name])]),
);

function schemaOf({ fields, line }: Report): Schema {
  const data: Schema = { type: "array", items: line, description: "The lines of the report." };
  return objectSchema({ ...IN_TERMS, ...fields, data });
}

function operationsOf(name: keyof typeof REPORTS): Operations {
  const { title, about, example, csv } = REPORTS[name];
  const refusals = { ...REFUSALS, 422: answerRef("BadParameters") };
  const asked: Pick<Operation, "tags" | "parameters"> = { tags: [TAG], parameters: PARAMETERS };
  return {
    [`GET /api/reports/${name}`]: {
      ...asked,
      summary: `Report ${title}`,
      description: about,
      responses: {
        200: jsonAnswer("The report.", schemaRef(componentOf(name)), { report: { value: { ...TERMS, ...example } } }),
        ...refusals,
      },
    },
    [`GET /api/reports/${name}.csv`]: {
      ...asked,
      summary: `Report ${title} as CSV`,
      description: `${about} A line each; times are by the client’s clock, and amounts in major units.`,
      responses: {
        200: {
          description: "The report, as a file to save.",
          content: { "text/csv": { schema: { type: "string" }, examples: { report: { value: csv } } } },
        },
        ...refusals,
      },
    },
  };
}

/** `device-usage` is `DeviceUsageReport`. */
function componentOf(name: string): string {
  const words = `${name}-report`.split("-");
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
}
