import { readFileSync } from "node:fs";
import type { Device } from "../device-db/contract.ts";
import { SCENTS, type Scent } from "../device-sim/contract.ts";
import { Html, html } from "../plumbing/html.ts";
import { SIGNS } from "./guest-signs.ts";
import { directionOf, FALLBACK, type Language } from "./languages.ts";
import { message } from "./messages.ts";

/** With more languages than this, each has less to say, in small print. */
const MAX_LARGE = 2;
const MAX_SHORT_ROOM = 26;
const MAX_TITLE_ROOMS = 3;

const STYLE = new Html(readFileSync(new URL("assets/card.css", import.meta.url), "utf8"));

/** Cards, each on an A6 page, as one document that needs nothing beside itself. */
export function cardDocument(cards: readonly Html[], rooms: readonly string[], language: Language = FALLBACK): Html {
  return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="robots" content="noindex">
    <title>${rooms.slice(0, MAX_TITLE_ROOMS).join(", ")}${rooms.length > MAX_TITLE_ROOMS && " …"} · AromaPod</title>
    <style>
${STYLE}    </style>
  </head>
  <body>
    <main>${cards}
    </main>
  </body>
</html>
`;
}

/** A device's card; `code` is the SVG of its launch link's code, without a quiet zone. */
export function roomCard(device: Device, code: string, languages: readonly Language[]): Html {
  const { serial, room, keyVersion } = device;
  const large = languages.length <= MAX_LARGE;
  return html`
      <article class="card${!large && " dense"}">
        <header>
          <p class="brand">AromaPod Pro</p>
          <h1${room.length > MAX_SHORT_ROOM && new Html(' class="long"')}>${room}</h1>
        </header>
        ${large && html`<div>${languages.map(title)}</div>`}
        <div class="code" role="img" aria-label="${message(languages[0] ?? FALLBACK, "card.code", { room })}">
          ${new Html(code)}
        </div>
        <div class="words">${languages.map(large ? fullWords : shortWords)}
        </div>
        <ul class="scents">${SCENTS.map((scent) => scentItem(scent, languages.slice(0, MAX_LARGE)))}
        </ul>
        <p class="serial">${serial}-${keyVersion}</p>
      </article>`;
}

function title(language: Language): Html {
  return html`<h2 lang="${language}">${message(language, "card.title")}</h2>`;
}

function fullWords(language: Language): Html {
  return html`
          <p class="steps" lang="${language}">${message(language, "card.steps")}<br>${message(language, "card.help")}</p>`;
}

function shortWords(language: Language): Html {
  return html`
          <div>
            ${title(language)}
            <p class="steps" lang="${language}">${message(language, "card.steps")}</p>
          </div>`;
}

function scentItem(scent: Scent, languages: readonly Language[]): Html {
  const names = languages.map(
    (language) => html` <span lang="${language}">${message(language, `scent.${scent}`)}</span>`,
  );
  return html`
          <li class="${scent}">${SIGNS[scent]}${names}</li>`;
}
