/** What was done: the journal of Katlai's two endpoints, and the audit log of the back office. */
import type { Schema } from "../plumbing/schema-fields.ts";
import {
  answerRef,
  jsonAnswer,
  type Operations,
  objectSchema,
  type Parameter,
  parameterRef,
  schemaRef,
} from "./openapi-parts.ts";
import { REFUSALS } from "./openapi-shared.ts";

const TAG = "Logs";
const OUTCOMES = ["executed", "replayed", "refused"];

export const LOGS_TAG = {
  name: TAG,
  description:
    "The journal has every call of Katlai’s two endpoints, the audit log every change that people and programs made in the back office. Both are read from the newest on: `next` of one answer is the `before` of the next request.",
};

const BEFORE: Parameter = {
  name: "before",
  in: "query",
  description: "Only entries before the one with this id: what `next` said.",
  schema: { type: "integer", minimum: 1 },
};

const OUTCOME: Parameter = {
  name: "outcome",
  in: "query",
  description: "Only those with this outcome.",
  schema: { type: "string", enum: OUTCOMES },
  example: "refused",
};

const Q: Parameter = {
  name: "q",
  in: "query",
  description: "Part of the request, or a whole key or address.",
  schema: { type: "string", maxLength: 200 },
};

const CALL = {
  id: 97,
  at: "2024-11-01T08:00:00.000Z",
  request: "GET /device/switch?serial=dev-0009&status=checkin&scent=wood",
  remote: "192.0.2.7",
  ref: "019ca945-ab4f-7a92-a1b7-46e8d05c3f29",
  outcome: "refused",
  usageId: null,
  statusCode: 422,
  answer: { error: "Validation failed", details: { serial: ["The selected serial is invalid."] } },
};

const ENTRY = {
  id: 12,
  at: "2024-11-01T08:00:00.000Z",
  actor: "Ada Wong",
  action: "changed",
  resource: "rooms",
  rowId: 2,
  changes: { name: ["Room 102", "Suite 102"] },
};

export const LOG_OPERATIONS: Operations = {
  "GET /api/journal": {
    tags: [TAG],
    summary: "Read the journal",
    description: "A search looks at a bounded number of calls: an answer may have none, and yet others follow.",
    parameters: [Q, OUTCOME, BEFORE, parameterRef("limit")],
    responses: {
      200: jsonAnswer("Calls, the newest first.", olderSchema("JournalEntry"), {
        list: { value: { data: [CALL], next: 97 } },
      }),
      ...REFUSALS,
      422: answerRef("BadParameters"),
    },
  },
  "GET /api/audit": {
    tags: [TAG],
    summary: "Read the audit log",
    description: "`q` looks for who did it, what was done, and to what.",
    parameters: [parameterRef("q"), BEFORE, parameterRef("limit")],
    responses: {
      200: jsonAnswer("Changes, the newest first.", olderSchema("AuditEntry"), {
        list: { value: { data: [ENTRY], next: null } },
      }),
      ...REFUSALS,
      422: answerRef("BadParameters"),
    },
  },
};

function olderSchema(row: string): Schema {
  return objectSchema({
    data: { type: "array", items: schemaRef(row), description: "The entries." },
    next: { type: ["integer", "null"], description: "The `before` of what follows; null at the end." },
  });
}

const text = (description: string): Schema => ({ type: "string", description });
const id = (description: string): Schema => ({ type: "integer", minimum: 1, description });
const AT: Schema = { type: "string", format: "date-time", description: "When it was." };

export const LOG_SCHEMAS = {
  JournalEntry: objectSchema({
    id: id("Counts up."),
    at: AT,
    request: text("Method and address, as they were sent."),
    remote: text("The caller’s address."),
    ref: { type: ["string", "null"], description: "Its `Idempotency-Key`, the first 200 characters." },
    outcome: {
      type: "string",
      enum: OUTCOMES,
      description: "`replayed` was answered as the call before it with the same key, `refused` changed nothing.",
    },
    usageId: { type: ["integer", "null"], description: "The usage that it opened or changed." },
    statusCode: { type: "integer", description: "The status of the answer." },
    answer: { description: "The answer; of customers no more than the names of fields." },
  }),
  AuditEntry: objectSchema({
    id: id("Counts up."),
    at: AT,
    actor: text("Who did it: a user, or a key."),
    action: text("What was done, such as `added`, `changed` or `removed`."),
    resource: text("To what, such as `rooms`."),
    rowId: { type: ["integer", "null"], description: "The id of the row." },
    changes: {
      description:
        "By field the value, or those before and after. Where they are personal, the names of the fields alone.",
    },
  }),
};
