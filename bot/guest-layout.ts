import { Html, html } from "../plumbing/html.ts";
import type { Assets } from "./assets.ts";
import type { MessageKey } from "./catalogs.ts";
import { directionOf, LANGUAGES, type Language } from "./languages.ts";
import { message } from "./messages.ts";

/** What every page needs: the language that it speaks, and the assets. */
export type Frame = { language: Language; assets: Assets };

type Page = {
  title: string;
  content: Html;
  /** Pages of a link: with the script and the other languages. */
  isChat?: boolean;
  /** Without the script the page is loaded again and again to see what became of the choice. */
  follow?: boolean;
};

/** A page of the guest's, whole. */
export function layout({ language, assets }: Frame, { title, content, isChat = false, follow = false }: Page): Html {
  return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<meta name="theme-color" media="(prefers-color-scheme: light)" content="#f5f1ea">
<meta name="theme-color" media="(prefers-color-scheme: dark)" content="#171513">
<title>${title} · AromaPod</title>
<link rel="icon" href="data:,">
${isChat && html`<script type="module" src="${assets.js}"></script>`}
${follow && html`<noscript><meta http-equiv="refresh" content="2"></noscript>`}
${assets.style}
</head>
<body>
${content}
${isChat && languageSwitch(language)}
</body>
</html>
`;
}

/** A message with its values, in the language of the page. */
export function speaker({ language }: Frame) {
  return (key: MessageKey, values?: Record<string, string | number>): string => message(language, key, values);
}

function languageSwitch(current: Language): Html {
  const links = LANGUAGES.map(
    ({ tag, name }) =>
      html`<li><a href="?lang=${tag}" lang="${tag}" hreflang="${tag}"${tag === current && CURRENT}>${name}</a></li>`,
  );
  return html`<nav aria-label="${message(current, "guest.language")}"><ul>${links}</ul></nav>`;
}

const CURRENT = new Html(' aria-current="true"');
