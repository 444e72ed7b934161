/** What was said in the chats, a column for each guest. */
import { type Html, html } from "../../plumbing/html.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Outcome, Saying } from "../scenarios/outcome.ts";

export function chat({ said, startedAt }: Outcome): Html | false {
  if (said.length === 0) return false;
  const guests = [...Map.groupBy(said, ({ guest }) => guest)];
  const isOne = guests.length === 1;
  return html`<section class="chats"><h4>${isOne ? "The conversation" : "The conversations"}</h4>
<div class="columns-of-chats">${guests.map(([guest, sayings]) => conversation(isOne ? undefined : guest, sayings, startedAt))}</div></section>`;
}

function conversation(guest: string | undefined, sayings: readonly Saying[], start: string): Html {
  const name = guest === "" ? "A guest" : guest;
  return html`<div class="phone">${name !== undefined && html`<h5>${name}</h5>`}
<ol class="chat">${sayings.map((saying) => bubble(saying, start))}</ol></div>`;
}

function bubble({ at, by, type, text, choices = [] }: Saying, start: string): Html {
  const time = html`<time datetime="${at}">+${span(Math.max(0, Date.parse(at) - Date.parse(start)))}</time>`;
  if (type === "end") return html`<li class="end">The bot ended the session. ${time}</li>`;
  const buttons = choices.map((choice) => html`<li>${choice}</li>`);
  return html`<li class="${by}"><span class="spoken">${by === "guest" ? "Guest: " : "Bot: "}</span><p>${text}</p>
${buttons.length > 0 && html`<ul class="choices" aria-label="Buttons">${buttons}</ul>`}${time}</li>`;
}
