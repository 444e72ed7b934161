import { servePageAssets } from "../plumbing/assets.ts";

const STYLES = ["console.css", "console-data.css", "console-flow.css", "console-docs.css"];

export type ConsoleAssets = ReturnType<typeof readConsoleAssets>;

/** The console's one script and one style; what the style is written in are the parts of the console. */
export function readConsoleAssets() {
  return servePageAssets(new URL("assets/", import.meta.url), "console", STYLES);
}
