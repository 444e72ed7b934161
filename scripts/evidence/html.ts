/** Evidence as one file that needs nothing beside itself: for a hotel's manager at the top, for engineers further down. */
import { type Html, html } from "../../plumbing/html.ts";
import { htmlDocument } from "../../plumbing/html-document.ts";
import type { Evidence } from "../scenarios/outcome.ts";
import { briefRuns } from "./brief.ts";
import { isPassed, type Played, playedIn, sharesOf } from "./played.ts";
import { printable } from "./printable.ts";
import { runArticle } from "./run.ts";
import { STYLE } from "./style.ts";
import { contents, notPlayed, surroundings, verdict } from "./top.ts";
import { headline } from "./verdict.ts";

export function evidenceHtml(evidence: Evidence): string {
  const played = playedIn(evidence);
  const failed = played.filter((one) => !isPassed(one));
  const passed = played.filter(isPassed);
  const isAlone = evidence.outcomes.length === 1;
  const body = html`<header class="top"><p class="brand">AromaPod <span>Evidence</span></p></header>
<main>
${verdict(evidence)}
${!isAlone && contents(played)}
${notPlayed(evidence)}
${chapter("What failed", failed, isAlone)}
${surroundings(evidence)}
${chapter(isAlone ? "What happened" : "What passed", passed, isAlone)}
</main>`;
  const title = `${headline(evidence)} · AromaPod evidence`;
  return printable(htmlDocument({ title, assets: { style: STYLE }, body }).markup);
}

function chapter(title: string, played: readonly Played[], isAlone: boolean): Html | false {
  if (played.length === 0) return false;
  return html`<section class="chapter"><h2>${title}</h2>
${played.map((one) => scenario(one, isAlone))}</section>`;
}

function scenario(played: Played, isAlone: boolean): Html {
  const { full, brief } = sharesOf(played);
  const of = played.runs.length;
  return html`${full.map((outcome) => runArticle(outcome, { of, isOpen: isAlone || !outcome.ok }))}${brief.length > 0 && briefRuns(played, brief)}`;
}
