/** Small things that the report is made of. */
import { DELIVERY_TONE, type DeliveryState } from "../../device-db/contract.ts";
import { SCENTS } from "../../device-sim/contract.ts";
import { Html, html } from "../../plumbing/html.ts";
import { chip } from "../../plumbing/page-parts.ts";
import type { Outcome } from "../scenarios/outcome.ts";

export const OPEN = new Html(" open");

/** Where a run is found in the report. */
export function anchorOf({ scenario, run }: Pick<Outcome, "scenario" | "run">): string {
  return `${slug(scenario.file)}-${slug(scenario.name)}-${String(run)}`;
}

function slug(text: string): string {
  return text
    .replace(/[^\p{L}\p{N}]+/gu, "-")
    .replace(/^-|-$/g, "")
    .toLowerCase();
}

export function verdictChip(ok: boolean): Html {
  return chip(ok ? "good" : "bad", ok ? "passed" : "failed");
}

export function deliveryChip(state: DeliveryState): Html {
  return chip(DELIVERY_TONE[state], state);
}

/** The class that colours what belongs to a scent; a word that is none colours nothing. */
export function scentClass(scent: string | null | undefined): string {
  return SCENTS.find((known) => known === scent) ?? "";
}

export function scentName(scent: string): Html {
  return html`<span class="scent ${scentClass(scent)}">${scent}</span>`;
}

/** Day and time to the second, in UTC: a report is read anywhere. */
export function instant(iso: string): Html {
  return html`<time datetime="${iso}">${DAY.format(new Date(iso))}, ${iso.slice(11, 19)} UTC</time>`;
}

const DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", day: "numeric", month: "long", year: "numeric" });

/** Day and time to the millisecond, in UTC, which stand by themselves. */
export function fineInstant(iso: string): Html {
  return html`<time datetime="${iso}">${DAY.format(new Date(iso))}, ${iso.slice(11, 23)} UTC</time>`;
}

/** The time of day to the millisecond, where the order of things is looked at. */
export function fineTime(iso: string): Html {
  return html`<time datetime="${iso}">${iso.slice(11, 23)}</time>`;
}

/** A request may be broken where one of its fields begins. */
export function breakable(text: string): Html[] {
  return text.split(/(?=[?&]\w)/).map((part, at) => html`${at > 0 && new Html("<wbr>")}${part}`);
}

type Cell = Html | string | number;

/** A table with its name for those who hear it. A row begins with what it is about; where it is narrow each cell says what it is. */
export function sheet(caption: string, heads: readonly string[], rows: readonly (readonly Cell[])[]): Html {
  return html`<table><caption class="spoken">${caption}</caption>
<thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${rows.map((cells) => html`<tr>${cells.map((value, at) => cell(value, heads[at] ?? "", at === 0))}</tr>`)}</tbody></table>`;
}

function cell(value: Cell, label: string, isFirst: boolean): Html {
  if (isFirst) return html`<th scope="row" data-label="${label}">${value}</th>`;
  return html`<td data-label="${label}">${value}</td>`;
}
