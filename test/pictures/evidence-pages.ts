import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { Html, html } from "../../plumbing/html.ts";
import { openOwnFolder } from "../../scripts/own-folder.ts";
import { runProcess } from "../support/process.ts";
import { DESKTOP_SCALE, type Visit } from "./visit.ts";

const COMMAND = join(import.meta.dirname, "../../scripts/aromapod.ts");
const REPORT = "poc-report.html";
const ARGS = ["poc", "--browser", "--report", `html=${REPORT}`];
const DEADLINE_MS = 180_000;
const SIZE = { width: 1120, height: 800 };

/** What `npm run poc` says at the terminal, and the top of what it writes for others to read. */
export async function visitEvidence({ camera, keep }: Visit): Promise<void> {
  await using folder = await openOwnFolder();
  const { XDG_CONFIG_HOME = "", XDG_DATA_HOME = "" } = process.env;
  const env = { FORCE_COLOR: "1", XDG_CONFIG_HOME, XDG_DATA_HOME };
  const where = { cwd: folder.path, env, deadlineMs: DEADLINE_MS };
  const { code, stdout, stderr } = await runProcess(process.execPath, [COMMAND, ...ARGS], where);
  if (code !== 0) throw new Error(`The POC script failed: ${stripVTControlCharacters(stdout + stderr)}`);
  const report = await camera.open(SIZE, DESKTOP_SCALE);
  await report.goto(pathToFileURL(join(folder.path, REPORT)).href);
  keep("evidence.png", await report.screenshot());
  // In a window of its own: the policy of the report stays with that one.
  const screen = await camera.open(SIZE, DESKTOP_SCALE);
  await screen.setContent(terminal(`$ npm run poc -- --browser\n\n${stdout}`).markup);
  keep("poc.png", await screen.locator("pre").screenshot());
  await Promise.all([report, screen].map((page) => page.context().close()));
}

const STYLE = new Html(`
body { background: #1c1a17; } pre { display: inline-block; margin: 0; padding: 26px 32px; background: #1c1a17; color: #e9e3d8; font: 15px/1.5 "Noto Sans Mono", monospace; }
.mark { display: inline-block; width: 1ch; } .bold { font-weight: 700; color: #fff; } .dim { color: #9c9385; } .green { color: #92d19f; } .red { color: #f29d92; } .yellow { color: #e5bd6c; }`);

/** What a terminal makes of the colours that the command uses. */
const STYLES: Record<string, string> = { "1": "bold", "2": "dim", "31": "red", "32": "green", "33": "yellow" };

function terminal(text: string): Html {
  const [start = "", ...pieces] = text.trimEnd().split("\u001b[");
  const styled = pieces.map((piece) => {
    const [, code = "", words = ""] = /^(\d+)m(.*)$/s.exec(piece) ?? [];
    // A sign comes from another font, and would be wider than a letter.
    return html`<span class="${STYLES[code] ?? ""}${/^\S$/.test(words) && " mark"}">${words}</span>`;
  });
  return html`<!doctype html><html lang="en"><meta charset="utf-8"><style>${STYLE}</style><body><pre>${start}${styled}</pre></body></html>`;
}
