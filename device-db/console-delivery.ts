import { type Html, html } from "../plumbing/html.ts";
import { chip, facts, moment } from "../plumbing/page-parts.ts";
import { MEANINGS } from "./console-deliveries.ts";
import { consolePage, type Frame, tokenField } from "./console-layout.ts";
import { type RoomOf, scentName, stateChip } from "./console-parts.ts";
import type { DeliveryChange, DeliveryDetail } from "./contract.ts";
import { movesFrom, type OperatorMove } from "./operator-moves.ts";

const LONGEST_REASON = 500;

type DeliveryPage = { delivery: DeliveryDetail; flowId: string | undefined; roomOf: RoomOf; reason: string };

const MOVES: Record<OperatorMove, { label: string; help: string }> = {
  resend: { label: "Resend", help: "The ERP is called again. Only when it surely has no usage of this." },
  "mark-delivered": { label: "Mark delivered", help: "The usage is in the ERP; nothing is sent." },
  discard: { label: "Discard", help: "There will be no usage; the delivery stays on record." },
};

/** One delivery: how it stands, why, and what a person may decide about it. */
export function deliveryPage(frame: Frame, page: DeliveryPage): Html {
  const { delivery, roomOf } = page;
  const { room } = roomOf(delivery.serial);
  const content = html`<div class="columns"><section class="card" aria-labelledby="standing">
<h2 id="standing">${stateChip(delivery.state)}</h2>
<p class="meaning">${MEANINGS[delivery.state]}</p>
${delivery.evidence && html`<blockquote>${delivery.evidence}</blockquote>`}
${factsOf(page)}</section>
${decisions(frame, page)}</div>
<section class="card sheet" aria-labelledby="log"><h2 id="log">Every change</h2>${logTable(page)}</section>`;
  const lead = html`<a href="/deliveries">Deliveries</a> · ${delivery.status} ${scentName(delivery.scent)}`;
  return consolePage(frame, { title: room, place: "deliveries", lead, content });
}

function factsOf({ delivery, flowId, roomOf }: DeliveryPage): Html {
  const { zone } = roomOf(delivery.serial);
  return facts([
    ["Device", html`<a href="/devices/${delivery.serial}"><code>${delivery.serial}</code></a>`],
    ["Recorded", moment(delivery.createdAt, zone)],
    ["Attempts", delivery.attempts],
    ["Due", delivery.dueAt && moment(delivery.dueAt, zone)],
    ["Event and key", html`<code>${delivery.id}</code>`],
    ["Session", delivery.sessionId && html`<code>${delivery.sessionId}</code>`],
    ["Trace", delivery.traceparent && html`<code>${delivery.traceparent}</code>`],
    ["Flow", flowId === undefined ? null : html`<a href="/flow/${flowId}">See each hop</a>`],
  ]);
}

/** One reason, and a button for each move that is allowed from here. */
function decisions(frame: Frame, { delivery, reason }: DeliveryPage): Html {
  const moves = movesFrom(delivery.state);
  if (moves.length === 0) {
    const why = delivery.state === "inflight" ? "The call is under way; its answer decides." : "This one is settled.";
    return html`<section class="card decisions" aria-labelledby="decide"><h2 id="decide">Nothing to decide</h2><p class="soft">${why}</p></section>`;
  }
  const buttons = moves.map((move) => {
    const { label, help } = MOVES[move];
    return html`<li><button formaction="/console/deliveries/${delivery.id}/${move}" aria-describedby="${move}-help">${label}</button><p id="${move}-help">${help}</p></li>`;
  });
  return html`<section class="card decisions" aria-labelledby="decide"><h2 id="decide">Your decision</h2>
<form method="post" action="/console/deliveries/${delivery.id}/${moves[0] ?? ""}">${tokenField(frame)}
<label for="reason">Reason <span class="soft">(kept in the log)</span></label>
<textarea id="reason" name="reason" required maxlength="${LONGEST_REASON}" rows="3" placeholder="How do you know?">${reason}</textarea>
<ul>${buttons}</ul></form></section>`;
}

function logTable({ delivery, roomOf }: DeliveryPage): Html {
  const { zone } = roomOf(delivery.serial);
  const row = ({ at, from, to, attempts, evidence }: DeliveryChange) => html`<tr>
<td data-label="When">${moment(at, zone)}</td>
<td data-label="Change">${from ? html`<span class="soft">${from} →</span> ` : chip("calm", "new")} ${stateChip(to)}</td>
<td data-label="Attempts" class="number">${attempts}</td>
<td data-label="Evidence" class="evidence">${evidence ?? html`<span class="none">–</span>`}</td></tr>`;
  return html`<table><thead><tr><th scope="col">When</th><th scope="col">Change</th><th scope="col" class="number">Attempts</th><th scope="col">Evidence</th></tr></thead>
<tbody>${delivery.log.toReversed().map(row)}</tbody></table>`;
}
