import type { Scent } from "../device-sim/contract.ts";
import { Html, html } from "../plumbing/html.ts";
import type { GuestNote, GuestView } from "./contract.ts";
import { CHOICES, GREETING } from "./question.ts";

/** Paths of the assets, with their version. */
export type Assets = { css: string; js: string };

type Frame = { room: string; link: string; assets: Assets };

const SIGNS: Record<Scent, Html> = {
  fire: sign("M12 3c1 4 5 5.5 5 10a5 5 0 0 1-10 0c0-2 1-3.5 2-4.5.3 1.6 1 2.3 1.8 2.5C10.500 8.500 11 5.500 12 3z"),
  wood: sign(
    "M12 21v-10m0 5-2.500-2m2.500-1 2-1.600M12 3c-3.600 2.200-5.500 4.700-5.500 7.200A4.500 4.500 0 0 0 12 14a4.500 4.500 0 0 0 5.500-3.800C17.500 7.700 15.600 5.200 12 3z",
  ),
  water: sign(
    "M12 3c3.500 4.200 5.500 7.200 5.500 10.200a5.500 5.500 0 0 1-11 0C6.500 10.200 8.500 7.200 12 3zm-2.800 10.500c.2 1.500 1.200 2.500 2.600 2.700",
  ),
  air: sign(
    "M3 9h10.500a2.500 2.500 0 1 0-2.400-3.200M3 13h15a2.800 2.800 0 1 1-2.700 3.600M3 17h7.500a2 2 0 1 1-1.900 2.600",
  ),
};

/** The question, ready to be answered by a tap; works as a plain form too. */
export function questionPage({ room, link, assets }: Frame): Html {
  return layout(
    { title: room, link, assets, follow: false },
    html`
    ${heading(room)}
    ${transcript([{ who: "bot", text: GREETING }])}
    <form method="post" action="/r/${link}/answer">
      <fieldset>
        <legend class="spoken">${GREETING}</legend>
        ${CHOICES.map(
          ({ scent, letter, name }) => html`
        <button name="choice" value="${scent}" data-name="${name}" class="${scent}">
          ${SIGNS[scent]}
          <span><span class="letter">${letter})</span> ${name}</span>
        </button>`,
        )}
      </fieldset>
    </form>
    ${noteLine({ text: "", tone: "", final: false })}
    <a class="again" href="/r/${link}?again" hidden>Choose another scent</a>`,
  );
}

/** A session of this guest that has its answer. */
export function answeredPage({ room, link, assets }: Frame, view: GuestView): Html {
  const note = noteOf(view);
  const { name = "", scent = "" } = CHOICES.find((choice) => choice.scent === view.scent) ?? {};
  return layout(
    { title: room, link, assets, follow: !note.final },
    html`
    ${heading(room)}
    ${transcript([
      { who: "bot", text: GREETING },
      { who: `guest ${scent}`, text: name },
    ])}
    ${noteLine(note)}
    <a class="again" href="/r/${link}?again">Choose another scent</a>`,
  );
}

/** The same page for every link that is not good, whatever is wrong with it. */
export function badLinkPage(assets: Assets): Html {
  return layout(
    { title: "Card not valid", link: "", assets, follow: false },
    html`
    <p class="brand">AromaPod Pro</p>
    <h1>This card is not valid</h1>
    <p>Please scan the card in your room again. If that does not help, the reception will gladly give you a new one.</p>`,
  );
}

/** Shown while the list of rooms has not arrived yet. */
export function notReadyPage(assets: Assets): Html {
  return layout(
    { title: "One moment", link: "", assets, follow: false },
    html`
    <p class="brand">AromaPod Pro</p>
    <h1>One moment</h1>
    <p>The scent service of this hotel is starting. Please scan the card again in a minute.</p>`,
  );
}

export function noteOf({ state, scent, command, pod }: GuestView): GuestNote {
  if (state !== "ended" || !command || !scent) return { text: "", tone: "", final: false };
  switch (command.state) {
    case "accepted":
      return { text: `Your AromaPod has confirmed. Enjoy your ${scent} scent.`, tone: "good", final: true };
    case "rejected":
      return {
        text: `Your AromaPod could not start ${scent}: ${command.reason ?? "no reason given"}.`,
        tone: "bad",
        final: true,
      };
    case "expired":
      return { text: "Your AromaPod did not answer in time. Please tell the reception.", tone: "bad", final: true };
    case "pending":
      return pod === "online"
        ? { text: "Sent to your AromaPod, waiting for its confirmation.", tone: "", final: false }
        : { text: "Your AromaPod is offline at the moment. It starts as soon as it is back.", tone: "", final: false };
  }
}

type Layout = { title: string; link: string; assets: Assets; follow: boolean };

function layout({ title, link, assets, follow }: Layout, content: Html): Html {
  return html`<!doctype html>
<html lang="en" dir="ltr">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${title} · AromaPod</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="${assets.css}">
    ${follow && html`<noscript><meta http-equiv="refresh" content="2"></noscript>`}
    <script src="${assets.js}" type="module"></script>
  </head>
  <body>
    <main data-link="${link}" data-follow="${follow ? "yes" : "no"}">${content}
    </main>
  </body>
</html>
`;
}

function heading(room: string): Html {
  return html`<p class="brand">AromaPod Pro</p>
    <h1>${room}</h1>`;
}

function transcript(said: { who: string; text: string }[]): Html {
  const items = said.map(
    ({ who, text }) => html`
        <li class="${who}"><span class="spoken">${who === "bot" ? "AromaPod: " : "You: "}</span>${text}</li>`,
  );
  return html`<div class="log" role="log">
      <ul>${items}
      </ul>
    </div>`;
}

function noteLine({ text, tone }: GuestNote): Html {
  return html`<p id="status" role="status" tabindex="-1" data-tone="${tone}">${text}</p>`;
}

function sign(path: string): Html {
  return new Html(`<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${path}"/></svg>`);
}
