import { type Html, html } from "../plumbing/html.ts";
import { empty, moment } from "../plumbing/page-parts.ts";
import { type ChangeLine, changeLines } from "./audit-changes.ts";
import type { AuditEntry } from "./audit-store.ts";
import { erpPage, type Frame } from "./page-layout.ts";
import { addressOf, older } from "./page-pager.ts";
import { RESOURCES } from "./resources.ts";

const PLACE = "/audit";
const UTC = "UTC";
/** More changes than these are shown when asked for. */
const SHOWN_AT_ONCE = 6;

type Listed = {
  data: readonly (AuditEntry & { id: number })[];
  q: string;
  before: number | undefined;
  next: number | undefined;
};

export function auditPage(frame: Frame, listed: Listed): Html {
  const { data, q, before, next } = listed;
  const content =
    data.length === 0 && q === "" && before === undefined
      ? empty("Nothing has been changed yet", "Whatever people and programs change in the back office stands here.")
      : html`${searchForm(q)}${data.length > 0 ? auditTable(data) : empty("Nothing fits", "Search for something else.")}${next !== undefined && older(addressOf(PLACE, { q, before: next }))}`;
  return erpPage(frame, { title: "Audit log", place: PLACE, lead: LEAD, content });
}

const LEAD = "Who changed what, and when. Of customers it has the names of fields only.";

function searchForm(q: string): Html {
  return html`<form class="filters" method="get" action="${PLACE}" role="search">
<label>Search <input type="search" name="q" value="${q}" maxlength="200" placeholder="Who, or what was done to what"></label>
<button>Show</button></form>`;
}

function auditTable(entries: Listed["data"]): Html {
  const row = (entry: Listed["data"][number]) =>
    html`<tr><th scope="row">${moment(entry.at, UTC)}</th><td data-label="Who">${entry.actor}</td><td data-label="Did">${deed(entry)}</td><td data-label="Changes">${changesOf(entry)}</td></tr>`;
  return html`<div class="card sheet"><table class="records"><caption class="spoken">Audit log</caption><thead><tr><th scope="col">When</th><th scope="col">Who</th><th scope="col">Did</th><th scope="col">Changes</th></tr></thead>
<tbody>${entries.map(row)}</tbody></table></div>`;
}

/** What is not there any more. */
const ENDS = ["removed", "erased"];

const OTHERS: Record<string, string> = { customers: "customer", "device-usages": "device usage" };

/** As people call one of each; what has no page of its own is not here. */
const ONES = new Map([
  ...Object.values(RESOURCES).map(({ name, one }) => [name as string, one] as const),
  ...Object.entries(OTHERS),
]);

function deed({ action, resource, rowId }: AuditEntry): Html {
  const one = ONES.get(resource);
  if (rowId === null || one === undefined) return html`${action} ${resource.replaceAll("-", " ")}`;
  const name = `${one} ${String(rowId)}`;
  return html`${action} ${ENDS.includes(action) ? name : html`<a href="/${resource}/${rowId}">${name}</a>`}`;
}

function changesOf(entry: AuditEntry): Html {
  const lines = changeLines(entry);
  if (lines.length === 0) return NONE;
  if (lines.every(({ values }) => values.length === 0)) return html`${lines.map(({ label }) => label).join(", ")}`;
  if (lines.length <= SHOWN_AT_ONCE) return changeList(lines);
  return html`<details><summary>${lines.length} fields</summary>${changeList(lines)}</details>`;
}

const NONE = html`<span class="none">none</span>`;

function changeList(lines: readonly ChangeLine[]): Html {
  return html`<ul class="changes">${lines.map(({ label, values }) => html`<li><span class="soft">${label}:</span> ${valuesOf(values)}</li>`)}</ul>`;
}

function valuesOf([first, second]: readonly string[]): Html {
  if (second === undefined) return html`${first || NONE}`;
  return html`<del>${first || NONE}</del> <span aria-hidden="true">→</span><span class="spoken"> became </span> <ins>${second || NONE}</ins>`;
}
