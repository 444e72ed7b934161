import { type Html, html } from "../plumbing/html.ts";
import { chip, empty, facts, moment } from "../plumbing/page-parts.ts";
import { type Options, select } from "./page-forms.ts";
import { erpPage, type Frame } from "./page-layout.ts";
import type { UsageRow } from "./usage-page-store.ts";

const PLACE = "/device-usages";

type Listed = {
  rows: readonly UsageRow[];
  query: URLSearchParams;
  /** Where the page that follows begins. */
  older: string | undefined;
  mayWrite: boolean;
  options: Options;
};

/** The accent of a scent, with its name; a code that has no accent stays a word. */
export function scentName(code: string): Html {
  return html`<span class="scent ${/^[a-z]+$/.test(code) ? code : ""}">${code}</span>`;
}

function usageState({ checkout_at, has_ended }: Pick<UsageRow, "checkout_at" | "has_ended">): Html {
  if (checkout_at !== null) return chip("good", "closed");
  return has_ended === 1 ? chip("warn", "unclosed") : chip("busy", "open");
}

export function usageListPage(frame: Frame, { rows, query, older, mayWrite, options }: Listed): Html {
  const isNarrowed = ["client_id", "serial", "scent", "source", "before"].some((name) => query.get(name));
  const content =
    rows.length === 0 && !isNarrowed
      ? empty("No device usages yet", "They come by themselves as soon as a device that is set up in a room checks in.")
      : html`${filters(query, options)}${rows.length === 0 ? empty("Nothing fits", "Look for something else.") : usageTable(rows)}${older !== undefined && html`<nav class="pager" aria-label="Pages"><a class="button" rel="next" href="${older}">Older</a></nav>`}`;
  const actions = mayWrite && html`<a class="button strong" href="${PLACE}/new">Enter a usage</a>`;
  return erpPage(frame, { title: "Device usages", place: PLACE, actions, content });
}

function filters(query: URLSearchParams, options: Options): Html {
  const clients = options("clients").map(({ id, label }) => ({ value: String(id), label }));
  const value = (name: string) => query.get(name) ?? "";
  const sources = ["webhook", "manual"].map((source) => ({ value: source, label: source }));
  return html`<form class="filters" method="get" action="${PLACE}" role="search">
<label>Serial <input type="search" name="serial" value="${value("serial")}" maxlength="64"></label>
<label>Client ${select(html`name="client_id"`, { choices: clients, value: value("client_id"), empty: "Any" })}</label>
<label>Scent <input type="search" name="scent" value="${value("scent")}" maxlength="64"></label>
<label>Source ${select(html`name="source"`, { choices: sources, value: value("source"), empty: "Any" })}</label>
<button>Show</button></form>`;
}

function usageTable(rows: readonly UsageRow[]): Html {
  return html`<div class="card sheet"><table><caption class="spoken">Device usages</caption><thead><tr><th scope="col">Check-in</th><th scope="col">Device</th><th scope="col">Room</th><th scope="col">Scent</th><th scope="col">State</th><th scope="col">Check-out</th><th scope="col">Source</th></tr></thead>
<tbody>${rows.map(
    (
      row,
    ) => html`<tr><th scope="row"><a class="row" href="${PLACE}/${row.id}">${moment(row.checkin_at, row.timezone)}</a></th>
<td><code class="serial">${row.serial}</code></td><td class="place">${row.room} <span class="soft">${row.client}</span></td><td>${scentName(row.scent)}</td>
<td class="key">${usageState(row)}</td><td data-label="Check-out" class="end">${row.checkout_at === null ? NONE : moment(row.checkout_at, row.timezone)}</td><td>${row.source}</td></tr>`,
  )}</tbody></table></div>`;
}

const NONE = html`<span class="none">none</span>`;

type Shown = {
  row: UsageRow;
  intervals: readonly { timein_at: string; timeout_at: string | null }[];
  form: Html | false;
};

export function usagePage(frame: Frame, { row, intervals, form }: Shown): Html {
  const when = (iso: string | null) => (iso === null ? null : moment(iso, row.timezone));
  const content = html`<section class="card" aria-label="Usage">${facts([
    ["Room", html`<span class="wide">${row.room} <span class="soft">${row.client}</span></span>`],
    ["Device", html`<code class="serial">${row.serial}</code>`],
    ["Scent", scentName(row.scent)],
    ["State", usageState(row)],
    ["Check-in", when(row.checkin_at)],
    ["Check-out", when(row.checkout_at)],
    ["Schedule", row.start_time === null ? null : `${row.start_time} – ${row.end_time ?? ""}`],
    ["Source", row.source],
    ["Time zone", row.timezone],
  ])}</section>
${intervals.length > 0 && html`<section class="card" aria-labelledby="intervals"><h2 id="intervals">Time in, time out</h2><table class="short"><thead><tr><th scope="col">In</th><th scope="col">Out</th></tr></thead><tbody>${intervals.map((one) => html`<tr><td data-label="In">${when(one.timein_at)}</td><td data-label="Out">${when(one.timeout_at) ?? NONE}</td></tr>`)}</tbody></table></section>`}
${row.request !== "" && html`<section class="card" aria-labelledby="request"><h2 id="request">The call that opened it</h2><pre tabindex="0">${row.request}</pre></section>`}
${form}`;
  const lead = html`<a href="${PLACE}">Device usages</a>`;
  return erpPage(frame, { title: `Usage ${String(row.id)}`, place: PLACE, lead, content });
}
