/** Why a run failed: what was expected beside what was seen, where that stands, and what did not happen. */
import { type Html, html } from "../../plumbing/html.ts";
import type { Difference, Outcome } from "../scenarios/outcome.ts";
import { compare, type Piece } from "./difference.ts";
import { breakable } from "./parts.ts";
import { differencesOf, failedCheck, placeOf, reasonOf } from "./verdict.ts";

export function failure(outcome: Outcome): Html {
  const failed = failedCheck(outcome.steps);
  const { missing } = outcome;
  return html`<section class="failure" data-tone="bad"><h4>What went wrong</h4>
<p class="reason-line">${breakable(reasonOf(outcome))}</p>
${differencesOf(outcome).map(difference)}
<dl class="facts">${failed && html`<div><dt>At the step</dt><dd>${breakable(failed.name)}</dd></div>`}
<div><dt>In the file</dt><dd><code>${placeOf(outcome)}</code></dd></div>
${missing !== undefined && html`<div><dt>The first hop that did not happen</dt><dd>${missing}</dd></div>`}</dl></section>`;
}

function difference({ what, expected, seen }: Difference): Html {
  const pieces = compare(expected, seen);
  return html`<div class="difference"><h5>${what}</h5>
<div class="sides">${side("Expected", pieces.expected, "good")}${side("Seen", pieces.seen, "bad")}</div></div>`;
}

function side(name: string, pieces: readonly Piece[], tone: "good" | "bad"): Html {
  const marked = pieces.map(({ text, differs }) => (differs ? html`<mark>${breakable(text)}</mark>` : breakable(text)));
  const isNothing = pieces.every(({ text }) => text === "");
  return html`<div data-tone="${tone}"><p class="side">${name}</p><pre>${isNothing ? html`<i>nothing</i>` : marked}</pre></div>`;
}
