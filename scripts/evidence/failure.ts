/** Why a run failed: what was expected beside what was seen, where that stands, and what did not happen. */
import { type Html, html } from "../../plumbing/html.ts";
import type { Difference, Outcome } from "../scenarios/outcome.ts";
import { compare, type Piece } from "./difference.ts";
import { breakable, sheet } from "./parts.ts";
import { differencesOf, failedCheck, placeOf, reasonOf } from "./verdict.ts";

export function failure(outcome: Outcome): Html {
  const failed = failedCheck(outcome.steps);
  const { missing } = outcome;
  return html`<section class="failure" data-tone="bad"><h4>What went wrong</h4>
<p class="reason-line">${breakable(reasonOf(outcome))}</p>
${table(differencesOf(outcome))}
<dl class="facts">${failed && html`<div><dt>At the step</dt><dd>${breakable(failed.name)}</dd></div>`}
<div><dt>In the file</dt><dd><code>${placeOf(outcome)}</code></dd></div>
${missing !== undefined && html`<div><dt>The first hop that did not happen</dt><dd>${missing}</dd></div>`}</dl></section>`;
}

/** One below the other, so that a look along a line tells them apart. */
function table(differences: readonly Difference[]): Html | false {
  if (differences.length === 0) return false;
  return html`<div class="differences">${sheet("What was expected, and what was seen", ["What", "Expected", "Seen"], differences.map(row))}</div>`;
}

function row({ what, expected, seen }: Difference): Html[] {
  const pieces = compare(expected, seen);
  return [html`${what}`, marked(pieces.expected), marked(pieces.seen)];
}

function marked(pieces: readonly Piece[]): Html {
  if (pieces.every(({ text }) => text === "")) return html`<i>nothing</i>`;
  const parts = pieces.map(({ text, differs }) => (differs ? html`<mark>${breakable(text)}</mark>` : breakable(text)));
  return html`<code>${parts}</code>`;
}
