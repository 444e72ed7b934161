/** What people do with the kit that they have installed, all by `npx`. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePorts, isFree } from "../../scripts/free-ports.ts";
import type { Secrets } from "../../scripts/secrets.ts";
import { eventually } from "../support/eventually.ts";
import { PORT_SETTINGS } from "../support/home.ts";
import { runProcess, startProcess } from "../support/process.ts";

const DEADLINE_MS = 120_000;

type ReadyLine = { launchUrl: string; deviceDb: string; erp: string };
type PocLine = { ok: boolean; erpRequest: string; usage: { scent: string } };

/** Starts the kit, lets a guest have a session at it, and ends it. @throws where anything is not as it should be */
export async function proveFlow(folder: string): Promise<string> {
  const ports = await freePorts(PORT_SETTINGS.length);
  const env = Object.fromEntries(PORT_SETTINGS.map((name, at) => [name, String(ports[at])]));
  await using kit = startProcess("npx", ["aromapod", "start", "--json"], { cwd: folder, env, asGroup: true });
  const [line] = await kit.shows(/^.*\n/);
  const { launchUrl, deviceDb, erp } = JSON.parse(line) as ReadyLine;
  const { erpApiKey } = JSON.parse(await readFile(join(folder, ".data/secrets.json"), "utf8")) as Secrets;
  const keyFile = join(folder, "erp-key");
  await writeFile(keyFile, erpApiKey, { mode: 0o600 });
  const against = ["--against", launchUrl, "--device-db", deviceDb, "--erp", erp, "--erp-key-file", keyFile];
  const { usage, erpRequest } = await npx(folder, ["poc", "--json", ...against], (text) => JSON.parse(text) as PocLine);
  if (usage.scent !== "wood") throw new Error(`The usage is of ${usage.scent}, not of wood.`);
  await kit.stop("SIGINT");
  await eventually(async () => {
    if (!(await Promise.all(ports.map(isFree))).every(Boolean)) throw new Error("Something of the kit still listens.");
  });
  return erpRequest;
}

/** A fleet starts parts of the kit as processes of their own. */
export async function proveFleet(folder: string): Promise<string> {
  const args = ["fleet", "--count", "20", "--duration", "2", "--json"];
  const { pods, erp } = await npx(
    folder,
    args,
    (text) => JSON.parse(text) as { pods: number; erp: { usages: number } },
  );
  return `${String(pods)} pods, ${String(erp.usages)} usages`;
}

async function npx<T>(folder: string, args: readonly string[], read: (stdout: string) => T): Promise<T> {
  const { code, stdout, stderr } = await runProcess("npx", ["aromapod", ...args], {
    cwd: folder,
    deadlineMs: DEADLINE_MS,
  });
  if (code === 0) return read(stdout);
  throw new Error(`"npx aromapod ${args.join(" ")}" ended with ${String(code)}:\n${stdout}\n${stderr}`);
}
