/** Small things that the documentation of the interface is made of. */
import { type Html, html } from "../plumbing/html.ts";
import { type Field, fieldsOf, type Schema, typeOf } from "../plumbing/schema-fields.ts";
import type { Example, Parameter } from "./openapi-parts.ts";

/** What stands between backticks is code. */
export function prose(text: string): Html[] {
  return text.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

export function paragraphs(text: string): Html[] {
  return text.split("\n\n").map((paragraph) => html`<p>${prose(paragraph)}</p>`);
}

/** `Device usages` is `device-usages`. */
export function anchorOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z]+/g, "-");
}

export function figure(caption: string | Html[], text: string): Html {
  return html`<figure><figcaption>${caption}</figcaption><pre>${text}</pre></figure>`;
}

/** The bytes, where they matter. */
export function exampleText({ value, "x-serialized-value": text }: Example): string {
  if (text !== undefined) return text;
  return typeof value === "string" ? value : JSON.stringify(value, null, 2);
}

export function parameterTable(parameters: readonly Parameter[]): Html | false {
  if (parameters.length === 0) return false;
  const rows = parameters.map(({ name, in: place, description, required = false, schema }) => ({
    name,
    place,
    type: typeOf(schema),
    pattern: schema.pattern,
    isRequired: required,
    standard: schema.default === undefined ? undefined : JSON.stringify(schema.default),
    about: description,
  }));
  return specTable("Parameters", rows);
}

export function fieldTable(caption: string, schema: Schema): Html {
  return specTable(caption, fieldsOf(schema));
}

type Row = Field & { place?: string };

const HEADS = ["Name", "Type", "Required", "Meaning"];

function specTable(caption: string, rows: readonly Row[]): Html {
  return html`<table class="spec"><caption>${caption}</caption><thead><tr>${HEADS.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map(specRow)}</tbody></table>`;
}

function specRow({ name, place, type, pattern, isRequired, standard, about }: Row): Html {
  return html`<tr><th scope="row"><code>${name}</code>${place !== undefined && html` <span class="soft">${place}</span>`}</th>
<td>${type}${isShort(pattern) && html` <code>${pattern}</code>`}</td>
<td>${isRequired ? "required" : html`<span class="none">optional</span>`}</td>
<td>${prose(about)}${standard !== undefined && html` Unless given: <code>${standard}</code>.`}</td></tr>`;
}

/** A longer one tells nobody anything. */
function isShort(pattern: string | undefined): boolean {
  return pattern !== undefined && pattern.length < 30;
}
