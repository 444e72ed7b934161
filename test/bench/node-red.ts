import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../scripts/free-ports.ts";
import { startFloorCommands } from "./floor-commands.ts";
import { startFloorErp } from "./floor-erp.ts";
import { connectFloorMqtt } from "./floor-mqtt.ts";
import { type Side, serialOfPod } from "./side.ts";

const FLOW = join(import.meta.dirname, "node-red-flow.json");
/** Node-RED leaves Nagle's algorithm on, and has no setting for it. */
const NO_DELAY = `data:text/javascript,${encodeURIComponent(`
  import { Socket } from "node:net";
  const { connect } = Socket.prototype;
  Socket.prototype.connect = function (...args) {
    return connect.apply(this.setNoDelay(true), args);
  };`)}`;
const READY_WITHIN_MS = 20_000;
/** What `/proc/<pid>/stat` counts in, on every Linux that people run. */
const TICKS_PER_SECOND = 100;

type Place = { dir: string; pods: number; folder: string };

/**
 * What a user would pick instead: Node-RED with mosquitto and its SQLite node, from the command to the ERP's answer.
 * Sessions, commands and the ERP are the floor's. `folder` is where Node-RED and its SQLite node are installed.
 */
export async function startNodeRed({ dir, pods, folder }: Place): Promise<Side> {
  await using opening = new AsyncDisposableStack();
  const serials = Array.from({ length: pods }, (_, pod) => serialOfPod(pod));
  const own = <T extends { close: () => unknown }>(part: T) =>
    opening.adopt(part, async (open) => void (await open.close()));

  const erp = own(await startFloorErp(join(dir, "erp.sqlite"), serials));
  const mosquitto = own(await startMosquitto(dir));
  const ready = Promise.withResolvers<void>();
  own(await connectFloorMqtt(mosquitto.url, "bench/ready", () => ready.resolve()));
  const nodeRed = own(startFlow({ dir, folder }, { mqttPort: mosquitto.port, erpUrl: erp.url }));
  const tooLate = setTimeout(() => ready.reject(new Error("Node-RED was not ready in time.")), READY_WITHIN_MS);
  await Promise.race([ready.promise, nodeRed.ended]);
  clearTimeout(tooLate);
  const commands = own(await startFloorCommands(join(dir, "bot.sqlite"), mosquitto.url));
  const owned = opening.move();

  return {
    begin: async (pod) => () => commands.endSession(serialOfPod(pod), "wood"),
    countUsages: async () => erp.countUsages(),
    otherCpuMs: () => mosquitto.cpuMs() + nodeRed.cpuMs(),
    close: () => owned.disposeAsync(),
  };
}

/** Without Nagle's algorithm: with it a flow takes 40 ms longer. */
async function startMosquitto(dir: string) {
  const [port = 0] = await freePorts(1);
  const file = join(dir, "mosquitto.conf");
  const lines = ["allow_anonymous true", "set_tcp_nodelay true", "persistence false", "log_type error"];
  writeFileSync(file, [`listener ${String(port)} 127.0.0.1`, ...lines, ""].join("\n"));
  // Debian keeps it out of a user's PATH.
  const program = run("mosquitto", ["-c", file], { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` });
  return { url: `mqtt://127.0.0.1:${String(port)}`, port, ...program };
}

/** Headless, so that nothing but the flow runs. */
function startFlow({ dir, folder }: Omit<Place, "pods">, { mqttPort, erpUrl }: { mqttPort: number; erpUrl: string }) {
  const program = join(folder, "node_modules", "node-red", "red.js");
  if (!existsSync(program)) throw new Error(`There is no Node-RED in "${folder}".`);
  const userDir = join(dir, "node-red");
  mkdirSync(userDir);
  const settings = {
    flowFile: "flow.json",
    httpAdminRoot: false,
    httpNodeRoot: false,
    telemetry: { enabled: false },
    logging: { console: { level: "error" } },
  };
  writeFileSync(join(userDir, "flow.json"), readFileSync(FLOW));
  writeFileSync(join(userDir, "settings.js"), `module.exports = ${JSON.stringify(settings)};`);
  return run(process.execPath, ["--import", NO_DELAY, program, "--userDir", userDir], {
    BENCH_MQTT_PORT: String(mqttPort),
    BENCH_ERP_URL: erpUrl,
    BENCH_JOURNAL: join(userDir, "journal.sqlite"),
  });
}

/** A program beside this process; what it says goes to stderr. */
function run(command: string, args: readonly string[], env: Record<string, string>) {
  const child = spawn(command, args, { stdio: ["ignore", 2, 2], env: { ...process.env, ...env } });
  const ended = endOf(child, command);
  // It is only of interest to whoever waits for it.
  ended.catch(() => undefined);
  return {
    ended,
    cpuMs: () => cpuMsOf(child.pid ?? 0),
    async close() {
      child.kill();
      await ended.catch(() => undefined);
    },
  };
}

/** @throws always: it should not have ended */
async function endOf(child: ChildProcess, command: string): Promise<never> {
  const [code] = (await once(child, "exit")) as [number | null];
  throw new Error(`${command} ended (${String(code ?? child.signalCode)}).`);
}

function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${String(pid)}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[11]) + Number(fields[12]);
  return (ticks * 1_000) / TICKS_PER_SECOND;
}
