/** What a list is asked for that goes back in time instead of by numbered pages: the same words for programs and pages. */
import { FieldsError } from "./field-errors.ts";
import { type PagedQuery, parseListQuery } from "./list-query.ts";
import type { Field } from "./resources.ts";
import { readId } from "./row-id.ts";

export type OlderQuery = Omit<PagedQuery, "page"> & {
  /** The list begins below this id; without it, at the newest. */
  before: number | undefined;
};

/**
 * `q`, `before`, `limit` and the filters of `parseListQuery`.
 *
 * @throws {FieldsError} that names what is wrong or unknown
 */
export function parseOlderQuery(query: URLSearchParams, fields: readonly Field[], standardLimit: number): OlderQuery {
  const others = new URLSearchParams([...query].filter(([name]) => name !== "before"));
  const given = query.getAll("before");
  if (query.has("page")) throw new FieldsError({ page: ["There is no parameter page."] });
  if (given.length > 1) throw new FieldsError({ before: ["The before must not be given more than once."] });
  const [before = ""] = given;
  if (before !== "" && readId(before) === undefined) throw new FieldsError({ before: ["The before must be an id."] });
  const { page: _page, ...rest } = parseListQuery(others, fields, standardLimit);
  return { ...rest, before: readId(before) };
}
