/** The two endpoints that Katlai documents, with the documentation's own examples. */
import { erpErrorSchema, switchAnswerSchema, USAGE_STATUSES } from "./contract.ts";
import { customerAnswerSchema, customerRequestSchema } from "./customer-contract.ts";
import {
  type Answer,
  answerSchema,
  bodySchema,
  type Example,
  headerRef,
  jsonAnswer,
  jsonContent,
  type Operations,
  type Parameter,
  parameterRef,
  schemaRef,
} from "./openapi-parts.ts";

const TAG = "Katlai’s two endpoints";

const SWITCH_ANSWER = `{ "message": "Device check-in successful", "serial": "dev-0001", "status": "checkin", "timestamp": "2024-11-01T08:00:00Z" }`;

const CUSTOMER = `{
    "name": "John Doe",
    "email": "johndoe@example.com",
    "phone": "1234567890",
    "gender": "m",
    "age": 30,
    "birthdate": "1994-05-15",
    "preferences": {
        "language": "en",
        "newsletter": true
    }
}`;

const CUSTOMER_ANSWER = `{
    "message": "Customer setup successful",
    "customer_id": 12345,
    "data": {
        "name": "John Doe",
        "email": "johndoe@example.com",
        "phone": "1234567890",
        "gender": "m",
        "age": 30,
        "birthdate": "1994-05-15",
        "preferences": {
            "language": "en",
            "newsletter": true
        }
    }
}`;

const CUSTOMER_REFUSAL = `{
    "error": "Validation failed",
    "details": {
        "email": [
            "The email field is required."
        ]
    }
}`;

const AS_DOCUMENTED = "As Katlai’s documentation has it";

function documented(text: string): Record<string, Example> {
  return { documented: { summary: AS_DOCUMENTED, value: JSON.parse(text), "x-serialized-value": text } };
}

/** How both endpoints tell an error. */
function refusal(description: string, example: { error: string; details?: Record<string, string[]> }): Answer {
  return jsonAnswer(description, schemaRef("ErpError"), { refused: { value: example } });
}

const NOT_ADMITTED = refusal(
  "The caller’s address is not on the allow-list, a proxy in between is not known, or a browser sent it: every call writes, so nothing that a page or a prefetch brings about is taken. Nothing was written. Where Katlai’s documentation speaks of configuring the “IoT database IP”, this is our reading of it.",
  { error: "192.0.2.7 may not call this address: add it in the settings or to ERP_ALLOW." },
);
const ENCODED = refusal("The request has a `Content-Encoding`. Nothing was written.", {
  error: "Send the body without Content-Encoding.",
});
const FAILED = refusal("Something went wrong here. Whether the call was carried out is not certain.", {
  error: "Something went wrong here; nothing that you sent was at fault.",
});

type Query = Pick<Parameter, "name" | "description"> & Partial<Parameter>;

function query({ name, description, ...more }: Query): Parameter {
  return { name, in: "query", description, schema: { type: "string" }, ...more };
}

const TIME = { type: "string", pattern: "^([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d$" };

const SWITCH_PARAMETERS = [
  query({
    name: "serial",
    description: "The unique serial number of the device. It must be known, and set up in a room.",
    required: true,
    example: "dev-0001",
  }),
  query({
    name: "submit",
    description: "Left over from an HTML form: it counts for nothing, as does every parameter that is not named here.",
    allowEmptyValue: true,
  }),
  query({
    name: "status",
    description: "What the device reports.",
    required: true,
    schema: { type: "string", enum: [...USAGE_STATUSES] },
    example: "checkin",
  }),
  query({
    name: "scent",
    description:
      "Scent or element, in any case. It must be known. Where Katlai’s documentation is silent: only a check-in needs it.",
    example: "wood",
  }),
  query({
    name: "start_time",
    description:
      "Schedule start time, `HH:MM:SS`. A schedule from here to `end_time` must exist. Where Katlai’s documentation is silent: a schedule is optional, both times or none.",
    schema: TIME,
    example: "08:00:00",
  }),
  query({ name: "end_time", description: "Schedule end time, `HH:MM:SS`.", schema: TIME, example: "12:00:00" }),
  parameterRef("IdempotencyKey"),
];

