import { type Html, html } from "../plumbing/html.ts";
import { chip, empty } from "../plumbing/page-parts.ts";
import { barChart } from "./chart.ts";
import type { FieldErrors } from "./field-errors.ts";
import { AUTOFOCUS, firstWrong, select } from "./page-forms.ts";
import { erpPage, type Frame } from "./page-layout.ts";
import { scentName } from "./page-usages.ts";
import type { Cell, ReportTable } from "./report-tables.ts";
import type { Terms } from "./report-terms.ts";
import type { ReportName } from "./reports.ts";

const REPORTS: Record<ReportName, { title: string; about: string; nothing: string }> = {
  "device-usage": {
    title: "Device usage",
    about: "Every usage that touches the period, with the minutes that fall into it.",
    nothing: "No device was used in this period.",
  },
  payments: { title: "Payments", about: "What the client has paid.", nothing: "No payment was made in this period." },
  billables: {
    title: "Billables",
    about: "What the client owes for each device, by its charge rate.",
    nothing: "Nothing is owed for this period.",
  },
};

type Report = {
  clients: readonly { id: number; label: string }[];
  query: URLSearchParams;
  errors: FieldErrors;
  made: (Terms & { table: ReportTable; all: number }) | undefined;
};

export function reportsPage(frame: Frame): Html {
  const cards = Object.entries(REPORTS).map(
    ([name, { title, about }]) =>
      html`<li class="card"><h2><a class="row" href="/reports/${name}">${title}</a></h2><p class="soft">${about}</p></li>`,
  );
  return erpPage(frame, { title: "Reports", place: "/reports", content: html`<ul class="choices">${cards}</ul>` });
}

export function reportPage(frame: Frame, name: ReportName, report: Report): Html {
  const { title, about } = REPORTS[name];
  const { clients, made, query } = report;
  const content =
    clients.length === 0
      ? empty("No clients yet", html`Reports are made for a <a href="/clients">client</a> and a period.`)
      : html`${tabs(name, query)}${filterForm(name, report)}${made && reportBody(name, { made, query })}`;
  return erpPage(frame, { title, place: "/reports", lead: about, content });
}

const CURRENT = html` aria-current="page"`;

/** The other reports of the same client and period. */
function tabs(name: ReportName, query: URLSearchParams): Html {
  const links = Object.entries(REPORTS).map(
    ([other, { title }]) =>
      html`<li><a href="/reports/${other}?${query.toString()}"${other === name && CURRENT}>${title}</a></li>`,
  );
  return html`<nav class="tabs" aria-label="Reports"><ul>${links}</ul></nav>`;
}

const ASKED = [{ name: "client_id" }, { name: "from" }, { name: "to" }];

function filterForm(name: ReportName, { clients, query, errors, made }: Report): Html {
  const choices = clients.map(({ id, label }) => ({ value: String(id), label }));
  const focus = firstWrong(ASKED, errors);
  const asked = (field: string, label: string, input: (attributes: Html) => Html) => {
    const [problem] = errors[field] ?? [];
    const attributes = html`name="${field}"${problem !== undefined && html` aria-invalid="true" aria-describedby="${field}-error"`}${field === focus && AUTOFOCUS}`;
    return html`<div><label>${label} ${input(attributes)}</label>${problem !== undefined && html`<p class="problem" id="${field}-error">${problem}</p>`}</div>`;
  };
  const day = (field: string, known: string | undefined) => (attributes: Html) =>
    html`<input type="date" ${attributes} value="${query.get(field) || known}">`;
  const client = (attributes: Html) =>
    select(attributes, { choices, value: query.get("client_id") ?? "", empty: undefined });
  return html`<form class="filters" method="get" action="/reports/${name}">
${asked("client_id", "Client", client)}${asked("from", "From", day("from", made?.period.firstDay))}${asked("to", "To", day("to", made?.period.lastDay))}
<button>Show</button></form>`;
}

type Body = { made: NonNullable<Report["made"]>; query: URLSearchParams };

