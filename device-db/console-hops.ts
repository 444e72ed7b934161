import { Html, html } from "../plumbing/html.ts";
import { chip, moment, span, timeOfDay } from "../plumbing/page-parts.ts";
import { payloadBox, type RoomOf, scentName } from "./console-parts.ts";
import type { FlowHop, FlowSummary } from "./contract.ts";

export type FlowRow = { flow: FlowSummary; hops: readonly FlowHop[] };

const OPEN = new Html(" open");
const FAILED = new Html(' data-failed=""');

/** One flow: who it is about, and its hops in the order of what happened. */
export function flowRow({ flow, hops }: FlowRow, roomOf: RoomOf): Html {
  const { room, zone } = roomOf(flow.serial);
  const start = Date.parse(hops[0]?.at ?? flow.startedAt);
  return html`<article class="flow" data-flow="${flow.id}" data-zone="${zone}" data-start="${start}"${!flow.ok && FAILED}>
<header><h2><a href="/flow/${flow.id}">${room}</a></h2>
<p class="serial"><code>${flow.serial}</code></p>
<p class="began">${moment(flow.startedAt, zone)}</p>
<p class="what">${flow.scent !== null ? scentName(flow.scent) : html`<span class="scent"></span>`}</p>
<p class="outcome">${outcome(hops, start)}</p></header>
${hopList({ flow, hops }, zone)}
</article>`;
}

/** The hops of a flow; where there is room, what failed is open. */
export function hopList({ flow, hops }: FlowRow, zone: string, isRoomy = false): Html {
  const start = Date.parse(hops[0]?.at ?? flow.startedAt);
  return html`<ol class="hops">${hops.map((hop) => hopItem(hop, { zone, start, isOpen: isRoomy && !hop.ok && hop.payload !== null }))}</ol>`;
}

type Place = { zone: string; start: number; isOpen: boolean };

/** A step in the lane of its part. It opens by itself, without the script. */
function hopItem({ part, name, ok, at, detail, payload, n }: FlowHop, { zone, start, isOpen }: Place): Html {
  const why = detail || (!ok && "no reason was given");
  return html`<li class="hop" data-part="${part}" data-n="${n}"${!ok && FAILED}><details${isOpen && OPEN}>
<summary><span class="lane">${part}</span><span class="name">${!ok && html`<span class="spoken">failed: </span>`}${name}</span>
<span class="at"><time datetime="${at}" title="${at}">${timeOfDay(at, zone, 3)}</time> <span class="plus">${plus(Date.parse(at) - start)}</span></span>
<span class="why">${why}</span></summary>
<div class="panel"><p class="detail">${detail}</p>${payload === null ? html`<p class="soft">Nothing was sent with this step.</p>` : payloadBox(payload)}</div></details></li>`;
}

/** What the script fills in for what happens while the page is open. */
export function liveTemplates(): Html {
  const hop = {
    n: 0,
    flowId: "",
    serial: "",
    at: new Date(0).toISOString(),
    part: "phone",
    name: "",
    ok: true,
  } as const;
  const item = hopItem({ ...hop, detail: "", payload: "" }, { zone: "UTC", start: 0, isOpen: false });
  const flow = { id: "", serial: "", room: null, state: "", answer: null, scent: null, ok: true, lastHop: null };
  const row = flowRow({ flow: { ...flow, startedAt: hop.at }, hops: [] }, () => ({ room: "", zone: "UTC" }));
  return html`<template id="hop">${item}</template><template id="flow">${row}</template>`;
}

/** How far it is: what the device database made of it last, or else the last hop. */
function outcome(hops: readonly FlowHop[], start: number): Html | undefined {
  const last = hops.findLast(({ part }) => part === "device database") ?? hops.at(-1);
  if (!last) return undefined;
  const tone = !last.ok ? "bad" : last.name.endsWith("delivered") ? "good" : "busy";
  return html`${chip(tone, last.name)} <span class="plus">${span(Date.parse(last.at) - start)}</span>`;
}

function plus(ms: number): string {
  return `+${span(Math.max(0, ms))}`;
}
