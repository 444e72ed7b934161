import { type Html, html } from "../plumbing/html.ts";
import { facts } from "../plumbing/page-parts.ts";
import { type Field, fieldsOf } from "../plumbing/schema-fields.ts";
import type { MqttContract, Topic } from "./asyncapi.ts";
import { consolePage, type Frame } from "./console-layout.ts";
import { payloadBox } from "./console-parts.ts";

const HEADS = ["Field", "Type", "Required", "Meaning"];

/** The MQTT contract for those who build a device: what it has to do, then each topic. */
export function docsPage(frame: Frame, contract: MqttContract): Html {
  const { info, topics } = contract;
  const content = html`<div class="columns"><div class="stack">
<section class="card prose" aria-labelledby="about"><h2 id="about">In short</h2>${info.description.split("\n\n").map((paragraph) => html`<p>${prose(paragraph)}</p>`)}</section>
${connection(contract)}</div>${brokers(contract)}</div>
<section class="card" aria-labelledby="duties"><h2 id="duties">What a device does</h2><ol class="duties">${topics.map(duty)}</ol></section>
${topics.map(topicSection)}`;
  const lead = html`<a href="/devices">Devices</a> · version ${info.version} · <a href="/docs/asyncapi.json">AsyncAPI document</a>`;
  return consolePage(frame, { title: info.title, place: "devices", lead, content });
}

function brokers({ servers, password }: MqttContract): Html {
  return html`<section class="card prose" aria-labelledby="brokers"><h2 id="brokers">Where, and as whom</h2>
${servers.map(({ title, host, protocol, description }) => html`<h3>${title}</h3><p><code>${protocol}://${host}</code></p><p>${prose(description)}</p>`)}
<h3>Its password</h3><p>${prose(password)}</p></section>`;
}

function connection({ connection: { clientId, cleanSession, keepAlive, lastWill } }: MqttContract): Html {
  return html`<section class="card" aria-labelledby="connection"><h2 id="connection">The connection</h2>${facts([
    ["Client id", clientId],
    ["Clean session", yesOrNo(cleanSession)],
    ["Keep alive", `${String(keepAlive)} s`],
    ["Last will", html`<code>${lastWill.topic}</code>`],
    ["Its QoS", lastWill.qos],
    ["Retained", yesOrNo(lastWill.retain)],
  ])}</section>`;
}

function duty({ key, operation, channel }: Topic): Html {
  return html`<li><h3>${operation.title}</h3><p>${prose(operation.description)}</p><p><a href="#${key}"><code>${shortOf(channel.address)}</code></a></p></li>`;
}

function topicSection({ key, operation, channel, message }: Topic): Html {
  const { qos, retain } = operation.bindings.mqtt;
  const who = (verb: string) => Object.keys(channel["x-acl"]).filter((role) => channel["x-acl"][role]?.includes(verb));
  return html`<section class="card topic" aria-labelledby="${key}"><h2 id="${key}">${channel.title} <code>${channel.address}</code></h2>
<p class="soft">${prose(channel.description)}</p>
${facts([
  ["Direction", operation.action === "send" ? "from the device" : "to the device"],
  ["QoS", qos],
  ["Retained", yesOrNo(retain)],
  ["Published by", who("publish").join(", ")],
  ["Heard by", who("subscribe").join(", ")],
])}
<div class="columns"><table class="fields"><thead><tr>${HEADS.map((head) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>${fieldsOf(message.payload).map(fieldRow)}</tbody></table>
<div class="stack">${message.examples.map(({ summary, payload }) => html`<figure><figcaption>${summary}</figcaption>${payloadBox(JSON.stringify(payload))}</figure>`)}</div></div></section>`;
}

function fieldRow({ name, type, pattern, isRequired, about }: Field): Html {
  return html`<tr><th scope="row"><code>${name}</code></th>
<td>${type}${pattern !== undefined && html` <code>${pattern}</code>`}</td>
<td>${isRequired ? "required" : html`<span class="none">optional</span>`}</td>
<td class="evidence">${prose(about)}</td></tr>`;
}

/** What stands between backticks is code. */
function prose(text: string): Html[] {
  return text.split("`").map((part, at) => (at % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

function yesOrNo(is: boolean): string {
  return is ? "yes" : "no";
}

/** Without what all topics begin with. */
function shortOf(address: string): string {
  return address.slice(address.indexOf("}/") + 2);
}
