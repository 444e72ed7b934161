import { type Html, html } from "../plumbing/html.ts";
import { empty } from "../plumbing/page-parts.ts";
import { barChart } from "./chart.ts";
import type { FieldErrors } from "./field-errors.ts";
import { select } from "./page-forms.ts";
import { erpPage, type Frame } from "./page-layout.ts";
import type { ReportTable } from "./report-tables.ts";
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
  const { title } = REPORTS[name];
  const { clients, made } = report;
  const content =
    clients.length === 0
      ? empty("No clients yet", html`Reports are made for a <a href="/clients">client</a> and a period.`)
      : html`${filterForm(name, report)}${made && reportBody(name, { made, query: report.query })}`;
  const others = Object.entries(REPORTS).map(([other, { title: label }]) =>
    other === name ? html`<b>${label}</b>` : html`<a href="/reports/${other}?${report.query.toString()}">${label}</a>`,
  );
  return erpPage(frame, {
    title,
    place: "/reports",
    lead: html`${others.map((one, at) => html`${at > 0 && " · "}${one}`)}`,
    content,
  });
}

function filterForm(name: ReportName, { clients, query, errors, made }: Report): Html {
  const choices = clients.map(({ id, label }) => ({ value: String(id), label }));
  const day = (field: "from" | "to", label: string, known: string | undefined) => {
    const [problem] = errors[field] ?? [];
    return html`<label>${label} <input type="date" name="${field}" value="${query.get(field) || known}"${problem !== undefined && html` aria-invalid="true" aria-describedby="${field}-error"`}>${problem !== undefined && html`<span class="problem" id="${field}-error">${problem}</span>`}</label>`;
  };
  const [clientProblem] = errors["client_id"] ?? [];
  return html`<form class="filters" method="get" action="/reports/${name}">
<label>Client ${select(html`name="client_id"`, { choices, value: query.get("client_id") ?? "", empty: undefined })}${clientProblem !== undefined && html`<span class="problem">${clientProblem}</span>`}</label>
${day("from", "From", made?.period.firstDay)}${day("to", "To", made?.period.lastDay)}
<button>Show</button></form>`;
}

type Body = { made: NonNullable<Report["made"]>; query: URLSearchParams };

function reportBody(name: ReportName, { made, query }: Body): Html {
  const { client, period, table, all } = made;
  const about = `${client.name}, ${period.firstDay} to ${period.lastDay}, ${client.timezone}`;
  if (all === 0) return empty("Nothing to report", REPORTS[name].nothing);
  const { bars, caption, format } = table.chart;
  return html`<section class="card chart-card" aria-labelledby="chart"><h2 id="chart">${caption}</h2>${barChart(bars, { caption: `${caption}: ${about}`, format })}
${bars.length > 1 && html`<details class="data"><summary>The chart as a table</summary><table><thead><tr><th scope="col">What</th><th scope="col" class="number">Value</th></tr></thead><tbody>${bars.map((bar) => html`<tr><th scope="row">${bar.label}</th><td class="number">${format(bar.value)}</td></tr>`)}</tbody></table></details>`}</section>
<section class="card sheet" aria-labelledby="rows"><div class="sheet-head"><h2 id="rows">${about}</h2><a class="button" href="/reports/${name}.csv?${query.toString()}">CSV</a></div>
${reportTable(table)}${all > table.rows.length && html`<p class="soft">The newest ${table.rows.length} of ${all}; CSV has all of them.</p>`}</section>`;
}

function reportTable({ columns, rows, total }: ReportTable): Html {
  const numberClass = (at: number) => columns[at]?.isNumber && html` class="number"`;
  const cells = (row: readonly (string | number)[], tag: "row" | "total") =>
    row.map((cell, at) =>
      at === 0
        ? html`<th scope="row">${tag === "total" ? "Total" : cell}</th>`
        : html`<td${numberClass(at)} data-label="${columns[at]?.label}">${flagged(cell)}</td>`,
    );
  return html`<table><thead><tr>${columns.map(({ label }, at) => html`<th scope="col"${numberClass(at)}>${label}</th>`)}</tr></thead>
<tbody>${rows.map((row) => html`<tr>${cells(row, "row")}</tr>`)}</tbody><tfoot><tr>${cells(total, "total")}</tr></tfoot></table>`;
}

function flagged(cell: string | number): Html | string | number {
  return cell === "unclosed" || cell === "open" ? html`<span class="chip" data-tone="warn">${cell}</span>` : cell;
}
