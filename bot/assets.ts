import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Route } from "../plumbing/http.ts";
import { text } from "../plumbing/http-reply.ts";

const FOR_EVER = "public, max-age=31536000, immutable";

/** The guest page's style and script. Their addresses carry a hash of the content, so browsers may keep them. */
export function readAssets() {
  const css = readAsset("guest.css", "text/css; charset=utf-8");
  const js = readAsset("guest.js", "text/javascript; charset=utf-8");
  return { css: css.url, js: js.url, routes: [css.route, js.route] };
}

function readAsset(name: string, type: string): { url: string; route: Route } {
  const body = readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");
  const version = createHash("sha256").update(body).digest("hex").slice(0, 8);
  const { status, headers } = text(body, 200, type);
  const reply = { status, headers: { ...headers, "cache-control": FOR_EVER }, body };
  return {
    url: `/assets/${name}?v=${version}`,
    route: { method: "GET", path: `/assets/${name}`, handle: () => reply },
  };
}
