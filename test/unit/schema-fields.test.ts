import { expect, test } from "vitest";

import { fieldsOf, type Schema } from "../../plumbing/schema-fields.ts";

const ofType = (schema: Schema) => fieldsOf({ properties: { one: schema } })[0]?.type;

test.for<[schema: Schema, type: string]>([
  [{ type: "string" }, "string"],
  [{ type: "string", maxLength: 32 }, "string of at most 32 characters"],
  [{ type: "string", format: "date-time", pattern: "^.*Z$" }, "date-time in UTC"],
  [{ type: "string", enum: ["wood", "fire"] }, '"wood" | "fire"'],
  [{ type: "integer", minimum: 1, maximum: 3 }, "integer from 1 up to 3"],
  [{ type: "integer", exclusiveMinimum: 0, maximum: Number.MAX_SAFE_INTEGER }, "integer above 0"],
  [{ type: "array", items: { type: "string" } }, "array of string"],
  [{ anyOf: [{ type: "object" }, { type: "null" }] }, "object or null"],
  [
    { type: "object", propertyNames: { enum: ["wood", "fire"] }, additionalProperties: { type: "number" } },
    'number for each of "wood" | "fire"',
  ],
  [{}, "anything"],
])("%j is a %s", ([schema, type]) => {
  expect(ofType(schema)).toBe(type);
});

test("a field says whether it is required, what it looks like and what it means", () => {
  const id = { type: "string", pattern: "^[a-z]+$", description: "Made once." };
  const at = { type: "string", format: "date-time", pattern: "^.*Z$" };
  expect(fieldsOf({ properties: { id, at }, required: ["id"] })).toEqual([
    { name: "id", type: "string", pattern: "^[a-z]+$", isRequired: true, about: "Made once." },
    { name: "at", type: "date-time in UTC", pattern: undefined, isRequired: false, about: "" },
  ]);
});

test("what is within a field follows it, also where there may be none", () => {
  const inner = { type: "object", properties: { scent: { type: "string" } }, required: ["scent"] };
  const outer = { properties: { schedule: { anyOf: [inner, { type: "null" }] }, after: { type: "string" } } };
  expect(fieldsOf(outer).map(({ name, isRequired }) => [name, isRequired])).toEqual([
    ["schedule", false],
    ["schedule.scent", true],
    ["after", false],
  ]);
});
