/** The entities of the operations guide: all are asked for, and answered, in the same way. */
import type { Schema } from "../plumbing/schema-fields.ts";
import { JUST_ADDED, RESOURCE_CHANGES, RESOURCE_ROWS } from "./openapi-examples.ts";
import {
  answerRef,
  headerRef,
  jsonAnswer,
  jsonContent,
  type Operation,
  type Operations,
  type Parameter,
  pageSchema,
  parameterRef,
  schemaRef,
} from "./openapi-parts.ts";
import { componentOf, labelName } from "./openapi-rows.ts";
import { REFUSALS, REFUSALS_OF_BODIES } from "./openapi-shared.ts";
import { type Field, RESOURCE_NAMES, RESOURCES, type ResourceName } from "./resources.ts";

export const RESOURCE_OPERATIONS: Operations = Object.assign({}, ...RESOURCE_NAMES.map(operationsOf));

function operationsOf(name: ResourceName): Operations {
  const { one, many } = RESOURCES[name];
  const path = `/api/${name}`;
  const shared = { tags: [many] as [string] };
  return {
    [`GET ${path}`]: { ...shared, summary: `List ${lower(many)}`, ...listing(name) },
    [`POST ${path}`]: { ...shared, summary: `Add ${withArticle(one)}`, ...adding(name) },
    [`GET ${path}/:id`]: { ...shared, summary: `Read ${withArticle(one)}`, ...reading(name) },
    [`PATCH ${path}/:id`]: { ...shared, summary: `Change ${withArticle(one)}`, ...changing(name) },
    [`DELETE ${path}/:id`]: { ...shared, summary: `Remove ${withArticle(one)}`, ...removing() },
  };
}

type Said = Omit<Operation, "tags" | "summary">;

function listing(name: ResourceName): Said {
  const isNewestFirst = name === "payments" || name === "device-setups";
  return {
    description: isNewestFirst ? "The newest come first." : "In the order of what they are called.",
    parameters: [parameterRef("q"), ...filtersOf(RESOURCES[name]), parameterRef("page"), parameterRef("limit")],
    responses: {
      200: jsonAnswer("The rows that fit, a page of them.", pageSchema(componentOf(name)), {
        page: { value: { data: [RESOURCE_ROWS[name]], total: 1, page: 1, pages: 1 } },
      }),
      ...REFUSALS,
      422: answerRef("BadParameters"),
    },
  };
}

function filtersOf({ fields, name }: (typeof RESOURCES)[ResourceName]): Parameter[] {
  return fields.flatMap((field): Parameter[] => {
    const schema = filterSchema(field);
    if (!schema) return [];
    const example = RESOURCE_ROWS[name][field.name];
    const what = labelName(field).replaceAll("_", " ");
    return [
      {
        name: field.name,
        in: "query",
        description: `Only those with this ${what}${field.kind === "reference" ? ", by its id" : ""}.`,
        schema,
        ...(example !== null && { example }),
      },
    ];
  });
}

function filterSchema(field: Field): Schema | undefined {
  if (field.kind === "choice") return { type: "string", enum: [...field.options] };
  return field.kind === "reference" ? { type: "integer", minimum: 1 } : undefined;
}

function reading(name: ResourceName): Said {
  return {
    description: "With the version of the row in `ETag`.",
    parameters: [parameterRef("id"), parameterRef("IfNoneMatch")],
    responses: {
      200: {
        ...jsonAnswer("The row.", schemaRef(componentOf(name)), { row: { value: RESOURCE_ROWS[name] } }),
        headers: { ETag: headerRef("ETag") },
      },
      304: answerRef("Unchanged"),
      ...REFUSALS,
      404: answerRef("NotFound"),
    },
  };
}

function adding(name: ResourceName): Said {
  const isKey = name === "api-keys";
  const answered = isKey ? schemaRef("NewApiKey") : schemaRef(componentOf(name));
  return {
    description: isKey ? "The answer is the only one that tells the key." : "What it refers to has to exist.",
    requestBody: {
      required: true,
      content: jsonContent(schemaRef(`${componentOf(name)}Input`), { body: { value: writableOf(name) } }),
    },
    responses: {
      201: {
        ...jsonAnswer("Added.", answered, { row: { value: { ...RESOURCE_ROWS[name], ...JUST_ADDED[name] } } }),
        headers: { Location: headerRef("Location"), ETag: headerRef("ETag") },
      },
      ...REFUSALS_OF_BODIES,
    },
  };
}

function changing(name: ResourceName): Said {
  const change = RESOURCE_CHANGES[name];
  return {
    description: "Only the fields that are sent are changed.",
    parameters: [parameterRef("id"), parameterRef("IfMatch")],
    requestBody: {
      required: true,
      content: jsonContent(schemaRef(`${componentOf(name)}Change`), { body: { value: change } }),
    },
    responses: {
      200: {
        ...jsonAnswer("Changed, or as it was before.", schemaRef(componentOf(name)), {
          row: { value: { ...RESOURCE_ROWS[name], ...change } },
        }),
        headers: { ETag: headerRef("ETag") },
      },
      404: answerRef("NotFound"),
      ...(name === "users" && { 409: answerRef("Conflict") }),
      412: answerRef("Outdated"),
      ...REFUSALS_OF_BODIES,
    },
  };
}

function removing(): Said {
  return {
    description: "It is gone for good. What others refer to cannot be removed.",
    parameters: [parameterRef("id"), parameterRef("IfMatch")],
    responses: {
      204: answerRef("Gone"),
      ...REFUSALS,
      404: answerRef("NotFound"),
      409: answerRef("Conflict"),
      412: answerRef("Outdated"),
    },
  };
}

/** Within a sentence: `users`, but `API keys`. */
function lower(words: string): string {
  return words.replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());
}

function withArticle(one: string): string {
  return `${/^[aeio]/i.test(one) ? "an" : "a"} ${one}`;
}

/** What a row has that can be sent, without what is empty. */
function writableOf(name: ResourceName): Record<string, unknown> {
  const entries = RESOURCES[name].fields.map((field) => [field.name, RESOURCE_ROWS[name][field.name]] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== null));
}
