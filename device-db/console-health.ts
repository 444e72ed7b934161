import { type Html, html } from "../plumbing/html.ts";
import { chip, type Facts, facts, type Tone } from "../plumbing/page-parts.ts";
import { consolePage, type Frame } from "./console-layout.ts";
import { DELIVERY_STATES, DELIVERY_TONE, type DeliveryState } from "./contract.ts";

export type HealthView = {
  checks: readonly { name: string; ok: boolean }[];
  counts: Record<DeliveryState | "created", number>;
  /** What is counted besides, under its title. */
  groups: readonly { title: string; rows: Facts }[];
};

/** Whether all is well, and the figures that say so. */
export function healthPage(frame: Frame, { checks, counts, groups }: HealthView): Html {
  const failed = checks.filter(({ ok }) => !ok).map(({ name }) => name);
  const lead = failed.length === 0 ? "Everything that this part needs is there." : `Not ready: ${failed.join(", ")}.`;
  const content = html`<div class="grid">
<section class="card" aria-labelledby="checks"><h2 id="checks">Readiness</h2>
<ul class="checks">${checks.map(({ name, ok }) => html`<li><span>${name}</span>${ok ? chip("good", "ok") : chip("bad", "failed")}</li>`)}</ul></section>
${books(counts)}
${groups.map(({ title, rows }, at) => html`<section class="card" aria-labelledby="group-${at}"><h2 id="group-${at}">${title}</h2>${facts(rows, "ledger")}</section>`)}
</div><p class="hint">The same figures for machines: <a href="/metrics">/metrics</a>, <a href="/readyz?verbose">/readyz?verbose</a>.</p>`;
  return consolePage(frame, { title: "Health", place: "health", lead, content });
}

/** Every delivery that was ever created is in exactly one state: if not, one is lost. */
function books(counts: HealthView["counts"]): Html {
  const sum = DELIVERY_STATES.reduce((total, state) => total + counts[state], 0);
  const isBalanced = sum === counts.created;
  const line = (name: string, number: number, tone: Tone) =>
    html`<li><a href="/deliveries?state=${name}">${name}</a>${number === 0 ? html`<span class="none">0</span>` : chip(tone, String(number))}</li>`;
  return html`<section class="card" aria-labelledby="books"><h2 id="books">Deliveries ${isBalanced ? chip("good", "balanced") : chip("bad", "not balanced")}</h2>
<ul class="checks">${DELIVERY_STATES.map((state) => line(state, counts[state], DELIVERY_TONE[state]))}
<li><b>created = sum of states</b><b>${counts.created} = ${sum}</b></li></ul></section>`;
}
