import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { Html } from "../plumbing/html.ts";
import type { Route } from "../plumbing/http.ts";
import { text } from "../plumbing/http-reply.ts";

const COMMENTS = /^\s*(\/\/.*|\/\*((?!\*\/)[^])*\*\/)\n/gm;
const FOR_EVER = "public, max-age=31536000, immutable";

export type Assets = ReturnType<typeof readAssets>;

/**
 * The guest page's style and script. The style goes into the page, which saves a way through the network; the script's
 * address carries a hash of the content, so browsers may keep it.
 */
export function readAssets() {
  const css = readAsset("guest.css");
  const js = readAsset("guest.js");
  const version = sha256(js).toString("hex").slice(0, 8);
  const { status, headers, body } = text(js, 200, "text/javascript; charset=utf-8");
  const reply = { status, headers: { ...headers, "cache-control": FOR_EVER }, body };
  const route: Route = { method: "GET", path: "/assets/guest.js", handle: () => reply };
  return {
    style: new Html(`<style>${css}</style>`),
    /** By it the security policy allows the style. */
    styleHash: `sha256-${sha256(css).toString("base64")}`,
    js: `/assets/guest.js?v=${version}`,
    routes: [route],
  };
}

/** What is for those who read the source stays there: lines of comments, indents, and breaks that mean nothing. */
function readAsset(name: string): string {
  const source = readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");
  return source
    .replace(COMMENTS, "")
    .replace(/^\s+/gm, "")
    .replace(/([{};,])\n/g, "$1");
}

function sha256(content: string): Buffer {
  return createHash("sha256").update(content).digest();
}
