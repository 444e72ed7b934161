import { readAsset, serveAsset } from "../plumbing/assets.ts";

export type PageAssets = ReturnType<typeof readPageAssets>;

/** The one script and one style of the pods' pages. */
export function readPageAssets() {
  const source = (name: string) => readAsset(new URL(`assets/${name}`, import.meta.url));
  const style = [
    "pod.css",
    "pod-device.css",
    "pod-window.css",
    "pod-panel.css",
    "pod-plume.css",
    "pod-forms.css",
    "pod-faults.css",
  ]
    .map(source)
    .join("");
  const css = serveAsset("pod.css", style);
  const js = serveAsset("pod.js", source("pod.js"));
  return { css: css.href, js: js.href, routes: [css.route, js.route] };
}
