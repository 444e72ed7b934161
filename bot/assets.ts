import { readAsset, serveAsset, sha256 } from "../plumbing/assets.ts";
import { Html } from "../plumbing/html.ts";

export type Assets = ReturnType<typeof readAssets>;

/** The guest page's style and script. The style goes into the page, which saves a way through the network. */
export function readAssets() {
  const css = readAsset(new URL("assets/guest.css", import.meta.url));
  const { href, route } = serveAsset("guest.js", readAsset(new URL("assets/guest.js", import.meta.url)));
  return {
    style: new Html(`<style>${css}</style>`),
    /** By it the security policy allows the style. */
    styleHash: `sha256-${sha256(css).toString("base64")}`,
    js: href,
    routes: [route],
  };
}
