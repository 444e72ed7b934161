import { type Html, html } from "../plumbing/html.ts";
import { BEHAVIOURS } from "./behaviours/all.ts";
import { SCENTS } from "./contract.ts";
import { type Frame, tokenField } from "./page-layout.ts";
import { signOf } from "./pod-signs.ts";
import { hoursIn, type Shown } from "./pod-words.ts";

const CHECKED = html` checked`;
const SELECTED = html` selected`;
const MOST_SEED = 2 ** 32 - 1;

export function stayForms(frame: Frame, { serial }: Shown): Html {
  const scents = SCENTS.map(
    (scent) => html`<button name="scent" value="${scent}" class="scent ${scent}">${signOf(scent)}${scent}</button>`,
  );
  return html`<section class="card" aria-labelledby="stay"><h2 id="stay">The stay</h2>
<p class="soft">As if it were asked for at the pod itself: it reports that like its keys.</p>
<form method="post" action="/pods/${serial}/checkin">${tokenField(frame)}<fieldset><legend>Check in with</legend><div class="scents">${scents}</div></fieldset></form>
<form method="post" action="/pods/${serial}/checkout">${tokenField(frame)}<button>Check out</button></form></section>`;
}

/** A stay diffuses in its window only; what was sent and refused stands there again. */
export function scheduleForm(frame: Frame, { serial, state }: Shown, zone: string): Html {
  const { startTime = "08:00", endTime = "12:00", timeZone = zone } = state.schedule ?? {};
  const field = (name: string, otherwise: string) => frame.typed?.get(name) ?? otherwise;
  const wanted = field("scent", "");
  return html`<section class="card" aria-labelledby="schedule"><h2 id="schedule">Schedule</h2>
<p class="soft">The stay diffuses in this window only, by the clock of its room.</p>
<form class="fields" method="post" action="/pods/${serial}/schedule">${tokenField(frame)}
<label>From<input type="time" name="startTime" step="1" required value="${field("startTime", hoursIn(startTime))}"></label>
<label>To<input type="time" name="endTime" step="1" required value="${field("endTime", hoursIn(endTime))}"></label>
<label class="wide">Time zone of the room<input name="timeZone" required maxlength="64" spellcheck="false" autocomplete="off" value="${field("timeZone", timeZone)}"></label>
<label class="wide">Scent<select name="scent"><option value="">that of the stay</option>${SCENTS.map((scent) => html`<option${scent === wanted && SELECTED}>${scent}</option>`)}</select></label>
<button>Set the window</button></form></section>`;
}

/** A switch for each behaviour, with the value that it takes. */
export function faultForm(frame: Frame, { serial, faults, seed }: Shown): Html {
  const words = frame.typed?.has("seed") ? wordsIn(frame.typed) : faults;
  return html`<section class="card" aria-labelledby="faults"><h2 id="faults">Faults</h2>
<p class="soft">What the pod does wrong as long as it is on. The same seed makes it do the same again.</p>
<form method="post" action="/pods/${serial}/fault">${tokenField(frame)}
<ul class="faults">${Object.keys(BEHAVIOURS).map((name) => fault(name, words))}</ul>
<p class="seed"><label>Seed<input type="number" name="seed" min="0" max="${MOST_SEED}" required value="${frame.typed?.get("seed") ?? seed}"></label>
<button class="strong">Put on</button><button name="none" value="1" formnovalidate>Take all off</button></p></form></section>`;
}

function fault(name: string, words: readonly string[]): Html {
  const { about, takes, fallback } = BEHAVIOURS[name] ?? {};
  const on = words.find((word) => word.split("=", 1)[0] === name);
  const value = on?.slice(name.length + 1);
  return html`<li><label class="switch"><input type="checkbox" name="fault" value="${name}" aria-describedby="about-${name}"${on !== undefined && CHECKED}><span>${name}</span></label>
<p id="about-${name}">${about} It takes ${takes}.</p>
<input name="${name}" aria-label="Value of ${name}" aria-describedby="about-${name}" placeholder="${fallback}" maxlength="40" spellcheck="false" autocomplete="off" value="${value}"></li>`;
}

/** The behaviours that a form asks for, such as `late=2s`. */
export function wordsIn(fields: URLSearchParams): string[] {
  if (fields.has("none")) return [];
  return fields.getAll("fault").map((name) => {
    const value = fields.get(name)?.trim();
    return value ? `${name}=${value}` : name;
  });
}