const SWITCH = {
  tags: [TAG] as [string],
  summary: "Report what a device does",
  description: [
    "A device database calls this for each check-in and check-out, time-in and time-out. `checkin` opens a device usage; the others touch only the latest created usage of the device.",
    "Although a GET, each call writes. A repeat with the `Idempotency-Key` of a call that was carried out is answered as that one was, and not carried out again, as long as the ERP is in its mode `safe`; in the mode `legacy`, as Katlai’s own, it carries out every call.",
    "An empty parameter counts as absent; none may be given twice.",
  ].join("\n\n"),
  "x-documented-request":
    "GET katlai.aizent.com/device/switch?serial=dev-0001&status=checkin&scent=wood&start_time=08:00:00&end_time=12:00:00",
  parameters: SWITCH_PARAMETERS,
  responses: {
    200: {
      ...jsonAnswer(
        "It is written. Where Katlai’s documentation is silent: the messages of the other three are `Device check-out successful`, `Device time-in successful` and `Device time-out successful`.",
        schemaRef("SwitchAnswer"),
        documented(SWITCH_ANSWER),
      ),
      headers: { "Idempotency-Replayed": headerRef("IdempotencyReplayed") },
    },
    403: NOT_ADMITTED,
    409: refusal(
      "There is nothing to check out of: the latest usage of the device is closed, or there is none. Where Katlai’s documentation is silent, this is a guess.",
      { error: "No active device usage for this device" },
    ),
    415: ENCODED,
    422: refusal(
      "A parameter is missing or wrong; `details` has all that is, by parameter. Nothing was written. Where Katlai’s documentation is silent, shape and wording are those of its customers’ endpoint.",
      { error: "Validation failed", details: { serial: ["The selected serial is invalid."] } },
    ),
    500: FAILED,
  },
};

const CUSTOMERS = {
  tags: [TAG] as [string],
  summary: "Create or update a customer",
  description: [
    "The e-mail address is a customer’s key. Where it is not known yet, a customer is created; else the one who has it is updated. Both answer 200, so the call may be repeated.",
    "Where Katlai’s documentation is silent: addresses that differ in case or in blanks around them are the same; a field that is absent stays as it was, `null` or an empty text clears it; `preferences` are merged key by key. Unknown fields are ignored.",
  ].join("\n\n"),
  requestBody: {
    description: "At most 64 KiB.",
    required: true,
    content: jsonContent(schemaRef("CustomerRequest"), documented(CUSTOMER)),
  },
  responses: {
    200: jsonAnswer(
      "Created or updated; `data` is the customer as it is kept now.",
      schemaRef("CustomerAnswer"),
      documented(CUSTOMER_ANSWER),
    ),
    400: refusal("The body is no JSON. Where Katlai’s documentation is silent, this is a guess.", {
      error: "Malformed JSON",
    }),
    403: NOT_ADMITTED,
    413: refusal("The body is larger than 64 KiB.", { error: "The body is larger than 65536 bytes." }),
    415: ENCODED,
    422: jsonAnswer(
      "A field is missing or wrong; `details` has all that is, by field. Nothing was written.",
      schemaRef("ErpError"),
      documented(CUSTOMER_REFUSAL),
    ),
    500: FAILED,
  },
};

export const SEED_TAG = {
  name: TAG,
  description:
    "The webhook of device databases and the set-up of customers, as Katlai’s documentation has them. They need no key, but answer only to addresses on the allow-list.",
};

export const SEED_OPERATIONS: Operations = { "GET /device/switch": SWITCH, "POST /api/customers": CUSTOMERS };

export const IN_CUSTOMER = {
  name: "The full name.",
  email: "In lower case.",
  phone: "The phone number.",
  gender: "m: male, f: female.",
  age: "In years.",
  birthdate: "The day of birth.",
  preferences: "What is known of the customer’s preferences.",
};

export const SEED_SCHEMAS = {
  SwitchAnswer: answerSchema(switchAnswerSchema, {
    message: "Says what was done.",
    serial: "As it was sent.",
    status: "As it was sent.",
    timestamp: "When it was done.",
  }),
  ErpError: answerSchema(erpErrorSchema, {
    error: "What is wrong, in one sentence.",
    details: "By parameter or field: all that is wrong with it. Only with 422.",
  }),
  CustomerRequest: bodySchema(customerRequestSchema),
  CustomerAnswer: answerSchema(customerAnswerSchema, {
    message: "Always the same, whether the customer is new or not.",
    customer_id: "The same at each call for this customer.",
    ...IN_CUSTOMER,
  }),
};
