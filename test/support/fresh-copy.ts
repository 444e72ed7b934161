/** A fresh copy of what is committed, in which a reader's commands are run as in a terminal. */
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePorts } from "../../scripts/free-ports.ts";
import { PORT_SETTINGS } from "./home.ts";
import { type RunningProcess, runProcess, startProcess } from "./process.ts";

const ROOT = join(import.meta.dirname, "../..");
/** Those of `PORT_SETTINGS`, and the one at which the guides start a second ERP. */
const USUAL_PORTS = [3978, 3979, 3980, 8000, 1883, 8001];

/** `npm start`, and one part of it: they go on, and later commands talk to them. */
const GOES_ON = /^([A-Z_]+=\S* )*(npm start\b|npm run (-s )?aromapod -- (start|serve)\b)/;

type Running = { process: RunningProcess; command: string };

const isKit = ({ command }: Pick<Running, "command">): boolean => !command.includes("serve");

export type FreshCopy = Awaited<ReturnType<typeof openFreshCopy>>;

export async function openFreshCopy() {
  const folder = mkdtempSync(join(tmpdir(), "aromapod-clone-"));
  const committed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0");
  for (const file of committed.filter((name) => name !== "" && existsSync(join(ROOT, name))))
    cpSync(join(ROOT, file), join(folder, file));
  symlinkSync(join(ROOT, "node_modules"), join(folder, "node_modules"));
  const ports = await freePorts(USUAL_PORTS.length);
  const running: Running[] = [];
  const env = {
    ...Object.fromEntries(PORT_SETTINGS.map((name, at) => [name, String(ports[at])])),
    PATH: pathWithoutOurs(),
    npm_config_update_notifier: "false",
  };

  /** On ports of its own, so that a kit which happens to run on the usual ones is left alone. */
  const onFreePorts = (text: string): string =>
    USUAL_PORTS.reduce(
      (all, usual, at) => all.replaceAll(new RegExp(`\\b${String(usual)}\\b`, "g"), String(ports[at])),
      text,
    );

  const where = { cwd: folder, env, asGroup: true };

  function start(command: string): RunningProcess {
    const process = startProcess("sh", ["-c", onFreePorts(command)], where);
    running.push({ process, command });
    return process;
  }

  /** A kit ends the one before it, unless it would be the same. */
  async function keep(command: string): Promise<void> {
    if (running.some((one) => one.command === command)) return;
    if (isKit({ command })) await end(isKit);
    await start(command).shows(/ready/);
  }

  async function toEnd(command: string, deadlineMs: number): Promise<string> {
    const { code, stdout, stderr } = await runProcess("sh", ["-c", onFreePorts(command)], { ...where, deadlineMs });
    if (code !== 0) throw new Error(`"${command}" ended with ${String(code)}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  async function end(isMeant: (one: Running) => boolean = () => true): Promise<void> {
    const ending = running.filter(isMeant);
    for (const one of ending) {
      running.splice(running.indexOf(one), 1);
      await one.process.stop("SIGINT");
    }
  }

  return {
    onFreePorts,
    read: (path: string): string => readFileSync(join(folder, path), "utf8"),
    runsKit: (): boolean => running.some(isKit),

    /** What goes on, and ends with the copy. */
    start,

    /** To its end, or until it is ready if it goes on; with what it printed. */
    run: async (command: string, deadlineMs: number): Promise<string> =>
      GOES_ON.test(command) ? keep(command).then(() => "") : toEnd(command, deadlineMs),

    /** Ends what was started in a way of its own. */
    endOthersThan: (usual: string): Promise<void> => end(({ command }) => command !== usual),

    async [Symbol.asyncDispose]() {
      await end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Without the folder that npm puts there for this very run: the copy has to find the right Node by itself. */
function pathWithoutOurs(): string {
  const folders = (process.env["PATH"] ?? "").split(":");
  return folders.filter((one) => dirname(one) !== join(ROOT, "node_modules")).join(":");
}
