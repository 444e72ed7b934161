import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../scripts/free-ports.ts";
import type { Secrets } from "../../scripts/secrets.ts";
import { openKitBroker } from "./kit-broker.ts";
import { runProcess, startProcess } from "./process.ts";

export const COMMAND = join(import.meta.dirname, "../../scripts/aromapod.ts");

/** The settings of the five ports. */
export const PORT_SETTINGS = ["BOT_PORT", "DEVICE_DB_PORT", "DEVICE_SIM_PORT", "ERP_PORT", "MQTT_PORT"] as const;

/** What `start --json` prints. */
type ReadyLine = Record<"bot" | "deviceDb" | "erp" | "deviceSim" | "mqtt" | "launchUrl" | "dataDir", string>;

export type Home = Awaited<ReturnType<typeof openHome>>;

/** An empty folder to run the `aromapod` command in, with ports of its own; all that runs there ends with it. */
export async function openHome() {
  await using opening = new AsyncDisposableStack();
  const path = await mkdtemp(join(tmpdir(), "aromapod-e2e-"));
  opening.defer(() => rm(path, { recursive: true, force: true }));
  const ports = await freePorts(PORT_SETTINGS.length);
  const broker = opening.use(await openKitBroker(join(path, ".data")));
  const owned = opening.move();
  const portOf = Object.fromEntries(PORT_SETTINGS.map((name, at) => [name, String(ports[at])]));
  const env: Record<string, string> = { ...portOf, ...broker.settings };
  const where = (more: Record<string, string>) => ({ cwd: path, env: { ...env, ...more } });

  const start = (args: readonly string[], more: Record<string, string> = {}) =>
    owned.use(startProcess(process.execPath, [COMMAND, ...args], where(more)));

  return {
    path,
    ports,
    env,

    /** Runs a command line to its end. */
    run: (args: readonly string[], more: Record<string, string> = {}, deadlineMs?: number) =>
      runProcess(process.execPath, [COMMAND, ...args], { ...where(more), ...(deadlineMs ? { deadlineMs } : {}) }),

    /** Starts a command line that goes on until it is told to end. */
    start,

    /** The whole kit, once it is ready. */
    async startKit(...flags: string[]) {
      const running = start(["start", "--json", ...flags]);
      const [line] = await running.shows(/^.*\n/);
      return { ...running, ready: JSON.parse(line) as ReadyLine };
    },

    secrets: async () => JSON.parse(await readFile(join(path, ".data/secrets.json"), "utf8")) as Secrets,

    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
