import { type Html, html } from "../plumbing/html.ts";
import { CAPSULE_ML } from "./capsules.ts";
import { SCENTS, type Scent } from "./contract.ts";
import { type Frame, tokenField } from "./page-layout.ts";
import { NEXT, STOP, strokesOf } from "./pod-signs.ts";
import { faultsOf, intensityOf, linkOf, type Shown, STRENGTHS, slotOf } from "./pod-words.ts";

/** The capsules behind the window. */
const FIRST_X = 32;
const PITCH = 96;
const VIAL = { y: 34, width: 56, height: 116 };
const WALL = 4;
const INNER_HEIGHT = VIAL.height - 2 * WALL;

/** Every pod has the same parts, so that a script may change one drawing into another: what is not the case does not show. */
export function podDrawing(frame: Frame, pod: Shown): Html {
  const { state, faults } = pod;
  const strength = intensityOf(state);
  const { tone, word } = linkOf(pod);
  return html`<section class="stage ${state.diffusing ?? ""}" data-strength="${strength}" aria-label="The pod">
${plume}
<div class="device" data-link="${word}">
<div class="vent"></div>
<p class="tape"${faults.length === 0 && html` hidden`}>${faultsOf(pod)}</p>
${capsuleWindow(pod)}
<div class="panel">
<p class="maker">AromaPod <b>Pro</b></p>
<p class="led" data-tone="${tone}"><i aria-hidden="true"></i>${word}</p>
${key(frame, pod, { value: "next", label: "Next scent", sign: NEXT })}
${dial(frame, pod.serial, strength)}
${key(frame, pod, { value: "stop", label: "Stop", sign: STOP })}
</div>
</div>
</section>`;
}

function key(frame: Frame, { serial }: Shown, { value, label, sign }: { value: string; label: string; sign: Html }) {
  return html`<form class="key" method="post" action="/pods/${serial}/press">${tokenField(frame)}
<button name="button" value="${value}">${sign}<span>${label}</span></button></form>`;
}

function dial(frame: Frame, serial: string, strength: number): Html {
  const level = (word: string, at: number) =>
    html`<button name="level" value="${at + 1}" aria-pressed="${at + 1 === strength ? "true" : "false"}">${at + 1}<span class="spoken"> ${word}</span></button>`;
  return html`<form class="dial" method="post" action="/pods/${serial}/intensity">${tokenField(frame)}
<fieldset><legend class="spoken">Intensity</legend>${STRENGTHS.map(level)}</fieldset>
<svg class="knob" viewBox="0 0 80 80" aria-hidden="true"><circle class="rim" cx="40" cy="40" r="38"/><circle class="cap" cx="40" cy="40" r="31"/><path class="pointer" d="M40 14v14"/></svg>
<p class="word">${STRENGTHS[strength - 1]}</p></form>`;
}

function capsuleWindow({ state }: Shown): Html {
  return html`<svg class="window" viewBox="0 0 400 218" aria-hidden="true">
<defs><linearGradient id="glass" x1="0" x2="1"><stop offset="0" class="edge"/><stop offset=".3" class="middle"/><stop offset=".7" class="middle"/><stop offset="1" class="edge"/></linearGradient>
${SCENTS.map((scent) => html`<radialGradient id="heat-${scent}" class="${scent}"><stop offset=".2" class="thick"/><stop offset="1" class="thin"/></radialGradient>`)}</defs>
<rect class="pane" x="1" y="1" width="398" height="216" rx="26"/>
${SCENTS.map((scent, at) => vial({ pod: { state, scent }, x: FIRST_X + at * PITCH }))}
<path class="gleam" d="M27 4H160L96 214H27A23 23 0 0 1 4 191V27A23 23 0 0 1 27 4z"/>
</svg>`;
}

type Vial = { pod: { state: Shown["state"]; scent: Scent }; x: number };

