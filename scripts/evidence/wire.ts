/** What went over the wire: each message over MQTT, and each request to the ERP with its answer. */
import { type Html, html } from "../../plumbing/html.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Outcome } from "../scenarios/outcome.ts";
import { type ErpCall, erpCalls, laidOut, type MqttMessage, mqttMessages } from "./messages.ts";
import { breakable, fineInstant, fineTime } from "./parts.ts";

export function mqtt({ flows }: Outcome): Html | false {
  const messages = flows.flatMap(mqttMessages).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (messages.length === 0) return false;
  return html`<section class="wire"><h4>Each message over MQTT</h4>
<p class="soft note">As the device database saw them, secrets masked. Times are UTC.</p><ol>${messages.map(message)}</ol></section>`;
}

function message({ at, topic, payload }: MqttMessage): Html {
  return html`<li><p><code class="topic">${topic}</code>${fineTime(at)}</p><pre>${laidOut(payload)}</pre></li>`;
}

export function calls({ flows }: Outcome): Html | false {
  const made = flows.flatMap(erpCalls).sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  if (made.length === 0) return false;
  return html`<section class="wire"><h4>What the ERP was asked, and what it answered</h4>
<p class="soft note">The request with the headers that the device database set, and the answer’s status and body, word for word; secrets masked.</p><ol>${made.map(call)}</ol></section>`;
}

function call({ at, request, headers, answer }: ErpCall): Html {
  const lines = headers.map(([name, value]) => `\n${name}: ${value}`);
  return html`<li><p><span>Request</span>${fineInstant(at)}</p><pre><b>${breakable(request)}</b>${lines}</pre>
${answer ? answered(answer, at) : html`<p class="why">Nothing was heard of it.</p>`}</li>`;
}

function answered({ at, ok, isHeard, words, body }: NonNullable<ErpCall["answer"]>, calledAt: string): Html {
  const after = span(Math.max(0, Date.parse(at) - Date.parse(calledAt)));
  return html`<div class="answer" data-tone="${ok ? "good" : "bad"}"><p><span>${isHeard ? "Answer" : "No answer; it ended"} after ${after}</span>${fineInstant(at)}</p><pre><b>${words}</b>${body !== null && `\n${body}`}</pre></div>`;
}
