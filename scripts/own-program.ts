import { extname, join, resolve } from "node:path";

/** `.ts` in the source tree, `.js` when compiled for those who install the package. */
const SUFFIX = extname(import.meta.filename);

/** The `aromapod` command, to be started in a process of its own. */
export const PROGRAM = join(import.meta.dirname, `aromapod${SUFFIX}`);

/** Brings the packages back that this program needs, typed where it was got from. */
export const REINSTALL = SUFFIX === ".js" ? "npm install" : "npm ci";

/** Set by who wraps the command, as docs/deploy/aromapod does: the name that people type. */
const WRAPPER = process.env["AROMAPOD_TYPED_AS"];

/** How people type a command of ours in the way in which they typed this one: `start --lan` is `npm start -- --lan`. */
export function typed(words: string): string {
  if (WRAPPER) return `${WRAPPER} ${words}`;
  if (SUFFIX === ".js") return process.env["npm_command"] === "exec" ? `npx aromapod ${words}` : `aromapod ${words}`;
  const [name = "", ...more] = words.split(" ");
  const script = { start: "npm start", poc: "npm run poc" }[name];
  if (script === undefined) return `npm run aromapod -- ${words}`;
  return [script, ...(more.length > 0 ? ["--", ...more] : [])].join(" ");
}

/** Where lines of settings stand, as seen from where the command was typed. */
export function settingsFile(): string {
  return WRAPPER ? resolve(".env") : ".env";
}
