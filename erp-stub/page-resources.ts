import { type Html, html } from "../plumbing/html.ts";
import { empty, moment } from "../plumbing/page-parts.ts";
import { amount } from "./form-values.ts";
import { isFilter, type PagedQuery } from "./list-query.ts";
import { type Options, select } from "./page-forms.ts";
import { erpPage, type Frame, tokenField } from "./page-layout.ts";
import { addressOf, pager } from "./page-pager.ts";
import type { Row } from "./resource-store.ts";
import { type Field, RESOURCES, type ResourceName } from "./resources.ts";

type Listed = { rows: readonly Row[]; total: number; query: PagedQuery; mayWrite: boolean; options: Options };

/** Where times of rows are shown that belong to no room: as they are stored. */
const UTC = "UTC";

export function listPage(frame: Frame, name: ResourceName, listed: Listed): Html {
  const { one, many } = RESOURCES[name];
  const { rows, total, query, mayWrite } = listed;
  const isNarrowed = query.q !== "" || Object.keys(query.filters).length > 0;
  const content =
    total === 0 && !isNarrowed
      ? empty(`No ${many.toLowerCase()} yet`, nothingYet(name, mayWrite))
      : html`${filterForm(name, listed)}${rows.length === 0 ? nothingHere(listed) : rowTable(name, listed)}${pagerOf(name, listed)}`;
  return erpPage(frame, {
    title: many,
    place: `/${name}`,
    lead: total === 0 ? undefined : `${total.toLocaleString("en")} ${total === 1 ? one : many.toLowerCase()}`,
    actions: mayWrite && html`<a class="button strong" href="/${name}/new">New ${one}</a>`,
    content,
  });
}

function nothingYet(name: ResourceName, mayWrite: boolean): Html | string {
  const { one } = RESOURCES[name];
  return mayWrite ? html`<a href="/${name}/new">Create the first ${one}</a>` : "Whoever may create them has made none.";
}

function nothingHere({ total }: Listed): Html {
  return total === 0
    ? empty("Nothing fits", "Search for something else.")
    : empty("There is no such page", "The list ends before it.");
}

function filterForm(name: ResourceName, { query, options }: Listed): Html {
  const filters = RESOURCES[name].fields.filter(isFilter);
  return html`<form class="filters" method="get" action="/${name}" role="search">
<label>Search <input type="search" name="q" value="${query.q}" maxlength="200"></label>
${filters.map((field) => html`<label>${field.label} ${filterSelect(field, { query, options })}</label>`)}
<button>Show</button></form>`;
}

function filterSelect(field: Field, { query, options }: { query: PagedQuery; options: Options }): Html {
  const choices =
    field.kind === "choice"
      ? field.options.map((option) => ({ value: option, label: option }))
      : field.kind === "reference"
        ? options(field.to).map(({ id, label }) => ({ value: String(id), label }))
        : [];
  const value = String(query.filters[field.name] ?? "");
  return select(html`name="${field.name}"`, { choices, value, empty: "Any" });
}

function rowTable(name: ResourceName, { rows }: Listed): Html {
  const { fields, many } = RESOURCES[name];
  const more = MORE[name] ?? [];
  return html`<div class="card sheet"><table class="names"><caption class="spoken">${many}</caption><thead><tr>${fields.map(({ label, kind }) => html`<th scope="col"${kind === "money" && NUMBER}>${label}</th>`)}${more.map(({ label }) => html`<th scope="col">${label}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${fields.map((field, at) => cell(field, { row, href: at === 0 ? `/${name}/${String(row.id)}` : undefined }))}${more.map(({ label, show }) => html`<td data-label="${label}">${show(row)}</td>`)}</tr>`)}</tbody></table></div>`;
}

const NUMBER = html` class="number"`;

/** What is shown of a row beside what its form asks for. */
const MORE: Partial<Record<ResourceName, { label: string; show: (row: Row) => Html | string }[]>> = {
  users: [{ label: "Signs in", show: (row) => (row["has_password"] === 1 ? "with a password" : "not invited yet") }],
  devices: [{ label: "Stands in", show: (row) => (row["room"] === null ? NONE : String(row["room"])) }],
  payments: [{ label: "Source", show: (row) => String(row["source"]) }],
  "api-keys": [{ label: "Made", show: (row) => moment(String(row["created_at"]), UTC) }],
};

const NONE = html`<span class="none">none</span>`;

function cell(field: Field, { row, href }: { row: Row; href: string | undefined }): Html {
  const text = shown(field, row);
  if (href === undefined) return html`<td data-label="${field.label}"${field.kind === "money" && NUMBER}>${text}</td>`;
  return html`<th scope="row"><a class="row" href="${href}">${text}</a></th>`;
}

/** What is printed on devices. */
const SERIALS = new Set(["serial", "device_id"]);

/** The value of a field as people read it. */
export function shown(field: Field, row: Row): Html | string {
  const value = row[field.kind === "reference" ? field.name.replace(/_id$/, "") : field.name] ?? null;
  if (value === null || value === "") return field.name === "client_id" ? "all clients" : NONE;
  if (field.kind === "money") return amount(Number(value));
  if (SERIALS.has(field.name)) return html`<code class="serial">${String(value)}</code>`;
  return field.kind === "moment" ? moment(String(value), String(row["timezone"] ?? UTC)) : String(value);
}

function pagerOf(name: ResourceName, { query, total }: Listed): Html | false {
  const { q, page, limit, filters } = query;
  const given = Object.fromEntries(Object.entries(filters).map(([field, value]) => [field, String(value)]));
  const at = (number: number) => addressOf(`/${name}`, { q, ...given, page: number });
  return pager({ page, pages: Math.ceil(total / limit), at });
}

/** The way out of an entry, behind one more step. */
export function removal(frame: Frame, { action, one }: { action: string; one: string }): Html {
  return html`<details class="card removal"><summary>Remove this ${one}</summary><form method="post" action="${action}">${tokenField(frame)}
<p>It is gone for good. What others refer to cannot be removed.</p><button class="danger">Remove it</button></form></details>`;
}
