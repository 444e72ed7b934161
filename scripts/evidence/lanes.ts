/**
 * A flow as a picture: a lane for each part, time goes down. Places across are in percent and letters in the sizes of the
 * style sheet, so the picture is as readable on a phone as on a desk.
 */
import { FLOW_PARTS, type FlowPart } from "../../device-db/contract.ts";
import { type Html, html } from "../../plumbing/html.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Hop } from "./messages.ts";

const HEAD = 40;
const ROW = 38;
const REASON = 34;
const PAUSE = 26;
/** A silence that is long enough to be told. */
const PAUSE_MS = 1_000;
/** More would not fit on a page of paper. */
const MOST_ROWS = 16;
const MOST_HOPS = 160;
const MOST_DETAIL = 56;
const MOST_NAME = 24;
const MOST_REASON = 90;

type Arrow = readonly [from: FlowPart, to: FlowPart];

/** The messages among the hops: what a hop says that only concerns its own part has no arrow. */
const ARROWS: Record<string, Arrow> = {
  "phone chat opened": ["phone", "bot"],
  "bot asked": ["bot", "phone"],
  "phone answered": ["phone", "bot"],
  "pod event reported": ["pod", "device database"],
  "ERP called": ["device database", "ERP"],
  "ERP answered": ["ERP", "device database"],
};

/** A hop, its message if it is one, and how long nothing was seen before. */
type Row = { hop: Hop; arrow: Arrow | undefined; pause: number };
type Named = { id: string; title: string; missing: string | undefined };

/** Pictures of at most a page each. */
export function lanePictures(hops: readonly Hop[], { id, title, missing }: Named): Html[] {
  const rows = rowsOf(hops.slice(0, MOST_HOPS));
  const start = Date.parse(hops[0]?.at ?? "");
  const pages = Math.max(1, Math.ceil(rows.length / MOST_ROWS));
  return Array.from({ length: pages }, (_, page) => {
    const part = pages === 1 ? "" : `, part ${String(page + 1)} of ${String(pages)}`;
    const isLast = page === pages - 1;
    return picture(rows.slice(page * MOST_ROWS, (page + 1) * MOST_ROWS), {
      id: `${id}-${String(page)}`,
      title: title + part,
      missing: isLast ? missing : undefined,
      start,
    });
  });
}

function rowsOf(hops: readonly Hop[]): Row[] {
  const asker = hops.some(({ name }) => name === "command issued") ? "device database" : "bot";
  return hops.map((hop, at) => {
    const pause = Date.parse(hop.at) - Date.parse(hops[at - 1]?.at ?? hop.at);
    return { hop, arrow: arrowOf(hop, asker), pause };
  });
}

/** A command comes from who asked for it, and the pod's reply goes there. */
function arrowOf({ part, name }: Hop, asker: FlowPart): Arrow | undefined {
  if (part === "broker") return [asker, "broker"];
  if (part === "pod" && name !== "event reported") return ["pod", asker];
  return ARROWS[`${part} ${name}`];
}

function picture(rows: readonly Row[], { id, title, missing, start }: Named & { start: number }): Html {
  let y = HEAD;
  const drawn = rows.map((row) => {
    const top = y;
    y += heightOf(row);
    return drawRow(row, top, start);
  });
  const ghost = missing === undefined ? undefined : drawMissing(missing, y);
  const height = y + (ghost ? ROW + REASON : 8);
  return html`<svg class="picture" role="img" aria-labelledby="${id}-title" aria-describedby="${id}-text" width="100%" height="${height}">
<title id="${id}-title">${title}</title><desc id="${id}-text">${spoken(rows, missing)}</desc>
${FLOW_PARTS.map((part) => lane(part, height))}${drawn}${ghost}</svg>`;
}

/** What those hear who do not see it. */
function spoken(rows: readonly Row[], missing: string | undefined): string {
  const said = rows.map(({ hop: { part, name, ok } }) => `${part}: ${name}${ok ? "" : " (failed)"}`);
  return [...said, ...(missing === undefined ? [] : [`did not happen: ${missing}`])].join("; ");
}

