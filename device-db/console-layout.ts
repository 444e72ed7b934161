import { Html, html } from "../plumbing/html.ts";
import { htmlDocument } from "../plumbing/html-document.ts";
import type { ConsoleAssets } from "./console-assets.ts";

/** What a button led to. */
export type Notice = { tone: "good" | "bad"; text: string };

/** What every page needs. */
export type Frame = {
  assets: ConsoleAssets;
  /** For the forms of the page. */
  pageToken: string;
  isSignedIn: boolean;
  /** How many deliveries wait for a person. */
  attention: number;
  notice: Notice | undefined;
};

const PLACES = { flow: "/", devices: "/devices", deliveries: "/deliveries", health: "/health" } as const;
type Place = keyof typeof PLACES;

type Page = { title: string; place?: Place; lead?: Html | string; content: Html };

const CURRENT = new Html(' aria-current="page"');

/** A page of the console, whole. */
export function consolePage(frame: Frame, { title, place, lead, content }: Page): Html {
  return whole(
    frame.assets,
    title,
    html`<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">AromaPod<span> Console</span></a>
<nav aria-label="Console"><ul>${Object.entries(PLACES).map(([name, href]) => placeLink(frame, { name, href, place }))}</ul></nav>
${frame.isSignedIn && signOut(frame)}
</header>
<main id="main" tabindex="-1">
<div class="head">
<h1>${title}</h1>
${lead !== undefined && html`<p class="lead">${lead}</p>`}
</div>
${frame.notice && noticeBox(frame.notice)}
${content}
</main>`,
  );
}

/** A page beside the console: the sign-in. */
export function plainPage(assets: ConsoleAssets, title: string, content: Html): Html {
  return whole(assets, title, html`<main id="main" class="plain">${content}</main>`);
}

/** What cannot be shown, and the way on. */
export function errorPage(assets: ConsoleAssets, { status, message }: { status: number; message: string }): Html {
  const title = status === 404 ? "Nothing here" : status < 500 ? "This cannot be done" : "Something went wrong";
  return plainPage(
    assets,
    title,
    html`<div class="card"><p class="brand">AromaPod<span> Console</span></p>
<h1>${title}</h1><p>${message}</p><p><a class="button" href="/">To the flow</a></p></div>`,
  );
}

export function noticeBox({ tone, text }: Notice): Html {
  return html`<p class="notice" data-tone="${tone}" role="${tone === "bad" ? "alert" : "status"}">${text}</p>`;
}

/** Without it a form of the console is refused. */
export function tokenField({ pageToken }: Frame): Html {
  return html`<input type="hidden" name="token" value="${pageToken}">`;
}

function placeLink(
  frame: Frame,
  { name, href, place }: { name: string; href: string; place: Place | undefined },
): Html {
  const label = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const waiting = name === "deliveries" && frame.attention > 0;
  const badge = waiting && html` <b class="badge">${frame.attention}<span class="spoken"> need a person</span></b>`;
  return html`<li><a href="${href}"${name === place && CURRENT}>${label}${badge}</a></li>`;
}

function signOut(frame: Frame): Html {
  return html`<form method="post" action="/sign-out">${tokenField(frame)}<button class="quiet">Sign out</button></form>`;
}

function whole(assets: ConsoleAssets, title: string, body: Html): Html {
  return htmlDocument({ title: `${title} · AromaPod console`, assets, body });
}
