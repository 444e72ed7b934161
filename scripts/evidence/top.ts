/** The report's first page: what came of it, what was played, and where. */
import { type Html, html } from "../../plumbing/html.ts";
import { chip, facts, span } from "../../plumbing/page-parts.ts";
import type { Evidence, Outcome } from "../scenarios/outcome.ts";
import { counted } from "../words.ts";
import { anchorOf, instant, sheet, verdictChip } from "./parts.ts";
import { isPassed, medianMs, type Played, playedIn } from "./played.ts";
import { headline, meaning, reasonOf, totals } from "./verdict.ts";

export function verdict(evidence: Evidence): Html {
  const { ok, remarks, outcomes } = evidence;
  const tone = ok ? "good" : "bad";
  const notes = remarks.map((remark) => html`<li>${remark}</li>`);
  return html`<section class="verdict" data-tone="${tone}">
<h1>${headline(evidence)}</h1>
<div class="lead">${meaning(evidence).map((sentence) => html`<p>${sentence}</p>`)}</div>
${outcomes.length > 0 && figures(evidence)}
${notes.length > 0 && html`<ul class="remarks">${notes}</ul>`}
</section>`;
}

function figures(evidence: Evidence): Html {
  const { outcomes, startedAt, ms, skipped } = evidence;
  const played = playedIn(evidence);
  const { chats, usages } = totals(outcomes);
  const isOneRepeated = played.length === 1 && outcomes.length > 1;
  const runs = share(outcomes.filter(({ ok }) => ok).length, outcomes.length);
  return html`<dl class="figures">
${!isOneRepeated && figure("Scenarios passed", share(played.filter(isPassed).length, played.length))}
${outcomes.length > played.length && figure("Runs passed", runs)}
${skipped.length > 0 && figure("Not played", String(skipped.length))}
${figure("Chats with guests", String(chats))}
${figure("Usages in the ERP", String(usages))}
${figure("It took", span(ms))}
<div class="when"><dt>Played on</dt><dd>${instant(startedAt)}</dd></div></dl>`;
}

function figure(name: string, value: Html | string): Html {
  return html`<div><dt>${name}</dt><dd>${value}</dd></div>`;
}

function share(part: number, whole: number): Html {
  return html`${part} <small>of ${whole}</small>`;
}

/** What was played, each scenario a line that leads to where it is told. */
export function contents(played: readonly Played[]): Html {
  if (played.length === 0) return html``;
  return html`<section class="card sheet contents"><h2>What was played</h2>
${sheet("Scenarios and what came of each", ["Scenario", "Verdict", "Usages", "Time"], played.map(contentsRow))}</section>`;
}

function contentsRow({ scenario, runs, failures }: Played): (Html | string | number)[] {
  const [first] = [...failures, ...runs] as [Outcome];
  const [broken] = failures;
  const about = broken ? html`<span class="why">${reasonOf(broken)}</span>` : scenario.about;
  const usages = runs.reduce((sum, run) => sum + run.usages.length, 0);
  return [
    html`<a href="#${anchorOf(first)}">${scenario.name}</a><span class="about">${about}</span>`,
    runsChip(runs.length, failures.length),
    usages,
    runs.length > 1 ? html`<small>typically</small> ${span(medianMs(runs))}` : span(medianMs(runs)),
  ];
}

function runsChip(runs: number, failures: number): Html {
  if (runs === 1) return verdictChip(failures === 0);
  if (failures === 0) return chip("good", `${String(runs)} of ${String(runs)} passed`);
  return chip("bad", `${String(failures)} of ${String(runs)} failed`);
}

/** Names and versions of what was at work. */
export function surroundings({ environment }: Evidence): Html | false {
  const rows = Object.entries(environment);
  return (
    rows.length > 0 && html`<section class="card surroundings"><h2>Where it was played</h2>${facts(rows)}</section>`
  );
}

export function notPlayed({ skipped }: Evidence): Html | false {
  if (skipped.length === 0) return false;
  const rows = skipped.map(({ name, file, reason }) => [
    html`${name}<span class="about"><code>${file}</code></span>`,
    reason,
  ]);
  return html`<section class="card sheet"><h2>What could not be played</h2>
${sheet(`${counted(skipped.length, "scenario")} that could not be played, and why`, ["Scenario", "Why"], rows)}</section>`;
}
