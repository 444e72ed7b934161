import { type Field, fieldsOf, type Schema } from "../../plumbing/schema-fields.ts";
import { code, table } from "./markdown.ts";

/** The fields of what is sent, as a table. */
export function fieldTable(schema: Schema): string {
  const rows = fieldsOf(schema).map((field) => [code(field.name), typeOf(field), field.about]);
  return table(["field", "type", "meaning"], rows);
}

/** With what is taken when it is absent. */
export function typeOf({ type, pattern, isRequired, standard }: Field): string {
  const shape = pattern === undefined ? type : `${type} like ${code(pattern)}`;
  if (standard !== undefined) return `${shape}, ${code(standard)} unless sent`;
  return isRequired ? shape : `${shape}, optional`;
}
