import { servePageAssets } from "../plumbing/assets.ts";

const STYLES = [
  "pod.css",
  "pod-device.css",
  "pod-window.css",
  "pod-panel.css",
  "pod-plume.css",
  "pod-forms.css",
  "pod-faults.css",
];

export type PageAssets = ReturnType<typeof readPageAssets>;

/** The one script and one style of the pods' pages. */
export function readPageAssets() {
  return servePageAssets(new URL("assets/", import.meta.url), "pod", STYLES);
}
