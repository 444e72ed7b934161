import { type Html, html } from "./html.ts";

/** A page without a script works as it is. */
type Document = { title: string; assets: { css: string; js?: string }; body: Html };

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
<link rel="stylesheet" href="${assets.css}">
${assets.js !== undefined && html`<script type="module" src="${assets.js}"></script>\n`}</head>
<body>
${body}
</body>
</html>
`;
}