function lane(part: FlowPart, height: number): Html {
  const [first = "", second] = part.split(" ");
  const x = across(part);
  const word = first.charAt(0).toUpperCase() + first.slice(1);
  const words =
    second === undefined
      ? html`<text class="head" x="${x}" y="22">${word}</text>`
      : html`<text class="head" x="${x}" y="15">${word}<tspan x="${x}" dy="1.2em">${second}</tspan></text>`;
  return html`${words}<line class="lane" x1="${x}" x2="${x}" y1="${HEAD - 6}" y2="${height}"/>`;
}

function heightOf({ hop, pause }: Row): number {
  return ROW + (hop.ok ? 0 : REASON) + (pause >= PAUSE_MS ? PAUSE : 0);
}

function drawRow({ hop, arrow, pause }: Row, top: number, start: number): Html {
  const waits = pause >= PAUSE_MS;
  const y = top + (waits ? PAUSE : 0);
  return html`${waits && html`<text class="pause" x="50%" y="${top + 17}">… ${span(pause)} later …</text>`}<g${!hop.ok && html` class="bad"`}>
${arrow && drawArrow(arrow, y + 27)}${dot(hop, y + 27)}${label(hop, { arrow, y: y + 15, start })}${!hop.ok && reason(hop, y + 35)}</g>`;
}

function drawArrow([from, to]: Arrow, y: number): Html {
  const points = FLOW_PARTS.indexOf(from) < FLOW_PARTS.indexOf(to) ? "M-13-4-6 0-13 4" : "M13-4 6 0 13 4";
  return html`<line class="arrow" x1="${across(from)}" x2="${across(to)}" y1="${y}" y2="${y}"/><svg x="${across(to)}" y="${y}"><path class="tip" d="${points}"/></svg>`;
}

function dot({ part, ok }: Hop, y: number): Html {
  const cross = html`<path class="cross" d="M-2.500-2.500 2.500 2.500M2.500-2.500-2.500 2.500"/>`;
  return html`<svg x="${across(part)}" y="${y}"><circle class="dot" r="${ok ? "4" : "6"}"/>${!ok && cross}</svg>`;
}

/** Beside the arrow's end, on that side of the picture that has room. */
function label(
  { part, name, detail, at, ok }: Hop,
  { arrow, y, start }: { arrow: Arrow | undefined; y: number; start: number },
): Html {
  const places = [part, ...(arrow ?? [])].sort((a, b) => FLOW_PARTS.indexOf(a) - FLOW_PARTS.indexOf(b));
  const isLeft = onLeft(part);
  const x = across((isLeft ? places[0] : places.at(-1)) ?? part);
  const short = cut(detail, MOST_DETAIL);
  const words = html`<tspan class="name">${!ok && "✕ "}${cut(name, MOST_NAME)}</tspan><tspan class="time" dx="6">+${span(Math.max(0, Date.parse(at) - start))}</tspan>${ok && short !== "" && html`<tspan class="detail" dx="8">${short}</tspan>`}`;
  return html`<text class="label" x="${x}" y="${y}" dx="${isLeft ? "-4" : "4"}" text-anchor="${isLeft ? "start" : "end"}">${words}</text>`;
}

function cut(text: string, most: number): string {
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** From the lane to that edge of the picture which is farther away. */
function reason({ part, detail }: Hop, y: number): Html {
  const [x, width] = onLeft(part) ? [across(part), `${String(100 - placeOf(part))}%`] : ["0", across(part)];
  return html`<foreignObject x="${x}" y="${y}" width="${width}" height="${REASON}"><p class="reason${!onLeft(part) && " right"}"><span>${cut(detail, MOST_REASON) || "no reason was given"}</span></p></foreignObject>`;
}

function drawMissing(missing: string, y: number): Html {
  return html`<g class="bad"><line class="end" x1="2%" x2="98%" y1="${y + 12}" y2="${y + 12}"/><foreignObject x="0" y="${y + 20}" width="100%" height="${ROW + 10}"><p class="reason middle"><span>Did not happen: ${missing}</span></p></foreignObject></g>`;
}

function onLeft(part: FlowPart): boolean {
  return FLOW_PARTS.indexOf(part) < FLOW_PARTS.length / 2;
}

function across(part: FlowPart): string {
  return `${String(placeOf(part))}%`;
}

function placeOf(part: FlowPart): number {
  return Number(((FLOW_PARTS.indexOf(part) + 0.5) * (100 / FLOW_PARTS.length)).toFixed(2));
}
