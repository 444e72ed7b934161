import { SCENTS } from "../device-sim/contract.ts";
import { type Html, html } from "../plumbing/html.ts";
import { chip, empty, facts, moment, type Tone } from "../plumbing/page-parts.ts";
import { consolePage, type Frame, tokenField } from "./console-layout.ts";
import { scentName } from "./console-parts.ts";
import { capsulesOf, type TwinRow, twinRows } from "./console-twin.ts";
import type { DeviceView } from "./contract.ts";

const LEAD = "Every pod that may speak, and what was last heard of it.";
const TONES: Record<DeviceView["status"], Tone> = { online: "good", offline: "calm", lost: "bad", unknown: "calm" };

export function devicesPage(frame: Frame, devices: readonly DeviceView[]): Html {
  const content =
    devices.length > 0
      ? table(devices)
      : empty("No device is registered", html`Add the first: <code>aromapod devices add</code>`);
  return consolePage(frame, { title: "Devices", place: "devices", lead: LEAD, content: html`${content}${ownDevice}` });
}

const ownDevice = html`<p class="hint">A device of your own: <a href="/docs">what it has to say and to hear</a>.</p>`;

/** One device, its twin and what an operator may do with it. */
export function devicePage(frame: Frame, device: DeviceView): Html {
  const content = html`<div class="columns"><div class="stack">
<section class="card" aria-labelledby="known"><h2 id="known">${statusOf(device)}</h2>${factsOf(device)}</section>
<section class="card sheet" aria-labelledby="twin"><h2 id="twin">Desired and reported</h2>${twin(device)}</section>
${device.reported && html`<details class="card raw"><summary>All that it reports of itself</summary><pre tabindex="0">${JSON.stringify(device.reported, null, 2)}</pre></details>`}
</div><div class="stack">${buttons(frame, device)}
<section class="card" aria-labelledby="capsules"><h2 id="capsules">Capsules</h2>${capsules(device)}</section></div></div>`;
  const lead = html`<a href="/devices">Devices</a> · <code>${device.serial}</code>`;
  return consolePage(frame, { title: device.room, place: "devices", lead, content });
}

function table(devices: readonly DeviceView[]): Html {
  const heads = ["State", "Room", "Diffuses", "Capsules", "Last seen", "Firmware", "Kind"];
  const row = (device: DeviceView) => html`<tr>
<td data-label="State">${statusOf(device)}</td>
<td data-label="Room"><a class="row" href="/devices/${device.serial}">${device.room}</a> <code>${device.serial}</code></td>
<td data-label="Diffuses">${diffusing(device)}</td>
<td data-label="Capsules">${capsules(device)}</td>
<td data-label="Last seen">${lastSeen(device)}</td>
<td data-label="Firmware">${firmware(device)}</td>
<td data-label="Kind">${device.simulated ? "simulated" : "real"}</td></tr>`;
  return html`<div class="card sheet"><table><thead><tr>${heads.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${devices.map(row)}</tbody></table></div>`;
}

function statusOf({ enabled, status }: DeviceView): Html {
  return enabled ? chip(TONES[status], status) : chip("bad", "disabled");
}

function diffusing({ reported }: DeviceView): Html {
  const scent = reported?.["diffusing"];
  if (typeof scent === "string") return scentName(scent);
  return html`<span class="none">${reported ? "nothing" : "unknown"}</span>`;
}

function capsules({ reported }: DeviceView): Html {
  const list = capsulesOf(reported);
  if (!list) return html`<span class="none">not reported</span>`;
  return html`<ul class="capsules">${list.map(
    ({ scent, leftMl, isLow }) =>
      html`<li>${scentName(scent)}${leftMl !== undefined && html` <span class="number">${leftMl} ml</span>`}${isLow && html` ${chip("warn", "low")}`}</li>`,
  )}</ul>`;
}

function lastSeen({ lastSeen: at, timeZone }: DeviceView): Html {
  return at === null ? html`<span class="none">never</span>` : moment(at, timeZone);
}

function firmware({ firmware: version }: DeviceView): Html | string {
  return version ?? html`<span class="none">unknown</span>`;
}

function factsOf(device: DeviceView): Html {
  return facts([
    ["Serial", html`<code>${device.serial}</code>`],
    ["Diffuses", diffusing(device)],
    ["Last seen", lastSeen(device)],
    ["Firmware", firmware(device)],
    ["Kind", device.simulated ? "simulated" : "real"],
    ["Time zone", device.timeZone],
    ["Card", `version ${String(device.keyVersion)}`],
    ["Deliveries", html`<a href="/deliveries?serial=${device.serial}">of this device</a>`],
  ]);
}

function buttons(frame: Frame, { serial, enabled }: DeviceView): Html {
  const scents = SCENTS.map(
    (scent) => html`<button name="scent" value="${scent}" class="scent ${scent}">${scent}</button>`,
  );
  const off = !enabled && html` disabled`;
  const turn = enabled
    ? html`<button formaction="/console/devices/${serial}/disable" class="danger">Disable</button><p>Nothing is taken from it any more, and its card opens nothing.</p>`
    : html`<button formaction="/console/devices/${serial}/enable">Enable</button><p>It may connect again, with the password that it has.</p>`;
  return html`<section class="card decisions" aria-labelledby="send"><h2 id="send">Send a command</h2>
<form method="post" action="/console/devices/${serial}/commands">${tokenField(frame)}
<fieldset${off}><legend>Check in with</legend><input type="hidden" name="action" value="checkin"><div class="scents">${scents}</div></fieldset></form>
<form method="post" action="/console/devices/${serial}/commands">${tokenField(frame)}
<ul><li><button name="action" value="checkout"${off}>Check out</button><p>It stops diffusing.</p></li>
<li>${turn}</li></ul></form></section>`;
}

function twin(device: DeviceView): Html {
  const { desired, reported, timeZone } = device;
  if (!desired && !reported)
    return html`<p class="soft">Nobody has asked anything of it, and it has not reported yet.</p>`;
  const asked =
    desired &&
    html`<p class="soft">Last asked by ${desired.command.source === "guest" ? "a guest" : "an operator"}, ${moment(desired.at, timeZone)}: the command is <b>${desired.command.state}</b>${desired.command.reason !== null && `, ${desired.command.reason}`}.</p>`;
  return html`<table><thead><tr><th scope="col">Property</th><th scope="col">Desired</th><th scope="col">Reported</th></tr></thead><tbody>${twinRows(device).map(twinRow)}</tbody></table>${asked}`;
}

function twinRow({ name, desired, reported, standing }: TwinRow): Html {
  const none = html`<span class="none">–</span>`;
  const mark = standing !== "same" && html` ${chip(standing === "differs" ? "warn" : "busy", standing)}`;
  return html`<tr${mark && html` class="differs"`}><th scope="row">${name}</th><td data-label="Desired">${desired ?? none}</td>
<td data-label="Reported">${reported ?? none}${mark}</td></tr>`;
}
