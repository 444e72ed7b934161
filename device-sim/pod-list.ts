import { type Html, html } from "../plumbing/html.ts";
import { SCENTS } from "./contract.ts";
import { type Frame, simulatorPage } from "./page-layout.ts";
import { chip, scentName } from "./pod-page.ts";
import { linkOf, type Shown, slotOf } from "./pod-words.ts";

/** With fewer, one sees them all. */
const SEARCHED_FROM = 50;
const MAX_ROWS = 200;
const HEADS = ["Connection", "Pod", "In the air", "Capsules", "Faults"];

/** The pods, with those that fit what is looked for. */
export function podList(frame: Frame, pods: readonly Shown[], wanted: string): Html {
  const fits = pods.filter(({ serial }) => serial.toLowerCase().includes(wanted.toLowerCase()));
  const head = html`<div class="head"><h1>Pods</h1><p class="lead">Every AromaPod Pro that is simulated here: ${pods.length}.</p></div>`;
  const content = html`${(pods.length > SEARCHED_FROM || wanted) && searchForm(wanted)}${table(fits, pods.length)}`;
  return simulatorPage(frame, { title: "Pods", head, content });
}

function searchForm(wanted: string): Html {
  return html`<form class="search" role="search" action="/"><input type="search" name="q" aria-label="Serial" placeholder="Serial" value="${wanted}"><button>Search</button></form>`;
}

function table(pods: readonly Shown[], all: number): Html {
  if (all === 0)
    return html`<div class="empty"><h2>No pod is simulated</h2><p>This simulator has been given none.</p></div>`;
  if (pods.length === 0) return html`<div class="empty"><h2>No serial fits</h2><p><a href="/">Show all</a></p></div>`;
  const more =
    pods.length > MAX_ROWS &&
    html`<p class="soft">These are the first ${MAX_ROWS} of ${pods.length}; search for the others.</p>`;
  return html`<div class="card sheet"><table><thead><tr>${HEADS.map((name) => html`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${pods.slice(0, MAX_ROWS).map(row)}</tbody></table></div>${more}`;
}

function row(pod: Shown): Html {
  const { serial, state, faults } = pod;
  const { tone, word } = linkOf(pod);
  const short = SCENTS.map((scent) => slotOf(state, scent)).filter(({ state: slot }) => slot !== "some");
  const nothing = html`<span class="none">nothing</span>`;
  return html`<tr><td data-label="Connection">${chip(tone, word)}</td>
<td data-label="Pod"><a class="row" href="/pods/${serial}">${serial}</a></td>
<td data-label="In the air">${state.diffusing ? scentName(state.diffusing) : nothing}</td>
<td data-label="Capsules">${short.length === 0 ? html`<span class="none">all have enough</span>` : html`<span class="shorts">${short.map(({ scent, state: slot }) => html`<span>${scentName(scent)} ${chip(slot === "low" ? "warn" : "bad", slot)}</span>`)}</span>`}</td>
<td data-label="Faults">${faults.length === 0 ? html`<span class="none">none</span>` : html`<code>${faults.join(" ")}</code>`}</td></tr>`;
}
