import { type Html, html } from "../plumbing/html.ts";
import { empty, moment } from "../plumbing/page-parts.ts";
import type { DeviceNow } from "./dashboard-store.ts";
import { erpPage, type Frame } from "./page-layout.ts";
import { scentName } from "./page-usages.ts";
import { mayDo, type Subject } from "./permissions.ts";

/** How many devices a list of the dashboard shows. */
const SHOWN = 12;

export type Today = {
  clients: readonly { id: number; name: string; timezone: string; day: string; scents: ReadonlyMap<string, number> }[];
  devices: number;
  open: readonly DeviceNow[];
  silent: readonly DeviceNow[];
};

export function dashboardPage(frame: Frame, today: Today): Html {
  const content =
    today.clients.length === 0
      ? firstSteps(frame)
      : html`${today.devices === 0 && firstSteps(frame)}${scentsSection(today)}<div class="columns">${openSection(today)}${silentSection(today)}</div>`;
  return erpPage(frame, { title: "Today", place: "/", content });
}

const STEPS: readonly (readonly [subject: Subject, label: string])[] = [
  ["corporations", "Create a corporation"],
  ["clients", "Create its client: type, time zone and charge rate"],
  ["users", "Create users and assign roles"],
  ["device-types", "Create device types"],
  ["rooms", "Create rooms"],
  ["devices", "Create devices"],
  ["scents", "Create the scents"],
  ["schedules", "Create the schedules, if you use them"],
  ["device-setups", "Set up each device in its room, once it is installed"],
];

/** The operations guide in short, for an ERP that knows nothing yet: what is left to somebody of it. */
function firstSteps({ who }: Frame): Html {
  const steps = STEPS.filter(([subject]) => mayDo(who, subject, "write"));
  if (steps.length === 0)
    return empty("Nothing here yet", "As soon as devices stand in rooms, their day is told here.");
  return html`<section class="card" aria-labelledby="steps"><h2 id="steps">First steps</h2><ol class="steps">${steps.map(([subject, label]) => html`<li><a href="/${subject}">${label}</a></li>`)}<li><a href="/reports">Look at the reports</a></li></ol></section>`;
}

function scentsSection({ clients }: Today): Html {
  const codes = [...new Set(clients.flatMap(({ scents }) => [...scents.keys()]))];
  const total = (code: string) => clients.reduce((sum, { scents }) => sum + (scents.get(code) ?? 0), 0);
  const most = Math.max(1, ...codes.map(total));
  const all = codes.reduce((sum, code) => sum + total(code), 0);
  const [first] = clients;
  const day = clients.length === 1 && first ? `${first.day}, ${first.timezone}` : "by each client’s own clock";
  return html`<section class="card" aria-labelledby="scents"><h2 id="scents">${all} ${all === 1 ? "usage" : "usages"} today <span class="soft">${day}</span></h2>
${all === 0 ? html`<p class="soft">No device has checked in yet today.</p>` : html`<ul class="scent-bars">${codes.map((code) => html`<li class="${/^[a-z]+$/.test(code) && code}">${scentName(code)}<svg class="meter" aria-hidden="true"><rect width="${(total(code) / most) * 100}%" height="100%" rx="4"/></svg><b>${total(code)}</b></li>`)}</ul>`}
${clients.length > 1 && all > 0 && perClient(clients, codes)}</section>`;
}

function perClient(clients: Today["clients"], codes: readonly string[]): Html {
  return html`<details class="data"><summary>By client</summary><table class="short"><thead><tr><th scope="col">Client</th>${codes.map((code) => html`<th scope="col" class="number">${code}</th>`)}</tr></thead>
<tbody>${clients.map(({ name, scents }) => html`<tr><th scope="row">${name}</th>${codes.map((code) => html`<td class="number" data-label="${code}">${scents.get(code) ?? 0}</td>`)}</tr>`)}</tbody></table></details>`;
}

function openSection({ open }: Today): Html {
  const title = `${String(open.length)} open ${open.length === 1 ? "usage" : "usages"}`;
  return html`<section class="card sheet" aria-labelledby="open"><h2 id="open">${title}</h2>
${open.length === 0 ? empty("All closed", "No device is in use.") : deviceTable(open, "Since", ({ checkin_at }) => checkin_at)}</section>`;
}

function silentSection({ silent, devices }: Today): Html {
  const title = `${String(silent.length)} silent ${silent.length === 1 ? "device" : "devices"}`;
  return html`<section class="card sheet" aria-labelledby="silent"><h2 id="silent">${title} <span class="soft">of ${devices}, not heard of for a day</span></h2>
${silent.length === 0 ? empty("All heard of", "Every device that stands in a room has reported within a day.") : deviceTable(silent, "Last heard", ({ heard_at }) => heard_at)}</section>`;
}

function deviceTable(devices: readonly DeviceNow[], label: string, when: (device: DeviceNow) => string | null): Html {
  return html`<table><thead><tr><th scope="col">Device</th><th scope="col">Room</th><th scope="col">Scent</th><th scope="col">${label}</th></tr></thead>
<tbody>${devices.slice(0, SHOWN).map((device) => deviceRow(device, label, when(device)))}</tbody></table>
${devices.length > SHOWN && html`<p class="soft">And ${devices.length - SHOWN} more.</p>`}`;
}

function deviceRow({ serial, room, client, scent, timezone }: DeviceNow, label: string, at: string | null): Html {
  return html`<tr><th scope="row"><a class="row" href="/device-usages?serial=${encodeURIComponent(serial)}"><code class="serial">${serial}</code></a></th>
<td class="place">${room} <span class="soft">${client}</span></td><td class="key">${scent === null ? NONE : scentName(scent)}</td>
<td data-label="${label}">${at === null ? html`<span class="none">never</span>` : moment(at, timezone)}</td></tr>`;
}

const NONE = html`<span class="none">none</span>`;
