/** The ERP's interface for programs as an OpenAPI 3.1 document: its real routes, the schemas that check them, and words. */
import {
  ADMIN_SCHEMAS,
  FAULT_OPERATIONS,
  FAULT_TAG,
  SETTINGS_OPERATIONS,
  SETTINGS_TAG,
  USER_OPERATIONS,
} from "./openapi-admin.ts";
import { CUSTOMER_OPERATIONS, CUSTOMER_SCHEMAS, CUSTOMER_TAG } from "./openapi-customers.ts";
import { LOG_OPERATIONS, LOG_SCHEMAS, LOGS_TAG } from "./openapi-logs.ts";
import { type ApiRoute, answerRef, type Operation, type Operations, type Tag } from "./openapi-parts.ts";
import { REPORT_OPERATIONS, REPORT_SCHEMAS, REPORT_TAG } from "./openapi-reports.ts";
import { RESOURCE_OPERATIONS } from "./openapi-resources.ts";
import { RESOURCE_SCHEMAS, RESOURCE_TAGS } from "./openapi-rows.ts";
import { SEED_OPERATIONS, SEED_SCHEMAS, SEED_TAG } from "./openapi-seed.ts";
import { SHARED, SHARED_SCHEMAS } from "./openapi-shared.ts";
import { INTRODUCTION } from "./openapi-texts.ts";
import { TRANSFER_OPERATIONS, TRANSFER_SCHEMAS, TRANSFER_TAG } from "./openapi-transfer.ts";
import { USAGE_OPERATIONS, USAGE_SCHEMAS, USAGE_TAG } from "./openapi-usages.ts";
import { ROLES } from "./operations-contract.ts";
import { type Action, mayDo, type Subject, scopeOf } from "./permissions.ts";
import { RESOURCES, type ResourceName } from "./resources.ts";

export type OpenApi = ReturnType<typeof openApiDocument>;

/** All that is said of operations, whether or not an ERP has them. */
export const OPERATIONS: Operations = {
  ...SEED_OPERATIONS,
  ...USAGE_OPERATIONS,
  ...REPORT_OPERATIONS,
  ...CUSTOMER_OPERATIONS,
  ...RESOURCE_OPERATIONS,
  ...USER_OPERATIONS,
  ...TRANSFER_OPERATIONS,
  ...SETTINGS_OPERATIONS,
  ...FAULT_OPERATIONS,
  ...LOG_OPERATIONS,
};

const tagsOf = (...names: ResourceName[]): Tag[] =>
  RESOURCE_TAGS.filter(({ name }) => names.some((one) => RESOURCES[one].many === name));

const GROUPS: readonly { name: string; tags: readonly Tag[] }[] = [
  { name: "Without a key", tags: [SEED_TAG] },
  { name: "Operation", tags: [USAGE_TAG, ...tagsOf("payments"), CUSTOMER_TAG, REPORT_TAG] },
  {
    name: "Hotels and devices",
    tags: [
      ...tagsOf("corporations", "clients", "rooms", "device-types", "devices", "device-setups", "scents", "schedules"),
    ],
  },
  { name: "Administration", tags: [...tagsOf("users", "api-keys"), TRANSFER_TAG, SETTINGS_TAG, FAULT_TAG, LOGS_TAG] },
];

/** @param routes of the ERP, whatever they are for: those of pages and of the machinery are left out */
export function openApiDocument(routes: readonly ApiRoute[]) {
  const documented = routes.filter(isOfApi).flatMap((route) => {
    const said = OPERATIONS[keyOf(route)];
    return said ? [{ ...route, said }] : [];
  });
  const used = new Set(documented.flatMap(({ said }) => said.tags));
  const groups = GROUPS.map(({ name, tags }) => ({ name, tags: tags.filter((tag) => used.has(tag.name)) }));
  return {
    openapi: "3.1.0",
    info: { title: "Katlai ERP", version: "1.0.0", description: INTRODUCTION },
    servers: [{ url: "/", description: "The ERP that serves this document." }],
    tags: groups.flatMap(({ tags }) => tags),
    "x-tagGroups": groups
      .filter(({ tags }) => tags.length > 0)
      .map(({ name, tags }) => ({ name, tags: tags.map((tag) => tag.name) })),
    paths: pathsOf(documented),
    components: {
      ...SHARED,
      schemas: {
        ...SEED_SCHEMAS,
        ...USAGE_SCHEMAS,
        ...REPORT_SCHEMAS,
        ...RESOURCE_SCHEMAS,
        ...CUSTOMER_SCHEMAS,
        ...TRANSFER_SCHEMAS,
        ...ADMIN_SCHEMAS,
        ...LOG_SCHEMAS,
        ...SHARED_SCHEMAS,
      },
    },
  };
}

/** As `OPERATIONS` names it. */
export function keyOf({ method, path }: Pick<ApiRoute, "method" | "path">): string {
  return `${method} ${path}`;
}

/** What programs may use: with a key, or from an address that is let in. */
export function isOfApi({ access }: ApiRoute): boolean {
  return access === "caller" || (access !== "anyone" && access.by === "key");
}

type Documented = ApiRoute & { said: Operation };

function pathsOf(documented: readonly Documented[]) {
  const paths: Record<string, Record<string, ReturnType<typeof operationOf>>> = {};
  for (const route of documented) {
    const path = route.path.replaceAll(/:(\w+)/g, "{$1}");
    (paths[path] ??= {})[route.method.toLowerCase()] = operationOf(route);
  }
  return paths;
}

function operationOf({ said, access, ...route }: Documented) {
  const { tags, summary, description, ...rest } = said;
  const failed: Operation["responses"] = rest.responses["500"] ? {} : { 500: answerRef("Failed") };
  return {
    operationId: operationId(route),
    tags,
    summary,
    description: `${description}\n\n${whoMay(access)}`,
    security: access === "caller" ? [] : [{ key: [] }],
    ...rest,
    responses: { ...rest.responses, ...failed },
  };
}

/** `GET /api/rooms/:id` is `getRoomsById`. */
function operationId({ method, path }: Pick<ApiRoute, "method" | "path">): string {
  const words = path.replace("/api/", "/").replaceAll("/:", "/by-").split(/\W+/);
  const parts = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  return method.toLowerCase() + parts.join("");
}

function whoMay(access: ApiRoute["access"]): string {
  if (typeof access === "string") return "Without a key, from an address on the allow-list.";
  const { subject, action } = access;
  const roles = ROLES.filter((role) => mayDo({ name: "", role, clientId: null }, subject, action));
  return `With the key of ${withOr(roles)}${ofBound(subject, action)}.`;
}

function withOr(roles: readonly string[]): string {
  const named = roles.map((role) => `${role === "admin" ? "an" : "a"} ${role}`);
  return named.length < 2 ? named.join("") : `${named.slice(0, -1).join(", ")} or ${named.at(-1) ?? ""}`;
}

function ofBound(subject: Subject, action: Action): string {
  const bound = { name: "", role: "admin" as const, clientId: 1 };
  if (!mayDo(bound, subject, action)) return " who is not bound to one client";
  if (scopeOf(bound, subject, action) === null) return ", bound to one client or not";
  return action === "read"
    ? "; one who is bound to a client sees that client’s only"
    : "; one who is bound to a client changes that client’s only";
}
