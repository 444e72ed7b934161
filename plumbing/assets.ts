import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Route } from "./http.ts";
import { text } from "./http-reply.ts";

const COMMENTS = /^\s*(\/\/.*|\/\*((?!\*\/)[^])*\*\/)\n/gm;
const FOR_EVER = "public, max-age=31536000, immutable";
const HOUSE = ["house.css", "house-parts.css"].map((name) => new URL(`assets/${name}`, import.meta.url));
const TYPES = { js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };

/** What is for those who read the source stays there: lines of comments, indents, and breaks that mean nothing. */
export function readAsset(file: URL): string {
  return readFileSync(file, "utf8")
    .replace(COMMENTS, "")
    .replace(/^\s+/gm, "")
    .replace(/([{};,])\n/g, "$1");
}

/** A script or style at `/assets/<name>`; its address carries a hash of the content, so browsers may keep it. */
export function serveAsset(name: string, content: string): { href: string; route: Route } {
  const { status, headers, body } = text(content, 200, TYPES[name.endsWith(".css") ? "css" : "js"]);
  const reply = { status, headers: { ...headers, "cache-control": FOR_EVER }, body };
  const path = `/assets/${name}`;
  const version = sha256(content).toString("hex").slice(0, 8);
  return { href: `${path}?v=${version}`, route: { method: "GET", path, handle: () => reply } };
}

/** The one style of a service's pages, read in its folder; its own comes after that of the house. */
export function servePageStyle(folder: URL, name: string, styles: readonly string[]) {
  const files = [...HOUSE, ...styles.map((style) => new URL(style, folder))];
  const css = serveAsset(`${name}.css`, files.map(readAsset).join(""));
  return { css: css.href, routes: [css.route] };
}

/** The one style and the one script of a service's pages. */
export function servePageAssets(folder: URL, name: string, styles: readonly string[]) {
  const style = servePageStyle(folder, name, styles);
  const js = serveAsset(`${name}.js`, readAsset(new URL(`${name}.js`, folder)));
  return { css: style.css, js: js.href, routes: [...style.routes, js.route] };
}

export function sha256(content: string): Buffer {
  return createHash("sha256").update(content).digest();
}
