import { servePageStyle } from "../plumbing/assets.ts";

const STYLES = ["erp.css", "erp-chart.css", "erp-records.css", "erp-docs.css"];

/** The back office's one style; its pages have no script. */
export function readErpStyle() {
  return servePageStyle(new URL("assets/", import.meta.url), "erp", STYLES);
}
