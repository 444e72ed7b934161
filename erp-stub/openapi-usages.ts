/** Device usages: read by filters, entered by hand. */
import { usageFilterSchema, usageListSchema } from "./contract.ts";
import {
  answerRef,
  answerSchema,
  bodySchema,
  headerRef,
  jsonAnswer,
  jsonContent,
  type Operations,
  objectSchema,
  type Parameter,
  parameterRef,
  problemAnswer,
  rowsOf,
  schemaRef,
} from "./openapi-parts.ts";
import { REFUSALS, REFUSALS_OF_BODIES } from "./openapi-shared.ts";
import { manualUsageChangeSchema, manualUsageSchema } from "./operations-contract.ts";

const TAG = "Device usages";

export const USAGE_TAG = {
  name: TAG,
  description:
    "What devices reported, and what people entered where no device did. What a device reported is never changed by hand.",
};

const USAGE = {
  id: 1,
  ref: "019ca945-ab4f-7a92-a1b7-46e8d05c3f29",
  serial: "dev-0001",
  status: "checkin",
  scent: "wood",
  room: "Room 102",
  source: "webhook",
  checkinAt: "2024-11-01T08:00:00.000Z",
  timeinAt: null,
  timeoutAt: null,
  checkoutAt: null,
  intervals: [],
  startTime: "08:00:00",
  endTime: "12:00:00",
  request: "GET /device/switch?serial=dev-0001&status=checkin&scent=wood&start_time=08:00:00&end_time=12:00:00",
};
const MANUAL = {
  device_id: 1,
  scent_id: 1,
  checkin_at: "2024-11-02T08:00:00Z",
  checkout_at: "2024-11-02T09:30:00Z",
};
const MANUAL_USAGE = {
  ...USAGE,
  id: 3,
  ref: null,
  status: "checkout",
  source: "manual",
  checkinAt: "2024-11-02T08:00:00.000Z",
  checkoutAt: "2024-11-02T09:30:00.000Z",
  startTime: null,
  endTime: null,
  request: "",
};
const CHANGE = { checkout_at: "2024-11-02T10:00:00Z" };

const IN_USAGE = {
  id: "Given when it was opened. Usages and calls are numbered together, so there are gaps between usages.",
  ref: "The `Idempotency-Key` of the call that opened it, its first 200 characters.",
  serial: "The device.",
  status: "What happened last.",
  scent: "The code of the scent.",
  room: "Where the device stood at the check-in.",
  source: "`webhook` if a device reported it, `manual` if a person entered it.",
  checkinAt: "When it began.",
  timeinAt: "The latest time-in.",
  timeoutAt: "The latest time-out.",
  checkoutAt: "When it ended; null while it runs.",
  intervals: "From each time-in to its time-out; the last one may be open.",
  startTime: "Of its schedule.",
  endTime: "Of its schedule.",
  request: "The call that opened it, as it was sent.",
};

const IN_MANUAL = { schedule_id: "The id of the schedule that it was part of." };

const IN_FILTER: Record<string, string> = {
  ref: "Only the usage that a call with this `Idempotency-Key` opened or changed.",
  serial: "Only those of this device.",
  from: "Only those that began then or later.",
  to: "Only those that began before.",
  limit: "No more than so many; all, unless it is given.",
};

const BAD_FILTER = problemAnswer("A parameter is wrong or unknown; `detail` names all that are.", {
  title: "Not acceptable",
  status: 422,
  detail: "Bad filter: limit must be a positive whole number.",
});
const REPORTED = problemAnswer("A device reported this usage.", {
  title: "Conflict",
  status: 409,
  detail: "A device reported this usage: only those that people entered can be changed.",
});

const FILTERS = Object.entries(bodySchema(usageFilterSchema).properties ?? {}).map(
  ([name, schema]): Parameter => ({
    name,
    in: "query",
    description: IN_FILTER[name] ?? "",
    // It is read from a text.
    schema: name === "limit" ? { type: "integer", minimum: 1 } : schema,
  }),
);

const LIST = objectSchema({
  data: { type: "array", items: schemaRef("Usage"), description: "The usages that fit." },
});

export const USAGE_OPERATIONS: Operations = {
  "GET /api/device-usages": {
    tags: [TAG],
    summary: "List device usages",
    description: "The newest come first. This list has no pages: it ends after `limit`.",
    parameters: FILTERS,
    responses: {
      200: jsonAnswer("The usages that fit.", LIST, { list: { value: { data: [USAGE] } } }),
      ...REFUSALS,
      422: BAD_FILTER,
    },
  },
  "POST /api/device-usages": {
    tags: [TAG],
    summary: "Enter a device usage",
    description:
      "Room and client follow from where the device stood at the check-in. It is marked as entered by hand (`manual`). It may neither overlap another one nor begin within one that the device has not ended yet.",
    requestBody: { required: true, content: jsonContent(schemaRef("UsageInput"), { body: { value: MANUAL } }) },
    responses: {
      201: {
        ...jsonAnswer("Entered.", schemaRef("Usage"), { row: { value: MANUAL_USAGE } }),
        headers: { Location: headerRef("Location"), ETag: headerRef("ETag") },
      },
      ...REFUSALS_OF_BODIES,
    },
  },
  "GET /api/device-usages/:id": {
    tags: [TAG],
    summary: "Read a device usage",
    description: "One that a device reported, or that a person entered, with its version in `ETag`.",
    parameters: [parameterRef("id"), parameterRef("IfNoneMatch")],
    responses: {
      200: {
        ...jsonAnswer("The usage.", schemaRef("Usage"), { row: { value: USAGE } }),
        headers: { ETag: headerRef("ETag") },
      },
      304: answerRef("Unchanged"),
      ...REFUSALS,
      404: answerRef("NotFound"),
    },
  },
  "PATCH /api/device-usages/:id": {
    tags: [TAG],
    summary: "Change a device usage",
    description: "Only one that a person entered, and only the fields that are sent.",
    parameters: [parameterRef("id"), parameterRef("IfMatch")],
    requestBody: { required: true, content: jsonContent(schemaRef("UsageChange"), { body: { value: CHANGE } }) },
    responses: {
      200: {
        ...jsonAnswer("Changed, or as it was before.", schemaRef("Usage"), {
          row: { value: { ...MANUAL_USAGE, checkoutAt: "2024-11-02T10:00:00.000Z" } },
        }),
        headers: { ETag: headerRef("ETag") },
      },
      404: answerRef("NotFound"),
      409: REPORTED,
      412: answerRef("Outdated"),
      ...REFUSALS_OF_BODIES,
    },
  },
  "DELETE /api/device-usages/:id": {
    tags: [TAG],
    summary: "Remove a device usage",
    description: "Only one that a person entered.",
    parameters: [parameterRef("id"), parameterRef("IfMatch")],
    responses: {
      204: answerRef("Gone"),
      ...REFUSALS,
      404: answerRef("NotFound"),
      409: REPORTED,
      412: answerRef("Outdated"),
    },
  },
};

export const USAGE_SCHEMAS = {
  Usage: rowsOf(answerSchema(usageListSchema, IN_USAGE)),
  UsageInput: bodySchema(manualUsageSchema, IN_MANUAL),
  UsageChange: bodySchema(manualUsageChangeSchema, IN_MANUAL),
};
