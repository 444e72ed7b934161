import { readAsset, serveAsset } from "../plumbing/assets.ts";

export type ConsoleAssets = ReturnType<typeof readConsoleAssets>;

/** The console's one script and one style; what the style is written in are the parts of the console. */
export function readConsoleAssets() {
  const source = (name: string) => readAsset(new URL(`assets/${name}`, import.meta.url));
  const style = ["console.css", "console-data.css", "console-flow.css", "console-docs.css"].map(source).join("");
  const css = serveAsset("console.css", style);
  const js = serveAsset("console.js", source("console.js"));
  return { css: css.href, js: js.href, routes: [css.route, js.route] };
}
