import type { Schema } from "./asyncapi.ts";

/** A field of a payload; one within another has a name with a dot. */
export type Field = { name: string; type: string; pattern: string | undefined; isRequired: boolean; about: string };

/** The fields of a JSON Schema in their order, each followed by what is within it. */
export function fieldsOf({ properties = {}, required = [], anyOf = [] }: Schema, prefix = ""): Field[] {
  const own = Object.entries(properties).flatMap(([name, schema]): Field[] => [
    {
      name: prefix + name,
      type: typeOf(schema),
      // A time says what it is.
      pattern: schema.format ? undefined : schema.pattern,
      isRequired: required.includes(name),
      about: schema.description ?? "",
    },
    ...fieldsOf(schema, `${prefix}${name}.`),
  ]);
  return [...own, ...anyOf.flatMap((one) => fieldsOf(one, prefix))];
}

function typeOf(schema: Schema): string {
  const { type = "anything", anyOf, propertyNames, additionalProperties, items, format } = schema;
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (items) return `array of ${typeOf(items)}`;
  if (propertyNames && additionalProperties)
    return `${typeOf(additionalProperties)} for each of ${typeOf(propertyNames)}`;
  if (format === "date-time") return "date-time in UTC";
  return [type, ...limitsOf(schema)].join(" ");
}

function limitsOf({ minimum, exclusiveMinimum, maximum = Infinity, maxLength }: Schema): string[] {
  return [
    minimum === undefined ? "" : `from ${String(minimum)}`,
    exclusiveMinimum === undefined ? "" : `above ${String(exclusiveMinimum)}`,
    // Any larger one would not be exact.
    maximum < Number.MAX_SAFE_INTEGER ? `up to ${String(maximum)}` : "",
    maxLength === undefined ? "" : `of at most ${String(maxLength)} characters`,
  ].filter((limit) => limit !== "");
}
