import { type Html, html } from "../plumbing/html.ts";
import type { FieldErrors } from "./field-errors.ts";
import { MIN_PASSWORD } from "./operations-contract.ts";
import { AUTOFOCUS, fieldRow, firstWrong } from "./page-forms.ts";
import { noticeBox, plainPage } from "./page-layout.ts";
import type { Field } from "./resources.ts";

type Entrance = {
  title: string;
  action: string;
  lead?: Html | string;
  fields: readonly Field[];
  values?: URLSearchParams;
  errors?: FieldErrors;
  message?: string | undefined;
  hidden?: Record<string, string>;
  password: { label: string; isNew: boolean };
  button: string;
};

/** A form at the door: to sign in, to set up, or to choose a password. */
export function entrancePage(css: string, entrance: Entrance): Html {
  const { title, action, lead, fields, hidden = {}, message, button } = entrance;
  const typed = { values: entrance.values ?? new URLSearchParams(), errors: entrance.errors ?? {} };
  const focus = focusOf(entrance);
  return plainPage(
    css,
    title,
    html`<form class="card sign-in" method="post" action="${action}">
<p class="brand">Katlai<span> ERP</span></p>
<h1>${title}</h1>
${lead !== undefined && html`<p class="soft">${lead}</p>`}
${message !== undefined && noticeBox({ tone: "bad", text: message })}
${Object.entries(hidden).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
${fields.map((field) => fieldRow(field, { typed, options: () => [], focus }))}
${passwordRow({ ...entrance.password, hasFocus: focus === "password" }, typed.errors["password"]?.[0])}
<button class="strong">${button}</button>
</form>`,
  );
}

/** Where the typing begins, or goes on after something was wrong. */
function focusOf({ fields, errors = {}, message }: Entrance): string {
  const [first] = message === undefined && !errors["password"] ? fields : [];
  return firstWrong(fields, errors) ?? first?.name ?? "password";
}

type PasswordRow = { label: string; isNew: boolean; hasFocus?: boolean };

/** A password is never shown again, whatever else was wrong. */
export function passwordRow({ label, isNew, hasFocus = false }: PasswordRow, problem: string | undefined): Html {
  const name = isNew ? "new-password" : "current-password";
  const described = [isNew && "password-hint", problem !== undefined && "password-error"].filter(Boolean).join(" ");
  return html`<div class="field"><label for="password">${label}</label>
<input id="password" name="password" type="password" autocomplete="${name}" required maxlength="200"${described !== "" && html` aria-describedby="${described}"`}${problem !== undefined && html` aria-invalid="true"`}${hasFocus && AUTOFOCUS}>
${isNew && html`<p class="hint" id="password-hint">At least ${MIN_PASSWORD} characters; a few words are easy to remember.</p>`}${problem !== undefined && html`<p class="problem" id="password-error">${problem}</p>`}</div>`;
}
