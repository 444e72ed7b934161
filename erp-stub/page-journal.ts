import { type Html, html } from "../plumbing/html.ts";
import { parseJson } from "../plumbing/json.ts";
import { chip, empty, facts, moment, type Tone } from "../plumbing/page-parts.ts";
import type { JournalRow, Outcome } from "./journal-store.ts";
import { select } from "./page-forms.ts";
import { laidOut } from "./page-laid-out.ts";
import { erpPage, type Frame, tokenField } from "./page-layout.ts";
import { addressOf, older } from "./page-pager.ts";
import { mayDo } from "./permissions.ts";
import { replayOf } from "./replay.ts";
import type { Field } from "./resources.ts";

const PLACE = "/journal";
const UTC = "UTC";
/** A list shows so much of a call. */
const SHOWN = 200;

const TONES: Record<Outcome, Tone> = { executed: "good", replayed: "busy", refused: "warn" };
const OUTCOMES = Object.keys(TONES) as Outcome[];

const MEANINGS: Record<Outcome, string> = {
  executed: "It was carried out.",
  replayed: "It had the key of an earlier call and was answered as that one: nothing was written again.",
  refused: "Nothing was written.",
};

export const OUTCOME: Field = { name: "outcome", label: "Outcome", kind: "choice", options: OUTCOMES };

type Listed = {
  data: readonly JournalRow[];
  outcome: Outcome | undefined;
  q: string;
  before: number | undefined;
  next: number | undefined;
};

export function journalPage(frame: Frame, listed: Listed): Html {
  const { data, outcome, q, before, next } = listed;
  const isWhole = outcome === undefined && q === "" && before === undefined;
  const content =
    data.length === 0 && isWhole
      ? empty("No calls yet", NOTHING_YET)
      : html`${filters(listed)}${data.length > 0 ? callTable(data) : nothing(next)}${next !== undefined && older(addressOf(PLACE, { q, outcome, before: next }))}`;
  return erpPage(frame, { title: "Requests", place: PLACE, lead: LEAD, content });
}

const LEAD = "Every call of the two documented addresses, and what came of it. Nothing of a guest is kept here.";
const NOTHING_YET = html`A call of <code>/device/switch</code> or <code>POST /api/customers</code> stands here as soon as it was answered.`;

function filters({ outcome, q }: Listed): Html {
  const choices = OUTCOMES.map((value) => ({ value, label: value }));
  return html`<form class="filters" method="get" action="${PLACE}" role="search">
<label>Search <input type="search" name="q" value="${q}" maxlength="200" placeholder="Serial, key or address"></label>
<label>${OUTCOME.label} ${select(html`name="${OUTCOME.name}"`, { choices, value: outcome ?? "", empty: "Any" })}</label>
<button>Show</button></form>`;
}

function nothing(next: number | undefined): Html {
  return next === undefined
    ? empty("Nothing fits", "Search for something else.")
    : empty("Nothing fits among the newest", "A search looks at some of the journal at a time: older calls may fit.");
}

function callTable(rows: readonly JournalRow[]): Html {
  const row = ({ id, at, request, outcome, statusCode, remote, ref }: JournalRow) =>
    html`<tr><th scope="row"><a class="row" href="${PLACE}/${id}">${moment(at, UTC)}</a></th><td data-label="Call"><code>${shortened(request)}</code></td><td data-label="Outcome">${outcomeChip(outcome)}</td><td data-label="Status" class="number">${statusCode}</td><td data-label="Caller">${remote}</td><td data-label="Key">${ref === null ? NONE : html`<code>${ref}</code>`}</td></tr>`;
  return html`<div class="card sheet"><table class="records"><caption class="spoken">Requests</caption><thead><tr><th scope="col">When</th><th scope="col">Call</th><th scope="col">Outcome</th><th scope="col" class="number">Status</th><th scope="col">Caller</th><th scope="col">Key</th></tr></thead>
<tbody>${rows.map(row)}</tbody></table></div>`;
}

const NONE = html`<span class="none">none</span>`;

function shortened(request: string): string {
  return request.length > SHOWN ? `${request.slice(0, SHOWN)}…` : request;
}

function outcomeChip(outcome: Outcome): Html {
  return chip(TONES[outcome], outcome);
}

export function callPage(frame: Frame, row: JournalRow): Html {
  const { id, answer, request } = row;
  const content = html`<section class="card" aria-labelledby="standing"><h2 id="standing">${MEANINGS[row.outcome]}</h2>${factsOf(row)}</section>
<section class="card" aria-labelledby="request"><h2 id="request">Call</h2><pre tabindex="0">${request}</pre></section>
<section class="card" aria-labelledby="answer"><h2 id="answer">Answer</h2>${laidOut(parseJson(answer) ?? answer)}</section>
${mayDo(frame.who, "journal", "write") && again(frame, row)}`;
  const lead = html`<a href="${PLACE}">Requests</a>`;
  return erpPage(frame, { title: `Request ${String(id)}`, place: PLACE, lead, content });
}

function factsOf({ at, remote, ref, outcome, usageId, statusCode }: JournalRow): Html {
  return facts([
    ["When", moment(at, UTC)],
    ["Caller", remote],
    ["Key", ref === null ? null : html`<a href="${addressOf(PLACE, { q: ref })}"><code>${ref}</code></a>`],
    ["Outcome", outcomeChip(outcome)],
    ["Status", statusCode],
    ["Usage", usageId === null ? null : html`<a href="/device-usages/${usageId}">Usage ${usageId}</a>`],
  ]);
}

/** Behind one more step, as it writes. */
function again(frame: Frame, { id, request }: JournalRow): Html {
  const call = replayOf(request);
  if ("reason" in call) return html`<p class="soft">${call.reason}</p>`;
  return html`<details class="card removal"><summary>Make this call again</summary><form method="post" action="${PLACE}/${id}/replay">${tokenField(frame)}
<p>It is a new call of now, without a key, and writes again: a check-in opens a second usage, which is billed like any other; all else changes the latest usage of the device as it stands now. The journal names you as the caller.</p><button class="danger">Call again</button></form></details>`;
}
