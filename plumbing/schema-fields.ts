/** A JSON Schema, as far as it is shown to people. */
export type Schema = {
  $ref?: string;
  type?: string | string[];
  description?: string;
  format?: string;
  pattern?: string;
  const?: unknown;
  enum?: unknown[];
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  maxLength?: number;
  default?: unknown;
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  propertyNames?: Schema;
  additionalProperties?: Schema | boolean;
  anyOf?: Schema[];
};

/** A field of an object; one within another has a name with a dot. */
export type Field = {
  name: string;
  type: string;
  pattern: string | undefined;
  isRequired: boolean;
  /** What is taken when it is absent. */
  standard: string | undefined;
  about: string;
};

/** The fields of a JSON Schema in their order, each followed by what is within it. */
export function fieldsOf({ properties = {}, required = [], anyOf = [] }: Schema, prefix = ""): Field[] {
  const own = Object.entries(properties).flatMap(([name, schema]): Field[] => [
    {
      name: prefix + name,
      type: typeOf(schema),
      // A time says what it is.
      pattern: schema.format ? undefined : schema.pattern,
      isRequired: required.includes(name),
      standard: schema.default === undefined ? undefined : JSON.stringify(schema.default),
      about: schema.description ?? "",
    },
    ...fieldsOf(schema, `${prefix}${name}.`),
    ...fieldsOf(schema.items ?? {}, `${prefix}${name}[].`),
  ]);
  return [...own, ...anyOf.flatMap((one) => fieldsOf(one, prefix))];
}

/** In words: `"a" | "b"`, `integer from 1 up to 500`, `array of string`. */
export function typeOf(schema: Schema): string {
  const { anyOf, propertyNames, additionalProperties, items } = schema;
  if (schema.$ref !== undefined) return schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
  if (anyOf) return anyOf.map(typeOf).join(" or ");
  if ("const" in schema) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (items) return `array of ${typeOf(items)}`;
  if (propertyNames && typeof additionalProperties === "object")
    return `${typeOf(additionalProperties)} for each of ${typeOf(propertyNames)}`;
  return [namesOf(schema), ...limitsOf(schema)].join(" ");
}

function namesOf({ type = "anything", format = "", pattern = "" }: Schema): string {
  // An offset may stand in the place of the Z, or not.
  const dateTime = pattern.includes("[+-]") ? "date-time" : "date-time in UTC";
  const formats: Record<string, string> = { "date-time": dateTime, date: "date" };
  return [type]
    .flat()
    .map((name) => (name === "string" ? (formats[format] ?? name) : name))
    .join(" or ");
}

function limitsOf({ minimum, exclusiveMinimum, maximum = Infinity, maxLength }: Schema): string[] {
  return [
    // Any smaller or larger one would not be exact.
    minimum === undefined || minimum <= Number.MIN_SAFE_INTEGER ? "" : `from ${String(minimum)}`,
    exclusiveMinimum === undefined ? "" : `above ${String(exclusiveMinimum)}`,
    maximum < Number.MAX_SAFE_INTEGER ? `up to ${String(maximum)}` : "",
    maxLength === undefined ? "" : `of at most ${String(maxLength)} characters`,
  ].filter((limit) => limit !== "");
}
