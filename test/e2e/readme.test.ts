import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { PORT_SETTINGS } from "../support/home.ts";
import { type RunningProcess, runProcess, startProcess } from "../support/process.ts";

const ROOT = join(import.meta.dirname, "../..");
const DEFAULT_PORTS = [3978, 3979, 3980, 8000, 1883];
const DEADLINE_MS = 120_000;

/** What a test of the tests cannot do: run itself, or wait for a registry. The packages are the ones of this tree. */
const NOT_HERE = ["npm test", "npm ci"];
/** The same command with less to do. */
const SHORTER: Record<string, string> = { "npm run bench": "npm run bench -- --rounds 1" };

/** The lines of the blocks that are marked `sh`. */
function commandsIn(markdown: string): string[] {
  return [...markdown.matchAll(/^```sh\n([^]*?)^```$/gm)]
    .flatMap(([, block = ""]) => block.split("\n"))
    .filter((line) => line.trim() !== "" && !line.startsWith("#"));
}

/** `npm start`, and one part of it: they go on, and later commands talk to them. */
function goesOn(command: string): boolean {
  return /^npm start\b|^npm run (-s )?aromapod -- (start|serve)\b/.test(command);
}

test("commands are the lines of sh blocks, and of no others", () => {
  const markdown =
    "```sh\nnpm ci\n# why\nnpm start\n```\n`npm x`\n```\nGET /\n```\n```json\n{}\n```\n\n```sh\nnpm run poc\n```\n";
  expect(commandsIn(markdown)).toEqual(["npm ci", "npm start", "npm run poc"]);
});

describe("in a fresh copy of what is committed, README's commands work in their order", () => {
  const commands = commandsIn(readFileSync(join(ROOT, "README.md"), "utf8"));
  const clone = mkdtempSync(join(tmpdir(), "aromapod-clone-"));
  const running: RunningProcess[] = [];
  let env: Record<string, string> = {};

  beforeAll(async () => {
    const committed = execFileSync("git", ["ls-files", "-z"], { cwd: ROOT, encoding: "utf8" }).split("\0");
    for (const file of committed.filter((name) => name !== "" && existsSync(join(ROOT, name))))
      cpSync(join(ROOT, file), join(clone, file));
    symlinkSync(join(ROOT, "node_modules"), join(clone, "node_modules"));
    const ports = await freePorts(PORT_SETTINGS.length);
    env = {
      ...Object.fromEntries(PORT_SETTINGS.map((name, at) => [name, String(ports[at])])),
      // Without the folder that npm puts there for this very run: the clone has to find the right Node by itself.
      PATH: (process.env["PATH"] ?? "")
        .split(":")
        .filter((folder) => dirname(folder) !== join(ROOT, "node_modules"))
        .join(":"),
      npm_config_update_notifier: "false",
    };
  });
  afterAll(async () => {
    await endAll();
    rmSync(clone, { recursive: true, force: true });
  });

  async function endAll(): Promise<void> {
    for (const process of running.splice(0)) await process.stop("SIGINT");
  }

  /** On ports of its own, so that a kit which happens to run on the usual ones is left alone. */
  function onFreePorts(command: string): string {
    return PORT_SETTINGS.reduce((text, name, at) => {
      const usual = new RegExp(`:${String(DEFAULT_PORTS[at])}\\b`, "g");
      return text.replaceAll(usual, `:${env[name] ?? ""}`);
    }, command);
  }

  async function expectReady(command: string): Promise<void> {
    if (!command.includes("serve")) await endAll();
    const process = startProcess("sh", ["-c", command], { cwd: clone, env, asGroup: true });
    running.push(process);
    await process.shows(/ready/);
  }

  async function expectDone(command: string): Promise<void> {
    const where = { cwd: clone, env, asGroup: true, deadlineMs: DEADLINE_MS };
    const { code, stdout, stderr } = await runProcess("sh", ["-c", command], where);
    if (code !== 0) throw new Error(`"${command}" ended with ${String(code)}:\n${stdout}\n${stderr}`);
  }

  function expectKnown(command: string): void {
    const { scripts } = JSON.parse(readFileSync(join(clone, "package.json"), "utf8")) as { scripts: object };
    expect(["npm ci", ...Object.keys(scripts).map((name) => `npm ${name}`)]).toContain(command);
  }

  test("there are such commands", () => {
    expect(commands).toContain("npm start");
  });

  test.for(commands)("%s", { timeout: 1.1 * DEADLINE_MS }, async (command) => {
    if (NOT_HERE.includes(command)) return expectKnown(command);
    return goesOn(command) ? expectReady(onFreePorts(command)) : expectDone(onFreePorts(SHORTER[command] ?? command));
  });
});
