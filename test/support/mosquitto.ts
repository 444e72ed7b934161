import { chmod, cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { expect } from "vitest";
import { freePorts } from "../../scripts/free-ports.ts";
import { eventually } from "./eventually.ts";
import { CERTIFICATE_FILE, KEY_FILE } from "./outside-broker.ts";
import { type RunningProcess, runProcess, startProcess } from "./process.ts";

const SHIPPED = join(import.meta.dirname, "../../docs/broker");
/** Debian keeps servers where only root looks. */
export const WITH_SERVERS = { PATH: [process.env["PATH"], "/usr/sbin", "/usr/local/sbin"].join(delimiter) };

/** Mosquitto with the shipped settings and rules, and these passwords, in a process and on a port of its own. */
export async function openMosquitto(users: Record<string, string>) {
  const passwords = { ...users };
  await using opening = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "mosquitto-"));
  opening.defer(() => rm(folder, { recursive: true, force: true }));
  // Started by root, it works as a user of its own, who has to get in here.
  await chmod(folder, 0o755);
  const [port = 0, tlsPort = 0] = await freePorts(2);
  await cp(join(SHIPPED, "mosquitto.acl"), join(folder, "acl"));
  await writeFile(join(folder, "conf"), await settingsFor(folder, { port, tlsPort }));
  await keepPasswords(join(folder, "passwd"), passwords);
  let running: RunningProcess | undefined;
  opening.defer(() => stop());
  await start();

  async function start(): Promise<void> {
    running = startProcess("mosquitto", ["-c", "conf"], { cwd: folder, env: WITH_SERVERS });
    const { output } = running;
    await eventually(() => expect(output.stderr).toMatch(/mosquitto version [\d.]+ running/));
  }

  async function stop(): Promise<void> {
    await running?.stop("SIGKILL");
  }

  /** Tells it of one more user. */
  async function admit(user: string, password: string): Promise<void> {
    if (user in passwords) return;
    passwords[user] = password;
    await keepPasswords(join(folder, "passwd"), passwords);
    const said = running?.output.stderr.length ?? 0;
    running?.send("SIGHUP");
    await eventually(() => expect(running?.output.stderr.slice(said)).toContain("Reloading config."));
  }

  const owned = opening.move();
  return {
    port,
    url: `mqtt://127.0.0.1:${String(port)}`,
    tlsUrl: `mqtts://127.0.0.1:${String(tlsPort)}`,
    start,
    stop,
    admit,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** The shipped ones, here; with the listener for TLS that they only tell of. */
async function settingsFor(folder: string, { port, tlsPort }: { port: number; tlsPort: number }): Promise<string> {
  const shipped = await readFile(join(SHIPPED, "mosquitto.conf"), "utf8");
  return [
    ["listener 1883 127.0.0.1\n", `listener ${String(port)} 127.0.0.1\n`],
    ["/etc/mosquitto/aromapod.passwd", join(folder, "passwd")],
    ["/etc/mosquitto/mosquitto.acl", join(folder, "acl")],
    ["#listener 8883\n", `listener ${String(tlsPort)} 127.0.0.1\n`],
    ["#certfile /etc/mosquitto/certs/server.pem", `certfile ${CERTIFICATE_FILE}`],
    ["#keyfile /etc/mosquitto/certs/server-key.pem", `keyfile ${KEY_FILE}`],
    ["#use_username_as_clientid", "use_username_as_clientid"],
  ].reduce((text, [from = "", to = ""]) => {
    if (text.split(from).length !== 2) throw new Error(`The shipped mosquitto.conf does not hold "${from}" once.`);
    return text.replace(from, to);
  }, shipped);
}

async function keepPasswords(file: string, passwords: Record<string, string>): Promise<void> {
  const lines = Object.entries(passwords).map(([user, password]) => `${user}:${password}\n`);
  await writeFile(file, lines.join(""));
  const { code, stderr } = await runProcess("mosquitto_passwd", ["-U", file], { cwd: ".", env: WITH_SERVERS });
  if (code !== 0) throw new Error(`mosquitto_passwd failed: ${stderr}`);
}
