import { type Html, html } from "../plumbing/html.ts";
import type { Asked } from "./access.ts";
import type { FrameFor } from "./frame.ts";
import { erpPage } from "./page-layout.ts";
import type { Row } from "./resource-store.ts";

/** A new key, shown this once only: of it nothing but a hash is kept. */
export function apiKeyPage({ asked, frameFor }: { asked: Asked; frameFor: FrameFor }, row: Row, key: string): Html {
  const content = html`<section class="card"><h2>Keep this key now</h2><pre class="secret" tabindex="0">${key}</pre>
<p class="soft">Programs send it as <code>Authorization: Bearer …</code>. It is not shown again; who loses it removes it and makes another.</p>
<p><a class="button" href="/api-keys">To the API keys</a></p></section>`;
  return erpPage(frameFor(asked), { title: `API key ${String(row["name"])}`, place: "/api-keys", content });
}
