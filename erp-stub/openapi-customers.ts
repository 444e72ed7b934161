/** Customers, as the staff reads, exports and erases them. */
import { CUSTOMER_EXAMPLE, customerRowSchema } from "./customer-contract.ts";
import {
  answerRef,
  answerSchema,
  jsonAnswer,
  type Operations,
  pageSchema,
  parameterRef,
  schemaRef,
} from "./openapi-parts.ts";
import { IN_CUSTOMER } from "./openapi-seed.ts";
import { REFUSALS } from "./openapi-shared.ts";

const TAG = "Customers";

export const CUSTOMER_TAG = {
  name: TAG,
  description: "Read, exported and erased by the staff; written by `POST /api/customers` alone.",
};

const CUSTOMER = {
  id: 12_345,
  ...CUSTOMER_EXAMPLE,
  created_at: "2024-11-01T08:00:00.000Z",
  updated_at: "2024-11-01T08:00:00.000Z",
};

export const CUSTOMER_OPERATIONS: Operations = {
  "GET /api/customers": {
    tags: [TAG],
    summary: "List customers",
    description: "With all that is kept of them.",
    parameters: [parameterRef("q"), parameterRef("page"), parameterRef("limit")],
    responses: {
      200: jsonAnswer("The customers that fit, a page of them.", pageSchema("Customer"), {
        page: { value: { data: [CUSTOMER], total: 1, page: 1, pages: 1 } },
      }),
      ...REFUSALS,
      422: answerRef("BadParameters"),
    },
  },
  "GET /api/customers/:id": {
    tags: [TAG],
    summary: "Read a customer",
    description: "With all that is kept of one.",
    parameters: [parameterRef("id")],
    responses: {
      200: jsonAnswer("The customer.", schemaRef("Customer"), { row: { value: CUSTOMER } }),
      ...REFUSALS,
      404: answerRef("NotFound"),
    },
  },
  "GET /api/customers/:id/export": {
    tags: [TAG],
    summary: "Export a customer",
    description: "All that is kept of one, as a file to hand over to whom it is about.",
    parameters: [parameterRef("id")],
    responses: {
      200: jsonAnswer("The customer, as a file to save.", schemaRef("Customer"), { row: { value: CUSTOMER } }),
      ...REFUSALS,
      404: answerRef("NotFound"),
    },
  },
  "DELETE /api/customers/:id": {
    tags: [TAG],
    summary: "Erase a customer",
    description: "Nothing is kept of one who is erased.",
    parameters: [parameterRef("id")],
    responses: { 204: answerRef("Gone"), ...REFUSALS, 404: answerRef("NotFound") },
  },
};

export const CUSTOMER_SCHEMAS = {
  Customer: answerSchema(customerRowSchema, {
    ...IN_CUSTOMER,
    id: "The `customer_id` that `POST /api/customers` answers.",
    created_at: "When the first call came.",
    updated_at: "When the latest call came.",
  }),
};
