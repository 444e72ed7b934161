import { Ajv2020, type AnySchema } from "ajv/dist/2020.js";
import formats from "ajv-formats";
import { openApiDocument } from "../../erp-stub/openapi.ts";
import type { Answer, Body, Parameter, Ref } from "../../erp-stub/openapi-parts.ts";
import type { Schema } from "../../plumbing/schema-fields.ts";
import { allErpRoutes } from "./erp-api-routes.ts";

export type Operation = {
  key: string;
  operationId: string;
  description: string;
  parameters: (Parameter | Ref)[];
  requestBody?: Body;
  responses: Record<string, Answer | Ref>;
};

/** The document of a bundled ERP with all that it can have, as a client reads it. */
export async function readOpenApi() {
  const routes = await allErpRoutes();
  const text = JSON.stringify(openApiDocument(routes));
  const document = JSON.parse(text) as ReturnType<typeof openApiDocument>;
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  formats.default(ajv);
  ajv.addSchema(document as AnySchema, "openapi");
  return {
    routes,
    text,
    document,
    schemas: document.components.schemas as Record<string, Schema>,
    operations: Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]): Operation => {
        const { parameters = [], ...rest } = operation as unknown as Partial<Operation> & Omit<Operation, "parameters">;
        return { ...rest, parameters, key: `${method.toUpperCase()} ${path}` };
      }),
    ),

    /** What a reference leads to, or the thing itself. */
    resolved: <T extends object>(one: T | Ref): T => {
      if (!("$ref" in one)) return one;
      const steps = one.$ref.split("/").slice(1);
      return steps.reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], document) as T;
    },

    /** Whether a value fits a schema of the document; what is wrong with it, if it does not. */
    problemsOf: (schema: Schema, value: unknown): unknown => {
      const bound = JSON.parse(JSON.stringify(schema).replaceAll('"#/', '"openapi#/')) as AnySchema;
      return ajv.validate(bound, value) ? undefined : ajv.errors;
    },
  };
}
