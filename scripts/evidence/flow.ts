/** Each flow as a picture with a lane for each part, and the same as a table. */
import type { SessionView } from "../../device-db/contract.ts";
import { type Html, html } from "../../plumbing/html.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Outcome } from "../scenarios/outcome.ts";
import { lanePictures } from "./lanes.ts";
import type { Hop } from "./messages.ts";
import { deliveryChip, fineTime, scentClass, scentName, sheet } from "./parts.ts";

export function flows({ flows: all, sessions, missing }: Outcome, id: string): Html | false {
  if (all.length === 0) return false;
  const guestOf = new Map(sessions.map((session) => [session.id, session.guest]));
  const drawn = all.map((flow, at) => {
    // Of several flows nobody knows which one it is missing in.
    const gap = all.length === 1 ? missing : undefined;
    const guest = sessions.length > 1 ? guestOf.get(flow.id) : undefined;
    return oneFlow(flow, { id: `${id}-flow-${String(at + 1)}`, name: nameOf(flow, guest), missing: gap });
  });
  return html`<section class="flows"><h4>The way from the guest to the ERP</h4>
<p class="soft note">A dot is a step, in the lane of the part where it happened; an arrow is a message. Times count from the first step, as bot and
device database knew of it; of the guest’s answer they know when the bot ends the session.</p>${drawn}</section>`;
}

/** A session has a state of its own; what began without one is called after what it began with. */
function nameOf({ state }: SessionView, guest: string | undefined): string {
  if (state === "command") return "A command of the hotel";
  if (state === "event") return "An event that the pod reported by itself";
  return guest === undefined || guest === "" ? "The guest’s session" : `The session of ${guest}`;
}

type Named = { id: string; name: string; missing: string | undefined };

function oneFlow(flow: SessionView, { id, name, missing }: Named): Html {
  const { hops, scent, delivery } = flow;
  const start = hops[0]?.at ?? "";
  const last = hops.findLast(({ name }) => name === delivery?.state) ?? hops.at(-1);
  const took = last ? span(Date.parse(last.at) - Date.parse(start)) : "";
  return html`<figure class="flow ${scentClass(scent)}"><figcaption><h5>${name}</h5>
<p>${scent !== null && scentName(scent)} ${delivery && deliveryChip(delivery.state)} <span>${took}</span> <code>${flow.id}</code></p></figcaption>
${lanePictures(hops, { id, title: `${name}, hop by hop`, missing })}
<details class="as-table"><summary>The picture as a table</summary>
${sheet(
  `${name}: each hop`,
  ["Time (UTC)", "Since", "Part", "What", "Detail"],
  hops.map((hop) => hopRow(hop, start)),
)}</details></figure>`;
}

function hopRow({ at, part, name, ok, detail }: Hop, start: string): (Html | string)[] {
  const what = ok ? name : html`<span class="why">✕ ${name}</span>`;
  return [fineTime(at), `+${span(Math.max(0, Date.parse(at) - Date.parse(start)))}`, part, what, detail];
}