function reportBody(name: ReportName, { made, query }: Body): Html {
  const { client, period, table, all } = made;
  if (all === 0) return empty("Nothing to report", REPORTS[name].nothing);
  const about = `${period.firstDay} to ${period.lastDay}, ${client.timezone}`;
  return html`${chartCard(table, `${client.name}, ${about}`)}
<section class="card sheet" aria-labelledby="rows"><div class="sheet-head"><h2 id="rows">${client.name} <span class="soft">${about}</span></h2><a class="button" href="/reports/${name}.csv?${query.toString()}">CSV</a></div>
${reportTable(name, table)}${all > table.rows.length && html`<p class="soft">The newest ${table.rows.length} of ${all}; CSV has all of them.</p>`}</section>`;
}

function chartCard({ chart: { bars, caption, format } }: ReportTable, about: string): Html {
  const short = bars.map((bar) => ({ ...bar, label: shortened(bar.label) }));
  const rows = bars.map(
    ({ label, value }) => html`<tr><th scope="row">${label}</th><td class="number">${format(value)}</td></tr>`,
  );
  return html`<section class="card" aria-labelledby="chart"><h2 id="chart">${caption}</h2>${barChart(short, { caption: `${caption}: ${about}`, format })}
${bars.length > 1 && html`<details class="data"><summary>The chart as a table</summary><table class="short"><thead><tr><th scope="col">What</th><th scope="col" class="number">Value</th></tr></thead><tbody>${rows}</tbody></table></details>`}</section>`;
}

/** There is no room for more below a bar: its end tells a serial from the others. */
function shortened(label: string): string {
  return label.length <= MOST_BELOW_A_BAR ? label : `…${label.slice(1 - MOST_BELOW_A_BAR)}`;
}

const MOST_BELOW_A_BAR = 14;

/** What needs no name beside it on a phone, where there are no heads of columns. */
const PLAIN = new Set(["device", "serial", "room", "scent", "flag", "source", "note", "paid_on", "amount"]);
/** What people have named. */
const TEXTS = new Set(["room", "note"]);
const CLOCK_TIMES = new Set(["checkin", "checkout"]);
/** What a phone shows at the end of a row's first line. */
const KEYS: Record<ReportName, readonly string[]> = {
  "device-usage": ["minutes", "flag"],
  payments: ["amount"],
  billables: ["amount"],
};

function reportTable(report: ReportName, { columns, rows, total }: ReportTable): Html {
  const kinds = columns.map(({ name, isNumber }) => [
    isNumber && "number",
    KEYS[report].includes(name) && "key",
    CLOCK_TIMES.has(name) && "clock",
    TEXTS.has(name) && "place",
  ]);
  const heads = columns.map(({ label }, at) => html`<th scope="col"${classOf(kinds[at])}>${label}</th>`);
  const labels = columns.map(({ name, label }) => !PLAIN.has(name) && html` data-label="${label}"`);
  const cells = (row: readonly Html[]) =>
    row.map((shown, at) =>
      at === 0
        ? html`<th scope="row"${labels[at]}>${shown}</th>`
        : html`<td${classOf(kinds[at])}${labels[at]}>${shown}</td>`,
    );
  const line = (row: readonly Cell[]) => html`<tr>${cells(row.map((cell, at) => look(columns[at]?.name, cell)))}</tr>`;
  const sums = total.map((cell, at) => (at === 0 ? html`Total` : html`${cell}`));
  return html`<table><thead><tr>${heads}</tr></thead>
<tbody>${rows.map(line)}</tbody><tfoot><tr>${cells(sums)}</tr></tfoot></table>`;
}

function classOf(kinds: readonly (string | false | undefined)[] = []): Html | false {
  const names = kinds.filter(Boolean).join(" ");
  return names !== "" && html` class="${names}"`;
}

function look(column: string | undefined, cell: Cell): Html {
  if (cell === "") return html``;
  if (column === "serial" || column === "device") return html`<code class="serial">${cell}</code>`;
  if (column === "scent") return scentName(String(cell));
  if (CLOCK_TIMES.has(column ?? "")) return clockTime(String(cell));
  return column === "flag" ? chip("warn", String(cell)) : html`${cell}`;
}

/** Broken between day and time only. */
function clockTime(text: string): Html {
  const [day = "", time = ""] = text.split(" ");
  return html`<span>${day}</span> <span>${time}</span>`;
}
