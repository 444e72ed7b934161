/** What many operations have in common: parameters, headers, and how they refuse. */
import {
  type Answer,
  answerRef,
  type Header,
  type Parameter,
  PROBLEM_SCHEMA,
  type Problem,
  problemAnswer,
} from "./openapi-parts.ts";

const KEY_SHAPE = "^[A-Za-z0-9_-]{1,64}$";
const PAGE_SIZE = { standard: 50, most: 500 };
const ETAG = '"q8Jr3vTz0aXn5LwYc2KbHd"';

const query = { in: "query" } as const;
const header = { in: "header" } as const;

const PARAMETERS: Record<string, Parameter> = {
  id: {
    name: "id",
    in: "path",
    required: true,
    description: "The row’s id.",
    schema: { type: "integer", minimum: 1 },
    example: 1,
  },
  q: {
    name: "q",
    ...query,
    description: "Only those that have this text in a field, or in what they refer to; capitals count for nothing.",
    schema: { type: "string", maxLength: 200 },
  },
  page: {
    name: "page",
    ...query,
    description: "Which page.",
    schema: { type: "integer", minimum: 1, default: 1 },
  },
  limit: {
    name: "limit",
    ...query,
    description: "How many rows a page has.",
    schema: { type: "integer", minimum: 1, maximum: PAGE_SIZE.most, default: PAGE_SIZE.standard },
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    ...header,
    description:
      "Names the event that is reported, the same at each repeat of the call. It stands at the usage as `ref`. Katlai’s documentation knows no such key: it may be left out.",
    schema: { type: "string", pattern: KEY_SHAPE },
    example: "019ca945-ab4f-7a92-a1b7-46e8d05c3f29",
  },
  IfMatch: {
    name: "If-Match",
    ...header,
    description: "The `ETag` of the row as you know it: if it is not so any more, nothing is done.",
    schema: { type: "string" },
    example: ETAG,
  },
  IfNoneMatch: {
    name: "If-None-Match",
    ...header,
    description: "The `ETag` of the row as you know it: if it is still so, the answer is 304 and has no body.",
    schema: { type: "string" },
    example: ETAG,
  },
};

const HEADERS: Record<string, Header> = {
  ETag: { description: "The version of the row: it differs after each change.", schema: { type: "string" } },
  Location: { description: "The address of the new row.", schema: { type: "string" } },
  IdempotencyReplayed: {
    description: "`true` if the call was carried out before: nothing was written, and this is the answer of then.",
    schema: { type: "string", enum: ["true"] },
  },
};

const ANSWERS: Record<string, Answer> = {
  Gone: { description: "Removed." },
  Unchanged: { description: "The row is as you know it.", headers: { ETag: HEADERS["ETag"] as Header } },
  Malformed: problemAnswer("The body is no JSON.", {
    title: "Bad request",
    status: 400,
    detail: "The body is not valid JSON.",
  }),
  WithoutKey: {
    ...problemAnswer("There is no API key, or nobody has this one.", {
      title: "Not signed in",
      status: 401,
      detail: "Send an API key of the ERP as Authorization: Bearer.",
    }),
    headers: { "WWW-Authenticate": { description: "`Bearer`", schema: { type: "string" } } },
  },
  NotAllowed: problemAnswer("The key is good, but not for this.", {
    title: "Not allowed",
    status: 403,
    detail: "A viewer may not change rooms.",
  }),
  NotFound: problemAnswer("There is no such row, or not for this key.", {
    title: "Not found",
    status: 404,
    detail: "There is no room with the id 99.",
  }),
  Conflict: problemAnswer("The row has to stay, as it is or at all; `detail` says why.", {
    title: "Conflict",
    status: 409,
    detail: "This room cannot be removed: device setups refer to it.",
  }),
  Outdated: problemAnswer("The row is not what `If-Match` says any more. Nothing was written.", {
    title: "Precondition failed",
    status: 412,
    detail: "This room was changed meanwhile: look at it again.",
  }),
  TooLarge: problemAnswer("The body is larger than 64 KiB.", {
    title: "Too large",
    status: 413,
    detail: "The body is larger than 65536 bytes.",
  }),
  Encoded: problemAnswer("The request has a `Content-Encoding`.", {
    title: "Unsupported media type",
    status: 415,
    detail: "Send the body without Content-Encoding.",
  }),
  BadParameters: invalid("A parameter is wrong or unknown; `errors` has all that are.", {
    limit: ["The limit must not be greater than 500."],
  }),
  NotValid: invalid("A field is missing, wrong or unknown; `errors` has all that are. Nothing was written.", {
    name: ["The name field is required."],
  }),
  Failed: problemAnswer("Something went wrong here. Whether anything was written is not certain.", {
    title: "Internal error",
    status: 500,
    detail: "Something went wrong here; nothing that you sent was at fault.",
  }),
};

function invalid(description: string, errors: NonNullable<Problem["errors"]>): Answer {
  const detail = Object.values(errors).flat().join(" ");
  return problemAnswer(description, { title: "Not acceptable", status: 422, detail, errors });
}

/** Of whoever needs a key. */
export const REFUSALS = { 401: answerRef("WithoutKey"), 403: answerRef("NotAllowed") };

export const REFUSALS_OF_BODIES = {
  400: answerRef("Malformed"),
  ...REFUSALS,
  413: answerRef("TooLarge"),
  415: answerRef("Encoded"),
  422: answerRef("NotValid"),
};

export const SHARED = {
  parameters: PARAMETERS,
  headers: HEADERS,
  responses: ANSWERS,
  securitySchemes: {
    key: {
      type: "http",
      scheme: "bearer",
      description:
        "A key is made on the page “API keys” or by `POST /api/api-keys`. It has a role, and may be bound to one client.",
    },
  },
};

export const SHARED_SCHEMAS = { Problem: PROBLEM_SCHEMA };
