/** What the OpenAPI document is made of. */
import { z } from "zod";
import type { Schema } from "../plumbing/schema-fields.ts";
import type { Action, Subject } from "./permissions.ts";

/** What the document has to know of a route. */
export type ApiRoute = {
  method: string;
  path: string;
  access: "anyone" | "caller" | { subject: Subject; action: Action; by: "key" | "page" };
};

export type Ref = { $ref: string };
/** `x-serialized-value` has the bytes, where they matter. */
export type Example = { summary?: string; value: unknown; "x-serialized-value"?: string };
export type Media = { schema: Schema; examples?: Record<string, Example> };
export type Content = Record<string, Media>;
export type Header = { description: string; schema: Schema };
export type Answer = { description: string; headers?: Record<string, Header | Ref>; content?: Content };
export type Body = { description?: string; required: boolean; content: Content };
export type Parameter = {
  name: string;
  in: "query" | "path" | "header";
  description: string;
  required?: boolean;
  allowEmptyValue?: boolean;
  schema: Schema;
  example?: unknown;
};

/** What is said of an operation; its address and who may use it are those of its route. */
export type Operation = {
  tags: [string];
  summary: string;
  description: string;
  parameters?: readonly (Parameter | Ref)[];
  requestBody?: Body;
  responses: Record<string, Answer | Ref>;
  /** A request as somebody else has documented it, byte for byte. */
  "x-documented-request"?: string;
};

/** What several operations are about. */
export type Tag = { name: string; description: string };

/** By method and path, as `GET /api/rooms/:id`. */
export type Operations = Record<string, Operation>;

const JSON_TYPE = "application/json";
const PROBLEM_TYPE = "application/problem+json";

export function schemaRef(name: string): Ref {
  return { $ref: `#/components/schemas/${name}` };
}

export function answerRef(name: string): Ref {
  return { $ref: `#/components/responses/${name}` };
}

export function parameterRef(name: string): Ref {
  return { $ref: `#/components/parameters/${name}` };
}

export function headerRef(name: string): Ref {
  return { $ref: `#/components/headers/${name}` };
}

export function jsonContent(schema: Schema, examples?: Record<string, Example>): Content {
  return { [JSON_TYPE]: { schema, ...(examples && { examples }) } };
}

export function jsonAnswer(description: string, schema: Schema, examples?: Record<string, Example>): Answer {
  return { description, content: jsonContent(schema, examples) };
}

/** RFC 9457. */
export type Problem = { title: string; status: number; detail: string; errors?: Record<string, string[]> };

export const PROBLEM_SCHEMA: Schema = {
  type: "object",
  description: "What went wrong (RFC 9457).",
  properties: {
    type: { type: "string", description: "Always `about:blank`: the status says what kind of problem it is." },
    title: { type: "string", description: "The status in words." },
    status: { type: "integer", minimum: 400, maximum: 599, description: "The status of the answer." },
    detail: { type: "string", description: "What is wrong, for people." },
    errors: {
      type: "object",
      propertyNames: { type: "string" },
      additionalProperties: { type: "array", items: { type: "string" } },
      description: "By parameter or field: all that is wrong with it. Only with 422.",
    },
  },
  required: ["type", "title", "status", "detail"],
};

/** With an example that an ERP really answers. */
export function problemAnswer(description: string, problem: Problem): Answer {
  const examples = { problem: { value: { type: "about:blank", ...problem } } };
  return { description, content: { [PROBLEM_TYPE]: { schema: schemaRef("Problem"), examples } } };
}

/** An object with all of these. */
export function objectSchema(properties: Record<string, Schema>): Schema {
  return { type: "object", properties, required: Object.keys(properties) };
}

/** A page of a list. */
export function pageSchema(row: string): Schema {
  return objectSchema({
    data: { type: "array", items: schemaRef(row), description: "The rows of this page." },
    total: { type: "integer", minimum: 0, description: "How many rows there are on all pages." },
    page: { type: "integer", minimum: 1, description: "Which page this is." },
    pages: { type: "integer", minimum: 1, description: "How many pages there are; an empty list has one." },
  });
}

/** What has to be sent. */
export function bodySchema(schema: z.ZodType, about: Record<string, string> = {}): Schema {
  return described(z.toJSONSchema(schema, { io: "input" }) as Schema, about);
}

/** What is answered; more fields may come one day. */
export function answerSchema(schema: z.ZodType, about: Record<string, string> = {}): Schema {
  const converted = z.toJSONSchema(schema, {
    io: "output",
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return described(converted as Schema, about);
}

/** The rows of a list, which have a schema of their own in the document. */
export function rowsOf({ properties = {} }: Schema): Schema {
  return properties["data"]?.items ?? {};
}

/** With a description of each field: its own, or the one of this name. */
function described({ description, properties, anyOf, items, ...rest }: Schema, about: Record<string, string>): Schema {
  const { $schema: _, ...schema } = rest as Schema & { $schema?: string };
  const fields = Object.entries(properties ?? {}).map(([name, field]): [string, Schema] => {
    const inner = described(field, about);
    const text = inner.description ?? about[name];
    return [name, text === undefined ? inner : { ...inner, description: text }];
  });
  const own = description || anyOf?.find((one) => one.description)?.description;
  return {
    ...schema,
    ...(own && { description: own }),
    ...(properties && { properties: Object.fromEntries(fields) }),
    ...(anyOf && { anyOf: anyOf.map(({ description: __, ...one }) => described(one, about)) }),
    ...(items && { items: described(items, about) }),
  };
}
