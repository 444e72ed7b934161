import { Html, html } from "../plumbing/html.ts";
import type { FieldErrors } from "./field-errors.ts";
import { type Frame, tokenField } from "./page-layout.ts";
import type { Field, ResourceName } from "./resources.ts";

export type Options = (name: ResourceName) => { id: number; label: string }[];

/** What stands in a form, and what was wrong with it when it was sent. */
export type Typed = { values: URLSearchParams; errors: FieldErrors };

type Form = {
  action: string;
  fields: readonly Field[];
  typed: Typed;
  options: Options;
  button: string;
  cancel: string;
  /** The version that the person saw. */
  version?: string | undefined;
};

const REQUIRED = new Html(" required");
export const AUTOFOCUS = new Html(" autofocus");
const SELECTED = new Html(" selected");

const INPUT_TYPES: Partial<Record<Field["kind"], Html>> = {
  email: new Html('type="email" autocomplete="off"'),
  day: new Html('type="date"'),
  time: new Html('type="time" step="1"'),
  moment: new Html('type="datetime-local" step="1"'),
  money: new Html('inputmode="decimal" placeholder="25.00" autocomplete="off"'),
  timezone: new Html('list="timezones" placeholder="Asia/Hong_Kong" autocomplete="off" spellcheck="false"'),
};

/** A form with its errors at the fields, and in words above it. */
export function fieldsForm(frame: Frame, form: Form): Html {
  const { action, fields, typed, button, cancel, version } = form;
  const hasZones = fields.some(({ kind }) => kind === "timezone");
  const focus = firstWrong(fields, typed.errors);
  return html`<form class="card fields" method="post" action="${action}">
${tokenField(frame)}${version !== undefined && html`<input type="hidden" name="version" value="${version}">`}
${fields.map((field) => fieldRow(field, { ...form, focus }))}
${unplacedErrors(fields, typed.errors)}
<p class="buttons"><button class="strong">${button}</button> <a class="button" href="${cancel}">Cancel</a></p>
${hasZones && html`<datalist id="timezones">${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value="${zone}">`)}</datalist>`}
</form>`;
}

/** What was typed into these fields; `undefined` for what another form of the page has sent, such as a removal. */
export function typedInto(fields: readonly Field[], typed: Typed | undefined): Typed | undefined {
  return typed && fields.some(({ name }) => typed.values.has(name)) ? typed : undefined;
}

/** The field that the focus goes to when a form comes back. */
export function firstWrong(fields: readonly { name: string }[], errors: FieldErrors): string | undefined {
  return fields.find(({ name }) => errors[name])?.name;
}

type Place = Pick<Form, "typed" | "options"> & { focus: string | undefined };

export function fieldRow(field: Field, { typed, options, focus }: Place): Html {
  const { name, label, hint } = field;
  const [problem] = typed.errors[name] ?? [];
  const isRequired = !field.isOptional && field.kind !== "moment";
  const hasFocus = name === focus;
  const attributes = html`id="${name}" name="${name}"${isRequired && REQUIRED}${noted(field, problem)}${hasFocus && AUTOFOCUS}`;
  return html`<div class="field"><label for="${name}">${label}${!isRequired && html` <span class="soft">optional</span>`}</label>
${inputOf(field, { attributes, value: typed.values.get(name) ?? "", options })}
${hint !== undefined && html`<p class="hint" id="${name}-hint">${hint}</p>`}${problem !== undefined && html`<p class="problem" id="${name}-error">${problem}</p>`}</div>`;
}

/** What is said of a field beside its label, tied to it for those who hear the page. */
function noted({ name, hint }: Field, problem: string | undefined): Html {
  const notes = [hint !== undefined && `${name}-hint`, problem !== undefined && `${name}-error`].filter(Boolean);
  return html`${notes.length > 0 && html` aria-describedby="${notes.join(" ")}"`}${problem !== undefined && html` aria-invalid="true"`}`;
}

type Input = { attributes: Html; value: string; options: Options };

function inputOf(field: Field, { attributes, value, options }: Input): Html {
  if (field.kind === "choice") {
    const choices = field.options.map((option) => ({ value: option, label: field.labels?.[option] ?? option }));
    return select(attributes, { choices, value, empty: field.isOptional && "Not told" });
  }
  if (field.kind === "reference") {
    const choices = options(field.to).map(({ id, label }) => ({ value: String(id), label }));
    return select(attributes, { choices, value, empty: field.isOptional ? emptyLabel(field) : "Choose…" });
  }
  if (field.kind === "long") return html`<textarea ${attributes} rows="6" spellcheck="false">${value}</textarea>`;
  return html`<input ${attributes}${field.kind === "text" && field.keyboard !== undefined && html` inputmode="${field.keyboard}"`} ${INPUT_TYPES[field.kind] ?? new Html('autocomplete="off"')} value="${value}">`;
}

function emptyLabel({ name }: Field): string {
  return name === "client_id" ? "All clients" : "None";
}

type Select = { choices: readonly { value: string; label: string }[]; value: string; empty: string | undefined };

export function select(attributes: Html, { choices, value, empty }: Select): Html {
  return html`<select ${attributes}>${empty !== undefined && html`<option value="">${empty}</option>`}${choices.map(
    (one) => html`<option value="${one.value}"${one.value === value && SELECTED}>${one.label}</option>`,
  )}</select>`;
}

/** What is wrong with no field that is shown. */
function unplacedErrors(fields: readonly Field[], errors: FieldErrors): Html | false {
  const names = new Set(fields.map(({ name }) => name));
  const others = Object.entries(errors).flatMap(([name, problems]) => (names.has(name) ? [] : problems));
  return others.length > 0 && html`<p class="problem">${others.join(" ")}</p>`;
}
