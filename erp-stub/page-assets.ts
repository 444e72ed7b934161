import { servePageStyle } from "../plumbing/assets.ts";

const STYLES = ["erp.css", "erp-chart.css"];

/** The back office's one style; its pages have no script. */
export function readErpStyle() {
  return servePageStyle(new URL("assets/", import.meta.url), "erp", STYLES);
}
