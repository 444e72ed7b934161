/** The runs of a scenario that are not shown in full: a line each, as far as anybody would read. */
import { type Html, html } from "../../plumbing/html.ts";
import { chip, span } from "../../plumbing/page-parts.ts";
import type { Outcome } from "../scenarios/outcome.ts";
import { counted } from "../words.ts";
import { fineTime, sheet, verdictChip } from "./parts.ts";
import type { Played } from "./played.ts";
import { reasonOf } from "./verdict.ts";

const MOST_LINES = 1_000;
const HEADS = ["Run", "Verdict", "Session", "Began (UTC)", "Usage no.", "Time"];

export function briefRuns({ scenario, failures }: Played, runs: readonly Outcome[]): Html {
  const left = runs.length - MOST_LINES;
  const failed = runs.some(({ ok }) => !ok);
  const which = failures.length > 0 && failed ? "more" : "more that passed like these";
  const note = `${counted(runs.length, "run")} ${which}: a line each. All that is known of them is in the JSON report.`;
  return html`<article class="scenario brief"><details><summary><h3>${scenario.name}</h3><span class="which">${counted(runs.length, "more run")}</span>
${!failed && chip("good", "passed")}</summary>
<div class="sheet"><p class="soft note">${note}${left > 0 && ` The last ${String(left)} are only there.`}</p>
${sheet(`Further runs of ${scenario.name}`, HEADS, runs.slice(0, MOST_LINES).map(line))}</div></details></article>`;
}

function line(outcome: Outcome): (Html | string | number)[] {
  const { run, ok, sessions, startedAt, usages, ms } = outcome;
  const ids = sessions.map(({ id }) => html`<code>${id}</code> `);
  const why = ok ? undefined : html`<span class="why">${reasonOf(outcome)}</span>`;
  const rows = usages.map(({ id }) => id).join(", ") || "none";
  return [run, html`${verdictChip(ok)} ${why}`, html`${ids}`, fineTime(startedAt), rows, span(ms)];
}
