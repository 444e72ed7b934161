import { chmod, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { eventually } from "./eventually.ts";
import { freePorts } from "./free-ports.ts";
import { type RunningProcess, runProcess, startProcess } from "./process.ts";

const SHIPPED = join(import.meta.dirname, "../../docs/broker");
/** Debian keeps servers where only root looks. */
const SERVERS_TOO = { PATH: [process.env["PATH"], "/usr/sbin", "/usr/local/sbin"].join(delimiter) };

/** Mosquitto with the shipped settings and rules, and these passwords, in a process and on a port of its own. */
export async function openMosquitto(passwords: Record<string, string>) {
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "mosquitto-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  // Started by root, it works as a user of its own, who has to get in here.
  await chmod(folder, 0o755);
  const [port = 0] = await freePorts(1);
  await cp(join(SHIPPED, "mosquitto.acl"), join(folder, "acl"));
  await writeFile(join(folder, "conf"), await settingsFor(folder, port));
  await writePasswords(join(folder, "passwd"), passwords);
  let running: RunningProcess | undefined;
  opening.defer(() => stop());
  await start();

  async function start(): Promise<void> {
    running = startProcess("mosquitto", ["-c", "conf"], { cwd: folder, env: SERVERS_TOO });
    const { output } = running;
    await eventually(() => expect(output.stderr).toMatch(/mosquitto version [\d.]+ running/));
  }

  async function stop(): Promise<void> {
    await running?.stop("SIGKILL");
  }

  const owned = opening.move();
  return {
    port,
    url: `mqtt://127.0.0.1:${String(port)}`,
    start,
    stop,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function settingsFor(folder: string, port: number): Promise<string> {
  const shipped = await readFile(join(SHIPPED, "mosquitto.conf"), "utf8");
  return [
    ["listener 1883 127.0.0.1\n", `listener ${String(port)} 127.0.0.1\n`],
    ["/etc/mosquitto/aromapod.passwd", join(folder, "passwd")],
    ["/etc/mosquitto/mosquitto.acl", join(folder, "acl")],
  ].reduce((text, [from = "", to = ""]) => {
    if (text.split(from).length !== 2) throw new Error(`The shipped mosquitto.conf does not hold "${from}" once.`);
    return text.replace(from, to);
  }, shipped);
}

async function writePasswords(file: string, passwords: Record<string, string>): Promise<void> {
  const lines = Object.entries(passwords).map(([user, password]) => `${user}:${password}\n`);
  await writeFile(file, lines.join(""));
  const { code, stderr } = await runProcess("mosquitto_passwd", ["-U", file], { cwd: ".", env: SERVERS_TOO });
  if (code !== 0) throw new Error(`mosquitto_passwd failed: ${stderr}`);
}
