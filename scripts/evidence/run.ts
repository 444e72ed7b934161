/** One run of a scenario with all that is known of it. */
import { Html, html } from "../../plumbing/html.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Outcome } from "../scenarios/outcome.ts";
import { chat } from "./chat.ts";
import { failure } from "./failure.ts";
import { flows } from "./flow.ts";
import { anchorOf, instant, OPEN, verdictChip } from "./parts.ts";
import { checks, screenshots } from "./steps.ts";
import { usageTable } from "./usage.ts";
import { calls, mqtt } from "./wire.ts";

/** `of` is how many runs of the scenario there are. */
export function runArticle(outcome: Outcome, { of, isOpen }: { of: number; isOpen: boolean }): Html {
  const { ok, scenario, run, ms } = outcome;
  const id = anchorOf(outcome);
  const which = of > 1 && html`<span class="which">run ${run} of ${of}</span>`;
  return html`<article class="scenario"${!ok && new Html(' data-failed=""')}><details${isOpen && OPEN}>
<summary><h3>${scenario.name}</h3>${which}${verdictChip(ok)}<span class="took">${span(ms)}</span></summary>
<div class="run" id="${id}">
${about(outcome)}
${!ok && failure(outcome)}
<div class="pair">${chat(outcome)}${checks(outcome)}</div>
${screenshots(outcome)}
${flows(outcome, id)}
${mqtt(outcome)}
${calls(outcome)}
${usageTable(outcome)}
</div></details></article>`;
}

function about({ scenario, startedAt, serial, seed }: Outcome): Html {
  return html`<div class="about-run">${scenario.about !== "" && html`<p class="lead">${scenario.about}</p>`}
<p class="origin"><span><code>${scenario.file}</code></span> <span>device <code>${serial}</code></span> <span>seed ${seed}</span> <span>${instant(startedAt)}</span></p></div>`;
}
