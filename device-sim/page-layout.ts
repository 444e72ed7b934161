import { type Html, html } from "../plumbing/html.ts";
import { htmlDocument } from "../plumbing/html-document.ts";
import type { PageAssets } from "./page-assets.ts";

/** What a button led to. */
export type Notice = { tone: "good" | "bad"; text: string };

/** What every page needs. */
export type Frame = {
  assets: PageAssets;
  /** For the forms of the page. */
  pageToken: string;
  /** Others are simulated beside the pod that is shown. */
  hasList: boolean;
  notice: Notice | undefined;
  /** What was sent and refused, to be mended. */
  typed: URLSearchParams | undefined;
};

type Page = { title: string; head: Html; content: Html; live?: string };

/** A page of the simulator, whole. */
export function simulatorPage({ assets, hasList, notice }: Frame, { title, head, content, live }: Page): Html {
  return whole(
    assets,
    title,
    html`<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="/">AromaPod<span> Simulator</span></a>
${hasList && live !== undefined && html`<a class="all" href="/">All pods</a>`}
${live !== undefined && html`<p id="live" data-live="${live}" hidden>Connecting</p>`}
</header>
<main id="main" tabindex="-1">
${head}
<div id="notice" role="status">${notice && html`<p class="notice" data-tone="${notice.tone}">${notice.text}</p>`}</div>
${content}
</main>`,
  );
}

/** What cannot be shown, and the way on. */
export function errorPage(assets: PageAssets, { status, message }: { status: number; message: string }): Html {
  const title = status === 404 ? "Nothing here" : status < 500 ? "This cannot be done" : "Something went wrong";
  return whole(
    assets,
    title,
    html`<main id="main" class="plain"><div class="card"><p class="brand">AromaPod<span> Simulator</span></p>
<h1>${title}</h1><p class="why">${message}</p><p><a class="button" href="/">To the pods</a></p></div></main>`,
  );
}

/** Without it a form is refused. */
export function tokenField({ pageToken }: Frame): Html {
  return html`<input type="hidden" name="token" value="${pageToken}">`;
}

function whole(assets: PageAssets, title: string, body: Html): Html {
  return htmlDocument({ title: `${title} · AromaPod simulator`, assets, body });
}
