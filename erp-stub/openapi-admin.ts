/** What admins do: settings, invitations, and faults on demand. */
import { ERP_MODES } from "./contract.ts";
import { faultSchema, newFaultSchema } from "./fault-contract.ts";
import {
  type Answer,
  answerRef,
  answerSchema,
  bodySchema,
  headerRef,
  jsonAnswer,
  jsonContent,
  type Operations,
  objectSchema,
  parameterRef,
  problemAnswer,
  schemaRef,
} from "./openapi-parts.ts";
import { REFUSALS, REFUSALS_OF_BODIES } from "./openapi-shared.ts";
import { ROLES, settingsSchema } from "./operations-contract.ts";
import { RESOURCES } from "./resources.ts";

const SETTINGS = "Settings";
const FAULTS = "Faults";

export const SETTINGS_TAG = {
  name: SETTINGS,
  description:
    "What may be set while the ERP runs. What its environment sets (`fixed`) stands beside the lists, and wins over the mode.",
};

export const FAULT_TAG = {
  name: FAULTS,
  description:
    "Faults on demand, to try a client against: the next calls of Katlai’s two endpoints go wrong in the way that is asked for. They are forgotten when the ERP stops, and in production there are none.",
};

const KEPT = { allow: ["192.0.2.0/24"], proxies: [], mode: "safe", retention_days: 730 };
const SHOWN = { ...KEPT, fixed: { allow: ["127.0.0.1", "::1"], proxies: [] } };
const CHANGE = { allow: ["192.0.2.0/24", "2001:db8::7"] };

export const SETTINGS_OPERATIONS: Operations = {
  "GET /api/settings": {
    tags: [SETTINGS],
    summary: "Read the settings",
    description: "Those that are kept, and those that are fixed.",
    responses: {
      200: jsonAnswer("The settings.", schemaRef("Settings"), { settings: { value: SHOWN } }),
      ...REFUSALS,
    },
  },
  "PATCH /api/settings": {
    tags: [SETTINGS],
    summary: "Change the settings",
    description: "Only what is sent is changed; it counts from the next call on. A list is replaced as a whole.",
    requestBody: { required: true, content: jsonContent(schemaRef("SettingsChange"), { body: { value: CHANGE } }) },
    responses: {
      200: jsonAnswer("Changed.", schemaRef("Settings"), { settings: { value: { ...SHOWN, ...CHANGE } } }),
      409: problemAnswer("The mode is fixed.", {
        title: "Conflict",
        status: 409,
        detail: "The mode is fixed by ERP_MODE.",
      }),
      ...REFUSALS_OF_BODIES,
    },
  },
};

const ROLE_LIST = objectSchema({
  data: {
    type: "array",
    items: objectSchema({
      name: { type: "string", enum: [...ROLES], description: "As users and keys have it." },
      about: { type: "string", description: "What it may do." },
    }),
    description: "From the least to the most; each may do what those before it may.",
  },
});

const ROLE_EXAMPLE = [
  { name: "viewer", about: "Sees devices, usages and reports." },
  { name: "manager", about: "Also keeps rooms, devices, setups, usages, payments and customers." },
  { name: "admin", about: "Also keeps corporations, clients, users, keys and settings." },
];

const LINK: Answer = jsonAnswer(
  "The link. It is not shown again.",
  objectSchema({ url: { type: "string", format: "uri", description: "Where the user chooses a password." } }),
  { link: { value: { url: "http://127.0.0.1:8000/join/Yy0lJ5vEwF3sVbq1mO8xkUuR7tGzH2cDnA6iPfXjK4M" } } },
);

export const USER_OPERATIONS: Operations = {
  "GET /api/roles": {
    tags: [RESOURCES.users.many],
    summary: "List roles",
    description: "They are fixed. Where Katlai’s documentation is silent on which there are, these are a guess.",
    responses: { 200: jsonAnswer("The roles.", ROLE_LIST, { list: { value: { data: ROLE_EXAMPLE } } }), ...REFUSALS },
  },
  "POST /api/users/:id/invite": {
    tags: [RESOURCES.users.many],
    summary: "Invite a user",
    description:
      "Makes a link under which the user chooses a password, once and within seven days. An earlier one is void then.",
    parameters: [parameterRef("id")],
    responses: { 200: LINK, ...REFUSALS, 404: answerRef("NotFound") },
  },
};

const FAULT_LIST = objectSchema({
  data: { type: "array", items: schemaRef("Fault"), description: "All faults that still act." },
});
const ORDER = { kind: "latency", endpoint: "switch", times: 3, ms: 5_000 };
const FAULT = { id: 1, ...ORDER, left: 3 };

export const FAULT_OPERATIONS: Operations = {
  "GET /api/faults": {
    tags: [FAULTS],
    summary: "List faults",
    description: "In the order in which they act: one for each call, the oldest that concerns the endpoint.",
    responses: {
      200: jsonAnswer("The faults.", FAULT_LIST, { list: { value: { data: [FAULT] } } }),
      ...REFUSALS,
    },
  },
  "POST /api/faults": {
    tags: [FAULTS],
    summary: "Order a fault",
    description: "It acts from the next call on.",
    requestBody: { required: true, content: jsonContent(schemaRef("NewFault"), { body: { value: ORDER } }) },
    responses: {
      201: {
        ...jsonAnswer("Ordered.", schemaRef("Fault"), { row: { value: FAULT } }),
        headers: { Location: headerRef("Location") },
      },
      409: problemAnswer("There are too many.", {
        title: "Conflict",
        status: 409,
        detail: "There are 20 faults already: take one away first.",
      }),
      ...REFUSALS_OF_BODIES,
      422: problemAnswer("A field is missing, wrong or unknown; `detail` names it.", {
        title: "Not acceptable",
        status: 422,
        detail: "ms: is needed for latency and slow.",
      }),
    },
  },
  "DELETE /api/faults": {
    tags: [FAULTS],
    summary: "Take all faults away",
    description: "Also when there is none.",
    responses: { 204: answerRef("Gone"), ...REFUSALS },
  },
  "DELETE /api/faults/:id": {
    tags: [FAULTS],
    summary: "Take a fault away",
    description: "The others stay.",
    parameters: [parameterRef("id")],
    responses: { 204: answerRef("Gone"), ...REFUSALS, 404: answerRef("NotFound") },
  },
};

const IN_FAULT = { id: "Given when it was ordered.", endpoint: "Which endpoint it concerns." };

const LIST = { type: "array", items: { type: "string" } } as const;
const IN_SETTINGS = {
  allow: { ...LIST, description: "Device databases: addresses and networks." },
  proxies: { ...LIST, description: "Addresses of proxies whose `X-Forwarded-For` is believed." },
};

export const ADMIN_SCHEMAS = {
  Settings: objectSchema({
    ...IN_SETTINGS,
    mode: {
      type: "string",
      enum: [...ERP_MODES],
      description: "`safe` honours `Idempotency-Key`; `legacy` carries out every call.",
    },
    retention_days: {
      type: ["integer", "null"],
      description: "Customers of whom nothing was heard for so many days are erased; null keeps them.",
    },
    fixed: {
      type: "object",
      properties: {
        ...IN_SETTINGS,
        mode: { type: "string", enum: [...ERP_MODES], description: "Only where it is fixed." },
      },
      required: Object.keys(IN_SETTINGS),
      description: "What the environment sets.",
    },
  }),
  SettingsChange: bodySchema(settingsSchema),
  Fault: answerSchema(faultSchema, IN_FAULT),
  NewFault: bodySchema(newFaultSchema, IN_FAULT),
};
