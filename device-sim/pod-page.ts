import { type Html, html } from "../plumbing/html.ts";
import { CAPSULE_ML, LOW_ML } from "./capsules.ts";
import { SCENTS, type Scent } from "./contract.ts";
import { type Frame, simulatorPage, tokenField } from "./page-layout.ts";
import { podDrawing } from "./pod-drawing.ts";
import { faultForm, scheduleForm, stayForms } from "./pod-forms.ts";
import { signOf } from "./pod-signs.ts";
import {
  doingOf,
  linkOf,
  moment,
  type Shown,
  signalOf,
  slotOf,
  type Tone,
  troubleOf,
  uptimeOf,
  windowOf,
} from "./pod-words.ts";

const SIGNS: Record<Tone, string> = { good: "✓", bad: "✕", warn: "!", calm: "–" };

/** One pod, to be looked at and handled; `zone` is that of this machine. */
export function podPage(frame: Frame, pod: Shown, zone: string): Html {
  const head = html`<div class="head"><h1>AromaPod Pro</h1><p class="lead"><code>${pod.serial}</code></p></div>`;
  const live = `/pods/${pod.serial}/live`;
  return simulatorPage(frame, { title: pod.serial, head, content: podContent(frame, pod, zone), live });
}

/** What changes while somebody looks. */
export function podContent(frame: Frame, pod: Shown, zone: string): Html {
  return html`<div id="pod" class="columns">
<div class="stack seen">${podDrawing(frame, pod)}</div>
<div class="stack">
<section class="card" aria-labelledby="now"><div role="status"><h2 id="now">${doingOf(pod)}</h2><p class="trouble">${troubleOf(pod)}</p></div>${factsOf(pod, zone)}</section>
<section class="card" aria-labelledby="capsules"><h2 id="capsules">Capsules</h2><ul class="capsules">${SCENTS.map((scent) => capsule(frame, pod, scent))}</ul></section>
<div class="pair">${stayForms(frame, pod)}${scheduleForm(frame, pod, zone)}</div>
${faultForm(frame, pod)}
</div>
</div>`;
}

export function chip(tone: Tone, text: string): Html {
  return html`<span class="chip" data-tone="${tone}"><i aria-hidden="true">${SIGNS[tone]}</i>${text}</span>`;
}

/** The accent of a scent, with its sign and name. */
export function scentName(scent: Scent): Html {
  return html`<span class="scent ${scent}">${signOf(scent)}${scent}</span>`;
}

function factsOf(pod: Shown, zone: string): Html {
  const { state, unacked } = pod;
  const { tone, word } = linkOf(pod);
  const window = windowOf(state);
  const rows: (readonly [name: string, value: Html | string | number])[] = [
    ["Connection", chip(tone, word)],
    ["In the air", state.diffusing ? scentName(state.diffusing) : none("nothing")],
    ["Stay", state.stay ? scentName(state.stay) : none("nobody")],
    ["Not yet acknowledged", unacked === 1 ? "1 event" : `${String(unacked)} events`],
    ["Signal", signalOf(state)],
    ["Running for", uptimeOf(state)],
    ["Firmware", state.firmware ?? none("unknown")],
    ["Schedule", window ? html`${window.times}<br><time datetime="${window.at}">${window.next}</time>` : none("none")],
    ...(state.virtualAt === undefined ? [] : [["Its own time", virtualTime(state.virtualAt, zone)] as const]),
  ];
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

/** A simulation may let it go faster than ours. */
function virtualTime(at: string, zone: string): Html {
  return html`<time datetime="${at}">${moment(at, zone)}</time> <span class="none">${zone}</span>`;
}

function capsule(frame: Frame, { serial, state }: Shown, scent: Scent): Html {
  const { ml, state: slot, text } = slotOf(state, scent);
  const button = (hand: string, label: string) =>
    html`<button formaction="/pods/${serial}/${hand}" class="quiet">${label}<span class="spoken"> ${scent}</span></button>`;
  const warning = slot !== "some" && chip(slot === "low" ? "warn" : "bad", slot);
  return html`<li class="${scent}">${scentName(scent)}
<meter min="0" max="${CAPSULE_ML}" low="${LOW_ML}" value="${ml}" aria-label="Left of ${scent}">${text}</meter>
<p class="left">${slot !== "missing" && text} ${warning}</p>
<form method="post" action="/pods/${serial}/refill">${tokenField(frame)}<input type="hidden" name="scent" value="${scent}">
${button("refill", slot === "missing" ? "Put in" : "Refill")}${button("drain", "Drain")}${button("remove", "Remove")}</form></li>`;
}

function none(text: string): Html {
  return html`<span class="none">${text}</span>`;
}