function vial({ pod: { state, scent }, x }: Vial): Html {
  const { ml, state: slot, text } = slotOf(state, scent);
  const height = Math.round((Math.min(ml, CAPSULE_ML) / CAPSULE_ML) * INNER_HEIGHT * 10) / 10;
  const top = VIAL.y + WALL + INNER_HEIGHT - height;
  const inner = { x: x + WALL, width: VIAL.width - 2 * WALL };
  const middle = x + VIAL.width / 2;
  const bubble = (at: number) =>
    html`<circle class="bubble" cx="${middle - 10 + at * 10}" cy="${VIAL.y + VIAL.height - 14}" r="${2.5 - at * 0.5}"/>`;
  return html`<g class="vial ${scent}${state.diffusing === scent && " on"}" data-slot="${slot}">
<ellipse class="heat" cx="${middle}" cy="${VIAL.y + VIAL.height - 4}" rx="48" ry="34"/>
<clipPath id="in-${scent}"><rect x="${inner.x}" y="${VIAL.y + WALL}" width="${inner.width}" height="${INNER_HEIGHT}" rx="12"/></clipPath>
<rect class="body" x="${x}" y="${VIAL.y}" width="${VIAL.width}" height="${VIAL.height}" rx="15"/>
<g clip-path="url(#in-${scent})"><rect class="liquid" x="${inner.x}" y="${top}" width="${inner.width}" height="${height}"/>
<ellipse class="surface" cx="${middle}" cy="${top}" rx="${inner.width / 2}" ry="3.5"/>${[0, 1, 2].map(bubble)}</g>
<path class="scale" d="M${x + VIAL.width - 14} ${VIAL.y + 31}h7M${x + VIAL.width - 14} ${VIAL.y + 58}h7M${x + VIAL.width - 14} ${VIAL.y + 85}h7"/>
<rect class="shine" x="${x + 9}" y="${VIAL.y + 12}" width="5" height="${VIAL.height - 40}" rx="2.500"/>
<rect class="lid" x="${x + 12}" y="${VIAL.y - 14}" width="${VIAL.width - 24}" height="15" rx="4"/>
<g class="mark" transform="translate(${x - 4} 169)"><g transform="scale(.92)">${strokesOf(scent)}</g></g>
<text class="level" x="${x + 22}" y="186">${slot === "missing" ? "–" : text.replace(" ml", "")}</text>
<text class="flag" x="${middle}" y="${VIAL.y + 64}">${slot === "some" ? "" : slot}</text></g>`;
}

/** Where each puff of the plume is while nothing moves: aside, up and how large. */
const PUFFS = [
  [0, 6, 0.5],
  [-8, 34, 0.8],
  [10, 62, 1.1],
  [-14, 92, 1.4],
  [16, 124, 1.8],
  [-30, 150, 2],
  [34, 168, 2.1],
  [4, 190, 2.4],
  [-58, 196, 2],
  [62, 204, 2],
] as const;

/** What rises from the vent: the stronger, the more of it. */
const plume = html`<svg class="plume" viewBox="0 0 400 260" preserveAspectRatio="xMidYMax slice" aria-hidden="true">
<defs><radialGradient id="puff"><stop offset="0" class="thick"/><stop offset="1" class="thin"/></radialGradient>
<linearGradient id="rise" x1="0" y1="260" x2="0" y2="30" gradientUnits="userSpaceOnUse"><stop offset="0" class="thick"/><stop offset=".5" class="middle"/><stop offset="1" class="thin"/></linearGradient></defs>
<ellipse class="haze" cx="200" cy="110" rx="200" ry="150"/>
<path class="column" d="M178 262C184 200 150 120 118 30C170 0 240 2 286 34C250 124 216 200 222 262z"/>
<g class="puffs">${PUFFS.map(([x, y, size]) => html`<circle class="puff" cx="200" cy="250" r="30" transform="translate(${x - 200 * (size - 1)} ${-y - 250 * (size - 1)}) scale(${size})"/>`)}</g></svg>`;
