import { sha256 } from "./assets.ts";
import { Html, html } from "./html.ts";

/** A page without a script works as it is; one with its style in it is a file that needs nothing beside itself. */
type Assets = { css: string; js?: string } | { style: string };
type Document = { title: string; assets: Assets; body: Html };

/** A page in the style of the house, whole; the colours of its theme are those of its paper. */
export function htmlDocument({ title, assets, body }: Document): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f5f1ea">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#171513">
<title>${title}</title>
<link rel="icon" href="data:,">
${"style" in assets ? ownStyle(assets.style) : served(assets)}</head>
<body>
${body}
</body>
</html>
`;
}

function served({ css, js }: { css: string; js?: string }): Html {
  return html`<link rel="stylesheet" href="${css}">
${js !== undefined && html`<script type="module" src="${js}"></script>\n`}`;
}

/** Whoever opens the file has no server's headers, so what it may do stands in itself: show pictures that it brings. */
function ownStyle(style: string): Html {
  const policy = `default-src 'none'; style-src 'sha256-${sha256(style).toString("base64")}'; img-src data:; base-uri 'none'; form-action 'none'`;
  return html`<meta http-equiv="Content-Security-Policy" content="${policy}">
<style>${new Html(style)}</style>
`;
}
