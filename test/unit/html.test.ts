import fc from "fast-check";
import { expect, test } from "vitest";
import { html } from "../../plumbing/html.ts";

test("no value can leave the place that it stands in", () => {
  fc.assert(
    fc.property(fc.string(), (value) => {
      const { markup } = html`<p title="${value}">${value}</p>`;
      const [, attribute = "", content = ""] = /^<p title="([^"<>]*)">([^<>]*)<\/p>$/.exec(markup) ?? [];
      expect(unescape(attribute)).toBe(value);
      expect(unescape(content)).toBe(value);
    }),
  );
});

test("markup is kept, lists are joined, what is absent vanishes", () => {
  const items = ["a", "<b>"].map((item) => html`<li>${item}</li>`);
  expect(html`<ul>${items}${false}${undefined}${0}</ul>`.markup).toBe("<ul><li>a</li><li>&lt;b&gt;</li>0</ul>");
});

function unescape(text: string): string {
  return text
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&");
}
