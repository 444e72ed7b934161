import { Validator } from "@seriousme/openapi-schema-validator";
import { expect, test } from "vitest";
import { parseListQuery } from "../../erp-stub/list-query.ts";
import { isOfApi, keyOf, OPERATIONS, openApiDocument } from "../../erp-stub/openapi.ts";
import type { Parameter } from "../../erp-stub/openapi-parts.ts";
import type { Schema } from "../../plumbing/schema-fields.ts";
import { readOpenApi } from "../support/openapi-document.ts";

const { routes, text, document, schemas, operations, resolved } = await readOpenApi();
const { components } = document;

test("the document has every route of the interface for programs, and no other", () => {
  const real = routes.filter(isOfApi).map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`);
  expect(operations.map(({ key }) => key).toSorted()).toEqual(real.toSorted());
  expect(Object.keys(OPERATIONS).toSorted()).toEqual(routes.filter(isOfApi).map(keyOf).toSorted());
  expect(routes.length).toBeGreaterThan(real.length + 40);
});

test("the document is valid OpenAPI 3.1", async () => {
  const valid = await new Validator().validate(JSON.parse(text) as Record<string, unknown>);
  expect(valid).toMatchObject({ valid: true });
  const broken = { ...(JSON.parse(text) as Record<string, unknown>), paths: { "no-slash": {} } };
  expect(await new Validator().validate(broken)).toMatchObject({ valid: false });
});

test("an ERP without faults on demand says nothing of them", () => {
  const others = openApiDocument(routes.filter(({ path }) => !path.startsWith("/api/faults")));
  expect(Object.keys(others.paths).filter((path) => path.includes("fault"))).toEqual([]);
  expect(others.tags.map(({ name }) => name)).not.toContain("Faults");
  expect(document.tags.map(({ name }) => name)).toContain("Faults");
});

test("every reference leads somewhere, and every component is referred to", () => {
  const references = [...text.matchAll(/"\$ref":"(#\/[^"]+)"/g)].map(([, $ref = ""]) => $ref);
  expect(references.length).toBeGreaterThan(300);
  expect(references.filter(($ref) => (resolved({ $ref }) as object | undefined) === undefined)).toEqual([]);
  const { securitySchemes: _, ...others } = components;
  const kept = Object.entries(others).flatMap(([kind, parts]) =>
    Object.keys(parts).map((name) => `#/components/${kind}/${name}`),
  );
  expect(kept.filter((path) => !references.includes(path))).toEqual([]);
});

test("operations have ids of their own, and each says who may use it", () => {
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  const who = new Map(operations.map(({ key, description }) => [key, description.split("\n\n").at(-1)]));
  expect(who.get("GET /device/switch")).toBe("Without a key, from an address on the allow-list.");
  expect(who.get("GET /api/rooms")).toBe(
    "With the key of a viewer, a manager or an admin; one who is bound to a client sees that client’s only.",
  );
  expect(who.get("PATCH /api/rooms/{id}")).toBe(
    "With the key of a manager or an admin; one who is bound to a client changes that client’s only.",
  );
  expect(who.get("GET /api/scents")).toBe(
    "With the key of a viewer, a manager or an admin, bound to one client or not.",
  );
  expect(who.get("POST /api/users")).toBe("With the key of an admin who is not bound to one client.");
});

test("each parameter and each field has a description", () => {
  const ofParameters = operations.flatMap(({ key, parameters }) =>
    parameters.filter((one) => !resolved<Parameter>(one).description).map(() => key),
  );
  const ofFields = Object.entries(schemas).flatMap(([name, schema]) => undescribed(schema, `${name}.`));
  expect([...ofParameters, ...ofFields]).toEqual([]);
});

test("paging is as it is done", () => {
  const { minimum, maximum = 0, default: standard } = components.parameters["limit"]?.schema ?? {};
  const asked = (limit: number) => () => parseListQuery(new URLSearchParams({ limit: String(limit) }), [], 1);
  expect([minimum, standard]).toEqual([1, 50]);
  expect(asked(maximum)().limit).toBe(maximum);
  expect(asked(maximum + 1)).toThrow();
  expect(asked(0)).toThrow();
});

function undescribed({ properties = {}, items, anyOf = [] }: Schema, path: string): string[] {
  const own = Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description ? [] : [path + name]),
    ...undescribed(field, `${path}${name}.`),
  ]);
  return [...own, ...[...anyOf, ...(items ? [items] : [])].flatMap((one) => undescribed(one, path))];
}
