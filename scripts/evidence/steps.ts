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
<p class="soft note">What must be true is looked for all at once, and each has the time after which it was; all must then stay true for a while.</p>
<ol class="checks">${steps.map(check)}</ol></section>`;
}

function check({ name, ok, ms, detail, line }: Check): Html {
  const [tone, sign, word] = SIGNS.get(ok) ?? ["calm", "–", ""];
  const time = ok === "not checked" ? "not checked" : span(ms);
  return html`<li data-tone="${tone}"><span class="sign" aria-hidden="true">${sign}</span><div><p><span class="spoken">${word}</span>${breakable(name)}</p>
${detail !== undefined && detail !== "" && html`<p class="detail">${breakable(detail)}</p>`}</div><span class="took">${time}${line !== undefined && html`<span class="line">line ${line}</span>`}</span></li>`;
}

/** A picture, and the steps after which the phone showed just that. */
type Shot = { picture: string; steps: { name: string; n: number }[] };

export function screenshots({ steps }: Outcome): Html | false {
  const shots: Shot[] = [];
  for (const [at, { name, screenshot }] of steps.entries()) {
    if (screenshot === undefined) continue;
    const last = shots.at(-1);
    if (last?.picture === screenshot) last.steps.push({ name, n: at + 1 });
    else shots.push({ picture: screenshot, steps: [{ name, n: at + 1 }] });
  }
  return (
    shots.length > 0 &&
    html`<section class="shots"><h4>What the phone showed</h4><ul>${shots.map(figureOf)}</ul></section>`
  );
}

function figureOf({ picture, steps }: Shot): Html {
  const names = steps.map(({ name }) => name).join("; ");
  return html`<li><figure><img src="data:image/png;base64,${picture}" alt="The guest’s phone after: ${names}">
<figcaption>${steps.map(({ name, n }) => html`<span><span class="number">${n}</span> ${name}</span>`)}</figcaption></figure></li>`;
}
