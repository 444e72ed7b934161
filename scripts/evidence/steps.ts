/** The steps that were taken and the facts that were looked for, and what the phone showed. */
import { type Html, html } from "../../plumbing/html.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Check, Outcome } from "../scenarios/outcome.ts";
import { breakable } from "./parts.ts";

const SIGNS = new Map<Check["ok"], [tone: string, sign: string, word: string]>([
  [true, ["good", "✓", "done: "]],
  [false, ["bad", "✕", "failed: "]],
  ["not checked", ["calm", "–", "not checked: "]],
]);

export function checks({ steps }: Outcome): Html {
  return html`<section class="steps"><h4>Each step and check</h4>
<ol class="checks">${steps.map(check)}</ol></section>`;
}

function check({ name, ok, ms, detail, line }: Check): Html {
  const [tone, sign, word] = SIGNS.get(ok) ?? ["calm", "–", ""];
  const time = ok === "not checked" ? "not checked" : span(ms);
  return html`<li data-tone="${tone}"><span class="sign" aria-hidden="true">${sign}</span><div><p><span class="spoken">${word}</span>${name}</p>
${detail !== undefined && detail !== "" && html`<p class="detail">${breakable(detail)}</p>`}</div><span class="took">${time}${line !== undefined && html`<span class="line">line ${line}</span>`}</span></li>`;
}

export function screenshots({ steps }: Outcome): Html | false {
  const shown = steps.filter(({ screenshot }) => screenshot !== undefined);
  if (shown.length === 0) return false;
  return html`<section class="shots"><h4>What the phone showed</h4><ul>${shown.map(shot)}</ul></section>`;
}

function shot({ name, screenshot }: Check, at: number): Html {
  return html`<li><figure><img src="data:image/png;base64,${screenshot}" alt="The guest’s phone: ${name}">
<figcaption><span class="number">${at + 1}</span> ${name}</figcaption></figure></li>`;
}
