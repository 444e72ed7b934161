import { type Html, html } from "../plumbing/html.ts";
import { chip } from "../plumbing/page-parts.ts";
import { DELIVERY_TONE, type DeliveryState } from "./contract.ts";

/** Where a device stands, and the clock there; a device that nobody knows has its serial for a room. */
export type RoomOf = (serial: string) => { room: string; zone: string };

export function stateChip(state: DeliveryState): Html {
  return chip(DELIVERY_TONE[state], state);
}

/** The accent of a scent, with its name; a word that is no scent stays a word. */
export function scentName(scent: string): Html {
  return html`<span class="scent ${/^[a-z]+$/.test(scent) ? scent : ""}">${scent}</span>`;
}

/** JSON is laid out for reading; what is none stays as it is. */
export function payloadBox(payload: string): Html {
  return html`<pre tabindex="0">${laidOut(payload)}</pre>`;
}

function laidOut(payload: string): string {
  try {
    return JSON.stringify(JSON.parse(payload), null, 2);
  } catch {
    return payload;
  }
}
