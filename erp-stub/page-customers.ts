import { type Html, html } from "../plumbing/html.ts";
import { empty, facts, moment } from "../plumbing/page-parts.ts";
import type { CustomerRow } from "./customer-contract.ts";
import { CUSTOMER_FIELDS, GENDERS, typedOfCustomer } from "./customer-form.ts";
import { versionOfCustomer } from "./customer-store.ts";
import type { Returned } from "./form-answer.ts";
import { fieldsForm } from "./page-forms.ts";
import { laidOut } from "./page-laid-out.ts";
import { erpPage, type Frame, tokenField } from "./page-layout.ts";
import { addressOf, pager } from "./page-pager.ts";
import { mayDo } from "./permissions.ts";
import { seen } from "./resource-forms.ts";

const PLACE = "/customers";
const UTC = "UTC";

type Listed = { rows: readonly CustomerRow[]; total: number; q: string; page: number; pages: number };

export function customerListPage(frame: Frame, listed: Listed): Html {
  const { rows, total, q } = listed;
  const content =
    total === 0 && q === ""
      ? empty("No customers yet", NOBODY_YET)
      : html`${searchForm(q)}${rows.length === 0 ? empty("Nobody fits", "Search for something else.") : customerTable(rows)}${pagerOf(listed)}`;
  return erpPage(frame, {
    title: "Customers",
    place: PLACE,
    lead: total === 0 ? undefined : `${total.toLocaleString("en")} ${total === 1 ? "customer" : "customers"}`,
    actions: mayChange(frame) && html`<a class="button strong" href="${PLACE}/new">New customer</a>`,
    content,
  });
}

const NOBODY_YET = html`They come by <code>POST /api/customers</code>, as soon as another system tells of somebody.`;

function searchForm(q: string): Html {
  return html`<form class="filters" method="get" action="${PLACE}" role="search">
<label>Search <input type="search" name="q" value="${q}" maxlength="200" placeholder="Name, e-mail or phone"></label>
<button>Show</button></form>`;
}

function customerTable(rows: readonly CustomerRow[]): Html {
  const row = ({ id, email, name, phone, updated_at }: CustomerRow) =>
    html`<tr><th scope="row"><a class="row" href="${PLACE}/${id}">${email}</a></th><td data-label="Name">${name ?? NONE}</td><td data-label="Phone">${phone ?? NONE}</td><td data-label="Last told of">${moment(updated_at, UTC)}</td></tr>`;
  return html`<div class="card sheet"><table class="people"><caption class="spoken">Customers</caption><thead><tr><th scope="col">E-mail</th><th scope="col">Name</th><th scope="col">Phone</th><th scope="col">Last told of</th></tr></thead>
<tbody>${rows.map(row)}</tbody></table></div>`;
}

const NONE = html`<span class="none">none</span>`;

function pagerOf({ q, page, pages }: Listed): Html | false {
  return pager({ page, pages, at: (number) => addressOf(PLACE, { q, page: number }) });
}

export function customerPage(frame: Frame, row: CustomerRow): Html {
  const place = `${PLACE}/${String(row.id)}`;
  const content = html`<section class="card" aria-label="Customer">${factsOf(row)}</section>
<section class="card" aria-labelledby="preferences"><h2 id="preferences">Preferences</h2>${laidOut(row.preferences)}</section>
${mayChange(frame) && erasure(frame, place)}`;
  return erpPage(frame, {
    title: row.name ?? row.email,
    place: PLACE,
    lead: LEAD,
    actions: html`<a class="button" href="${place}/export.json">Export</a>${mayChange(frame) && html` <a class="button strong" href="${place}/edit">Change</a>`}`,
    content,
  });
}

const LEAD = html`<a href="${PLACE}">Customers</a>`;

function factsOf({ email, gender, ...row }: CustomerRow): Html {
  return facts([
    ["Name", row.name],
    ["E-mail", html`<a href="mailto:${encodeURI(email)}">${email}</a>`],
    ["Phone", row.phone],
    ["Gender", gender && GENDERS[gender]],
    ["Age", row.age],
    ["Date of birth", row.birthdate],
    ["Since", moment(row.created_at, UTC)],
    ["Last told of", moment(row.updated_at, UTC)],
  ]);
}

/** The way out for a person, behind one more step. */
function erasure(frame: Frame, place: string): Html {
  return html`<details class="card removal"><summary>Erase this customer</summary><form method="post" action="${place}/erase">${tokenField(frame)}
<p>All that is kept of this person is erased from the store and cannot be brought back: export it first if it was asked for. The audit log keeps only that this customer was erased, when and by whom; device usages never tell who used a device.</p><button class="danger">Erase for good</button></form></details>`;
}

export function newCustomerPage(frame: Frame, { typed }: Returned): Html {
  const content = customerForm(frame, {
    action: `${PLACE}/new`,
    typed: typed ?? { values: new URLSearchParams(), errors: {} },
    button: "Add this customer",
    cancel: PLACE,
  });
  return erpPage(frame, { title: "New customer", place: PLACE, lead: LEAD, content });
}

export function changeCustomerPage(frame: Frame, row: CustomerRow, { typed }: Returned): Html {
  const place = `${PLACE}/${String(row.id)}`;
  const content = customerForm(frame, {
    action: `${place}/edit`,
    typed: typed ?? { values: typedOfCustomer(row), errors: {} },
    button: "Save",
    cancel: place,
    version: seen(typed) ?? versionOfCustomer(row),
  });
  const lead = html`<a href="${PLACE}">Customers</a> · <a href="${place}">${row.name ?? row.email}</a>`;
  return erpPage(frame, { title: "Change customer", place: PLACE, lead, content });
}

type Form = Omit<Parameters<typeof fieldsForm>[1], "fields" | "options">;

function customerForm(frame: Frame, form: Form): Html {
  return fieldsForm(frame, { ...form, fields: CUSTOMER_FIELDS, options: () => [] });
}

function mayChange({ who }: Frame): boolean {
  return mayDo(who, "customers", "write");
}
