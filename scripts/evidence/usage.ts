/** What the ERP holds of a run, and what became of the duties to tell it. */
import type { Delivery } from "../../device-db/contract.ts";
import type { Usage } from "../../erp-stub/contract.ts";
import { type Html, html } from "../../plumbing/html.ts";
import type { Outcome } from "../scenarios/outcome.ts";
import { breakable, deliveryChip, scentName, sheet } from "./parts.ts";

const USAGE_HEADS = ["Usage no.", "Room", "Scent", "Status", "Times (UTC)", "Opened by"];
const DELIVERY_HEADS = ["Delivery", "Reports", "State", "Attempts", "Evidence"];

export function usageTable({ usages, deliveries }: Outcome): Html {
  const held =
    usages.length === 0
      ? html`<p class="none">None.</p>`
      : sheet("Usages in the ERP", USAGE_HEADS, usages.map(usageRow));
  return html`<section class="rows"><h4>Usages that the ERP holds of it</h4>${held}
${deliveries.length > 0 && html`<h4>Deliveries to the ERP</h4>${sheet("Deliveries of this run", DELIVERY_HEADS, deliveries.map(deliveryRow))}`}</section>`;
}

function usageRow(usage: Usage): (Html | string | number)[] {
  const { id, ref, room, serial, scent, status, request } = usage;
  const whose = html`${room}<span class="about"><code>${serial}</code></span>`;
  const opened = html`<code>${breakable(request)}</code>${ref !== null && html`<span class="about"><code>${ref}</code></span>`}`;
  return [id, whose, scentName(scent), status, html`${timesOf(usage)}`, opened];
}

function timesOf({ checkinAt, timeinAt, timeoutAt, checkoutAt, startTime, endTime }: Usage): Html[] {
  const times = [
    ["check-in", checkinAt.slice(11, 23)],
    ["time-in", timeinAt?.slice(11, 23)],
    ["time-out", timeoutAt?.slice(11, 23)],
    ["check-out", checkoutAt?.slice(11, 23)],
    ["schedule", startTime === null ? undefined : `${startTime} to ${endTime ?? "?"}`],
  ] as const;
  return times.flatMap(([name, time]) =>
    time === undefined ? [] : html`<span class="at"><i>${name}</i> ${time}</span>`,
  );
}

function deliveryRow({ id, status, scent, state, attempts, evidence }: Delivery): (Html | string | number)[] {
  return [html`<code>${id}</code>`, `${status} ${scent}`, deliveryChip(state), attempts, evidence ?? "none"];
}
