import { type Html, html } from "../plumbing/html.ts";

type Pages = { page: number; pages: number; at: (page: number) => string };

/** The way to the pages before and after one of a list. */
export function pager({ page, pages, at }: Pages): Html | false {
  if (pages < 2) return false;
  return html`<nav class="pager" aria-label="Pages">${page > 1 && html`<a class="button" rel="prev" href="${at(Math.min(page - 1, pages))}">Previous</a>`}
<span>Page ${page} of ${pages}</span>${page < pages && html`<a class="button" rel="next" href="${at(page + 1)}">Next</a>`}</nav>`;
}

/** The way on in a list that is never counted. */
export function older(href: string): Html {
  return html`<nav class="pager" aria-label="Pages"><a class="button" rel="next" href="${href}">Older</a></nav>`;
}

/** A path with those of the parameters that are given. */
export function addressOf(path: string, given: Record<string, string | number | undefined>): string {
  const pairs = Object.entries(given).filter(([, value]) => value !== undefined && value !== "");
  const query = new URLSearchParams(pairs.map(([name, value]) => [name, String(value)])).toString();
  return query === "" ? path : `${path}?${query}`;
}
