/** What was said in the chats, a column for each guest. */
import { type Html, html } from "../../plumbing/html.ts";
import { span } from "../../plumbing/page-parts.ts";
import type { Outcome, Saying } from "../scenarios/outcome.ts";
import { scentClass } from "./parts.ts";

export function chat({ said, startedAt, sessions }: Outcome): Html | false {
  if (said.length === 0) return false;
  const guests = [...Map.groupBy(said, ({ guest }) => guest)];
  const isOne = guests.length === 1;
  const scents = new Map(sessions.map(({ guest, scent }) => [guest, scent]));
  return html`<section class="chats"><h4>${isOne ? "The conversation" : "The conversations"}</h4>
<p class="soft note">As the phone heard it; times count from the beginning of the run.</p>
<div class="columns-of-chats">${guests.map(([guest, sayings]) => {
    const talk = conversation(sayings, startedAt);
    const name = !isOne && html`<h5>${guest === "" ? "A guest" : guest}</h5>`;
    return html`<div class="phone ${scentClass(scents.get(guest))}">${name}${talk}</div>`;
  })}</div></section>`;
}

function conversation(sayings: readonly Saying[], start: string): Html {
  return html`<ol class="chat">${sayings.map((saying) => bubble(saying, start))}</ol>`;
}

function bubble({ at, by, type, text, choices = [] }: Saying, start: string): Html {
  const time = html`<time datetime="${at}">+${span(Math.max(0, Date.parse(at) - Date.parse(start)))}</time>`;
  if (type === "end") return html`<li class="end">The bot ended the session. ${time}</li>`;
  const buttons = choices.map((choice) => html`<li>${choice}</li>`);
  return html`<li class="${by}"><span class="spoken">${by === "guest" ? "Guest: " : "Bot: "}</span><p>${text}</p>
${buttons.length > 0 && html`<ul class="choices" aria-label="Buttons">${buttons}</ul>`}${time}</li>`;
}
