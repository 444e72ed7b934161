import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { StartError } from "../plumbing/start-error.ts";
import { PROGRAM } from "./own-program.ts";
import type { PartName } from "./parts.ts";
import { SETTING_NAMES, type Settings } from "./settings.ts";

const MAX_WORDS = 2_000;
const READY_WITHIN_MS = 60_000;

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * One part of the kit in a process of its own; resolves when it is ready. It ends with this process at the latest.
 *
 * @throws {StartError} when it ends before it is ready
 */
export async function startPartProcess(part: PartName, settings: Settings) {
  // Empty counts as absent: what stands in somebody's .env does not reach it.
  const env = Object.fromEntries(SETTING_NAMES.map((name) => [name, String(settings[name as keyof Settings] ?? "")]));
  const child = spawn(process.execPath, [PROGRAM, "serve", part, "--json"], {
    env: { ...process.env, ...env },
    // By the channel it notices when this process has gone, and ends too.
    stdio: ["ignore", "pipe", "pipe", "ipc"],
    // A terminal's Ctrl-C is for this process, which ends them when it is done with them.
    detached: true,
  });
  // What it warns of belongs to what is played; it is told only when it does not start.
  let words = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    words = (words + text).slice(-MAX_WORDS);
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  return { url: await readUrl(part, child, () => words), end: (signal: NodeJS.Signals) => end(child, signal) };
}

async function readUrl(part: string, child: ChildProcess, words: () => string): Promise<string> {
  const gone = once(child, "exit").then(() => {
    throw new StartError(`The part ${part} did not start: ${words().trim()}`);
  });
  const ready = once(child.stdout ?? child, "data").then(([line]) => (JSON.parse(String(line)) as { url: string }).url);
  const impatience = setTimeout(() => child.kill("SIGKILL"), READY_WITHIN_MS);
  return Promise.race([ready, gone]).finally(() => clearTimeout(impatience));
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill(signal);
  await gone;
}
