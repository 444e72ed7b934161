import { Html, html } from "../plumbing/html.ts";
import { CHECKED, empty } from "../plumbing/page-parts.ts";
import { ERP_MODES } from "./contract.ts";
import type { Fault } from "./fault-contract.ts";
import { FAULT_KINDS } from "./fault-contract.ts";
import type { FieldErrors } from "./field-errors.ts";
import { AUTOFOCUS, firstWrong, select } from "./page-forms.ts";
import { erpPage, type Frame, tokenField } from "./page-layout.ts";
import type { Settings } from "./settings.ts";

const DISABLED = new Html(" disabled");

const MODES = {
  safe: "A call that comes again under the same Idempotency-Key is answered as before, and writes once.",
  legacy: "Every call writes, as the documentation has it; the key is kept as the usage’s reference only.",
};

const FAULTS: Record<(typeof FAULT_KINDS)[number], string> = {
  latency: "the answer comes later",
  "error-before": "500, nothing is written",
  "error-after": "written, then 500",
  cut: "written, then no answer",
  duplicate: "carried out twice",
  slow: "the answer dribbles",
  "wrong-body": "written, then a page",
};

type Shown = {
  settings: Settings;
  typed: { values: URLSearchParams; errors: FieldErrors };
  /** `undefined` where faults are not to be had. */
  faults: readonly Fault[] | undefined;
};

export function settingsPage(frame: Frame, shown: Shown): Html {
  const content = html`<div class="columns"><form class="card fields" method="post" action="/settings">${tokenField(frame)}
${callersSection(shown)}${modeSection(shown)}${privacySection(shown)}
<p class="buttons"><button class="strong">Save</button></p></form>
${shown.faults && faultsSection(frame, shown.faults)}</div>`;
  const lead = html`Programs sign in with <a href="/api-keys">API keys</a>; what they can ask stands in the <a href="/docs">API documentation</a>.`;
  return erpPage(frame, { title: "Settings", place: "/settings", lead, content });
}

function callersSection({ settings, typed }: Shown): Html {
  const { allow, proxies } = settings.given;
  return html`<h2>Device databases</h2>
<p class="soft">They may call <code>/device/switch</code> and <code>POST /api/customers</code>, without a key. From the environment (<code>ERP_ALLOW</code>): ${list(allow)}.</p>
${area({ name: "allow", label: "More addresses and networks", hint: "One a line, such as 10.0.0.0/24." }, typed)}
${area({ name: "proxies", label: "Trusted proxies", hint: html`Their X-Forwarded-For is believed. One address a line; from the environment (<code>ERP_PROXIES</code>): ${list(proxies)}.` }, typed)}`;
}

function list(entries: readonly string[]): Html | string {
  return entries.length === 0
    ? "none"
    : html`${entries.map((entry, at) => html`${at > 0 && ", "}<code>${entry}</code>`)}`;
}

type Area = { name: string; label: string; hint: Html | string };

const ASKED = [{ name: "allow" }, { name: "proxies" }, { name: "retention_days" }];

const focusOf = (name: string, errors: FieldErrors) => firstWrong(ASKED, errors) === name && AUTOFOCUS;

function area({ name, label, hint }: Area, { values, errors }: Shown["typed"]): Html {
  const problems = errors[name];
  return html`<div class="field"><label for="${name}">${label} <span class="soft">optional</span></label>
<textarea id="${name}" name="${name}" rows="3" spellcheck="false" aria-describedby="${name}-hint${problems && ` ${name}-error`}"${problems && html` aria-invalid="true"`}${focusOf(name, errors)}>${values.get(name) ?? ""}</textarea>
<p class="hint" id="${name}-hint">${hint}</p>${problems && html`<p class="problem" id="${name}-error">${problems.join(" ")}</p>`}</div>`;
}

function modeSection({ settings, typed }: Shown): Html {
  const isFixed = settings.given.mode !== undefined;
  const chosen = settings.given.mode ?? typed.values.get("mode") ?? settings.mode();
  return html`<fieldset class="field"><legend>Mode</legend>${ERP_MODES.map(
    (mode) =>
      html`<label class="choice"><input type="radio" name="mode" value="${mode}"${mode === chosen && CHECKED}${isFixed && DISABLED}><span><b>${mode}</b> ${MODES[mode]}</span></label>`,
  )}
<p class="hint">${isFixed ? html`Fixed by <code>ERP_MODE</code>.` : html`The device database has to assume the same: set <code>ERP_MODE</code> there too.`}</p></fieldset>`;
}

function privacySection({ typed: { values, errors } }: Shown): Html {
  const [problem] = errors["retention_days"] ?? [];
  return html`<div class="field"><label for="retention_days">Erase customers after so many days without news <span class="soft">optional</span></label>
<input id="retention_days" name="retention_days" inputmode="numeric" value="${values.get("retention_days") ?? ""}" aria-describedby="retention-hint${problem !== undefined && " retention-error"}"${problem !== undefined && html` aria-invalid="true"`}${focusOf("retention_days", errors)}>
<p class="hint" id="retention-hint">Empty keeps them until somebody erases them.</p>${problem !== undefined && html`<p class="problem" id="retention-error">${problem}</p>`}</div>`;
}

function faultsSection(frame: Frame, faults: readonly Fault[]): Html {
  const kinds = FAULT_KINDS.map((kind) => ({ value: kind, label: `${kind}: ${FAULTS[kind]}` }));
  const endpoints = ["both", "switch", "customers"].map((name) => ({ value: name, label: name }));
  return html`<section class="card" aria-labelledby="faults"><h2 id="faults">Faults on demand</h2>
<p class="soft">For trying a device database against an ERP that goes wrong. They end with the process.</p>
${faults.length === 0 ? empty("No faults", "The ERP answers as it should.") : html`<ul class="faults">${faults.map((fault) => faultItem(frame, fault))}</ul>`}
<form class="fields" method="post" action="/settings/faults">${tokenField(frame)}
<div class="field"><label for="kind">Fault</label>${select(html`id="kind" name="kind"`, { choices: kinds, value: "", empty: undefined })}</div>
<div class="field"><label for="endpoint">Endpoint</label>${select(html`id="endpoint" name="endpoint"`, { choices: endpoints, value: "", empty: undefined })}</div>
<div class="field"><label for="times">Calls <span class="soft">optional</span></label><input id="times" name="times" inputmode="numeric" value="1" aria-describedby="times-hint"><p class="hint" id="times-hint">Empty means all, until it is taken away.</p></div>
<div class="field"><label for="ms">Milliseconds <span class="soft">optional</span></label><input id="ms" name="ms" inputmode="numeric" aria-describedby="ms-hint"><p class="hint" id="ms-hint">For latency and slow.</p></div>
<p class="buttons"><button>Add this fault</button></p></form></section>`;
}

function faultItem(frame: Frame, { id, kind, endpoint, left, ms }: Fault): Html {
  const times = left === null ? "until it is taken away" : `${String(left)} more ${left === 1 ? "call" : "calls"}`;
  return html`<li><span><b>${kind}</b> ${FAULTS[kind]}${ms !== undefined && `, ${String(ms)} ms`} · ${endpoint} · ${times}</span>
<form method="post" action="/settings/faults/${id}/remove">${tokenField(frame)}<button>Take away<span class="spoken"> ${kind}</span></button></form></li>`;
}
