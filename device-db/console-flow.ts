import { type Html, html } from "../plumbing/html.ts";
import { CHECKED, empty, facts, moment } from "../plumbing/page-parts.ts";
import { type FlowRow, flowRow, hopList, liveTemplates } from "./console-hops.ts";
import { consolePage, type Frame } from "./console-layout.ts";
import { type RoomOf, scentName } from "./console-parts.ts";
import { type Delivery, type DeviceView, FLOW_PARTS, type SessionView } from "./contract.ts";

type FlowFilter = { q: string; onlyFailed: boolean };

export type FlowView = {
  rows: readonly FlowRow[];
  filter: FlowFilter;
  /** The number of the newest hop that the page may show. */
  after: number;
  /** For rooms of flows that begin while the page is open. */
  devices: readonly Pick<DeviceView, "serial" | "room" | "timeZone">[];
  roomOf: RoomOf;
};

const LEAD = "From the guest’s tap to the usage in the ERP, as it happens. Times are those of the room’s clock.";

/** The newest flows, a lane for each part; the script adds what happens from now on. */
export function flowPage(frame: Frame, view: FlowView): Html {
  const { rows, filter, after, devices, roomOf } = view;
  const rooms = Object.fromEntries(devices.map(({ serial, room, timeZone }) => [serial, [room, timeZone]]));
  const isFiltered = filter.q !== "" || filter.onlyFailed;
  const content = html`${toolbar(filter)}
<section id="flows" aria-label="Flows" data-live="/api/flow" data-after="${after}" data-rooms="${JSON.stringify(rooms)}">
<div class="lanes" aria-hidden="true"><span></span>${FLOW_PARTS.map((part) => html`<span>${part}</span>`)}</div>
${rows.map((row) => flowRow(row, roomOf))}
${rows.length === 0 && nothing(isFiltered)}
</section>
<p id="nofit" class="hint" hidden>No flow on this page fits; Enter searches the older ones too.</p>${liveTemplates()}`;
  return consolePage(frame, { title: "Flow", place: "flow", lead: LEAD, content });
}

/** One flow with all that was said, to be linked to. */
export function oneFlowPage(frame: Frame, one: OneFlow): Html {
  const { row, roomOf } = one;
  const { flow, hops } = row;
  const { room, zone } = roomOf(flow.serial);
  const after = Math.max(0, ...hops.map(({ n }) => n));
  const content = html`<section class="card">${factsOf(one)}</section>
<div class="toolbar"><h2>Each hop</h2>${LIVE}</div>
<section id="flows" class="single" aria-label="Hops" data-live="/api/flow?flow=${flow.id}" data-after="${after}" data-rooms="{}">
<article class="flow" data-flow="${flow.id}" data-zone="${zone}" data-start="${Date.parse(hops[0]?.at ?? flow.startedAt)}">
${hopList(row, zone, true)}</article></section>${liveTemplates()}`;
  const lead = html`<a href="/">Flow</a> · ${flow.state}${flow.scent !== null && html` ${scentName(flow.scent)}`}`;
  return consolePage(frame, { title: room, place: "flow", lead, content });
}

export type OneFlow = { row: FlowRow; session: SessionView | undefined; delivery: Delivery | null; roomOf: RoomOf };

function factsOf({ row: { flow }, session, delivery, roomOf }: OneFlow): Html {
  return facts([
    ["Flow", html`<code>${flow.id}</code>`],
    ["Device", html`<a href="/devices/${flow.serial}"><code>${flow.serial}</code></a>`],
    ["Began", moment(flow.startedAt, roomOf(flow.serial).zone)],
    ["Answer", flow.answer],
    ["Command", session?.command ? session.command.state : null],
    ["Delivery", delivery && html`<a href="/deliveries/${delivery.id}">${delivery.state}</a>`],
    ["Trace", session?.traceparent ? html`<code>${session.traceparent}</code>` : null],
  ]);
}

function toolbar({ q, onlyFailed }: FlowFilter): Html {
  return html`<form class="toolbar" method="get" action="/" role="search" aria-label="Flows">
<label class="search"><span class="spoken">Filter by room, serial or text</span><input type="search" name="q" value="${q}" placeholder="Room, serial or text" maxlength="100" autocomplete="off"></label>
<label class="check"><input type="checkbox" name="failed" value="1"${onlyFailed && CHECKED}> Only failed</label>
<button class="apply">Filter</button>
${LIVE}
</form>`;
}

/** What the script makes of the page. */
const LIVE = html`<span class="live"><span id="live" role="status" data-tone="calm">As of now; reload for more</span>
<button type="button" id="pause" aria-pressed="false" hidden>Pause</button></span>`;

function nothing(isFiltered: boolean): Html {
  if (isFiltered)
    return empty("No flow fits", html`Nothing of the newest flows fits the filter. <a href="/">Show all</a>`);
  return empty(
    "Nothing has happened yet",
    "Scan a room’s card or open its link and tap a scent: each hop appears here.",
  );
}
