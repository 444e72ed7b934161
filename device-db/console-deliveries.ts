import { type Html, html } from "../plumbing/html.ts";
import { empty, moment } from "../plumbing/page-parts.ts";
import { consolePage, type Frame, tokenField } from "./console-layout.ts";
import { type RoomOf, scentName, stateChip } from "./console-parts.ts";
import { DELIVERY_STATES, type DeliveryDetail, type DeliveryState, type PausedLane } from "./contract.ts";

type Counts = Record<DeliveryState | "created", number>;

export type DeliveriesView = {
  state: DeliveryState | undefined;
  serial: string | undefined;
  counts: Counts;
  rows: readonly DeliveryDetail[];
  /** The id of the last row, when there are more. */
  more: string | undefined;
  paused: readonly PausedLane[];
  roomOf: RoomOf;
};

const LEAD = "Each event of a pod is owed to the ERP exactly once. What cannot be settled by itself waits for you.";

/** The meaning of a state, for those who see it for the first time. */
export const MEANINGS: Record<DeliveryState, string> = {
  pending: "Waits to be sent, when its time and its turn come.",
  inflight: "The call is under way.",
  delivered: "The ERP has the usage.",
  uncertain: "The call left, but its answer was not seen. It is never sent again without evidence.",
  held: "Cannot be settled without a person.",
  dead: "The ERP refused the call; sending it again would not help.",
  discarded: "A person decided that it is not sent.",
};

export function deliveriesPage(frame: Frame, view: DeliveriesView): Html {
  const content = html`${view.paused.length > 0 && pausedLanes(frame, view)}
${tabs(view)}
${view.state && html`<p class="hint">${MEANINGS[view.state]}</p>`}
${view.rows.length > 0 ? table(view) : nothing(view)}
${view.more && html`<p class="pager"><a class="button" href="${address({ ...view, before: view.more })}">Older</a></p>`}`;
  return consolePage(frame, { title: "Deliveries", place: "deliveries", lead: LEAD, content });
}

type Address = { state?: DeliveryState | undefined; serial?: string | undefined; before?: string | undefined };

function address({ state, serial, before }: Address): string {
  const given = Object.entries({ state, serial, before }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
  return given.length > 0 ? `/deliveries?${new URLSearchParams(given).toString()}` : "/deliveries";
}

function tabs({ state, serial, counts }: DeliveriesView): Html {
  const tab = (label: string, to: DeliveryState | undefined, number: number) =>
    html`<li${number === 0 && html` class="none"`}><a href="${address({ state: to, serial })}"${to === state && html` aria-current="true"`}>${label} <b>${number}</b></a></li>`;
  const each = DELIVERY_STATES.map((one) => tab(one, one, counts[one]));
  return html`<nav class="tabs" aria-label="Deliveries by state"><ul>${tab("all", undefined, counts.created)}${each}</ul>
${serial !== undefined && html`<p class="narrowed">Only <code>${serial}</code> <a href="${address({ state })}">show all devices</a></p>`}</nav>`;
}

function pausedLanes(frame: Frame, { paused, roomOf }: DeliveriesView): Html {
  const lanes = paused.map(({ serial, at, reason }) => {
    const { room, zone } = roomOf(serial);
    const name = serial === "*" ? "All devices" : room;
    return html`<li><div><h3>${name}${serial !== "*" && html` <code>${serial}</code>`}</h3>
<p>${reason}</p><p class="soft">paused ${moment(at, zone)}</p></div>
<form method="post" action="/console/lanes/resume">${tokenField(frame)}<input type="hidden" name="serial" value="${serial}">
<button aria-label="Resume the deliveries of ${name}">Resume</button></form></li>`;
  });
  return html`<section class="card paused" aria-labelledby="paused"><h2 id="paused">Paused</h2>
<p class="soft">Nothing is sent from here until somebody has mended the cause and resumes.</p>
<ul>${lanes}</ul></section>`;
}

function table({ rows, roomOf }: DeliveriesView): Html {
  const body = rows.map((row) => {
    const { room, zone } = roomOf(row.serial);
    return html`<tr>
<td data-label="State">${stateChip(row.state)}</td>
<td data-label="Room"><a class="row" href="/deliveries/${row.id}" aria-label="${room}: ${row.status} ${row.scent}, ${row.state}">${room}</a> <code>${row.serial}</code></td>
<td data-label="Event">${row.status} ${scentName(row.scent)}</td>
<td data-label="Recorded">${moment(row.createdAt, zone)}</td>
<td data-label="Attempts" class="number">${row.attempts}</td>
<td data-label="Due">${row.dueAt ? moment(row.dueAt, zone) : html`<span class="none">–</span>`}</td>
<td data-label="Evidence" class="evidence"><span>${row.evidence ?? "–"}</span></td>
</tr>`;
  });
  const heads = ["State", "Room", "Event", "Recorded", "Attempts", "Due", "Evidence"];
  return html`<div class="card sheet"><table>
<thead><tr>${heads.map((name) => html`<th scope="col"${name === "Attempts" && html` class="number"`}>${name}</th>`)}</tr></thead>
<tbody>${body}</tbody></table></div>`;
}

function nothing({ state }: DeliveriesView): Html {
  if (!state) return empty("Nothing to deliver yet", "As soon as a pod reports an event, its delivery stands here.");
  const good = ["uncertain", "held", "dead"].includes(state);
  return empty(`No delivery is ${state}`, good ? "Nothing here needs you." : MEANINGS[state]);
}
