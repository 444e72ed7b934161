import { join } from "node:path";
import type { DeviceDbConfig, ErpTarget } from "../../device-db/config.ts";
import type { ErpMode } from "../../erp-stub/contract.ts";
import { makeSecrets } from "../../scripts/secrets.ts";
import { startChaosPod } from "./chaos-pods.ts";
import { openChaosProxy } from "./chaos-proxy.ts";
import { passwordOf } from "./devices.ts";
import { furnish } from "./furnish.ts";
import { openHome } from "./home.ts";
import { type RunningProcess, startProcess } from "./process.ts";

export const PODS = 40;
export const EVENTS_PER_POD = 10;
const SPEED = 10;
/** By the fast clock: 0.8 s, many times as long as a call may work on after its connection broke. */
const QUIESCE_MS = 8_000;

/** What can be killed. */
export type Victim = "device-db" | "erp";

export type ChaosWorld = Awaited<ReturnType<typeof openChaosWorld>>;

type Options = { mode: ErpMode; settle: ErpTarget["settle"]; random: () => number };

/** Pods in this process, the device database and the ERP in processes of their own, and what goes wrong between them. */
export async function openChaosWorld({ mode, settle, random }: Options) {
  await using opening = new AsyncDisposableStack();
  const home = opening.use(await openHome());
  const dataDir = join(home.path, ".data");
  const secrets = makeSecrets(dataDir, "first");
  const serials = Array.from({ length: PODS }, (_, at) => `P${String(at + 100)}`);
  await furnish(dataDir, Object.fromEntries(serials.map((serial) => [serial, passwordOf(serial)])));
  const [, port = 0, , erpPort = 0, mqttPort = 0] = home.ports;
  const proxy = opening.use(await openChaosProxy(erpPort, random));
  const erp = { url: proxy.url, settle, apiKey: secrets.erpApiKey, concurrency: 64, rate: undefined };
  const config: DeviceDbConfig = {
    host: "127.0.0.1",
    port,
    mqttPort,
    dataDir,
    reportScents: ["fire", "wood", "water", "air"],
    operatorKey: secrets.operatorKey,
    publicUrl: undefined,
    mqttSecrets: secrets.mqtt,
    firstDevice: { serial: "first", room: "First", timeZone: "Etc/UTC", secret: "first" },
    erp: { ...erp, quiesceMs: QUIESCE_MS },
  };
  const program = join(import.meta.dirname, "chaos-device-db.ts");
  const settings = JSON.stringify({ config, since: Date.now(), speed: SPEED });
  const victims = startVictims({
    "device-db": () => startProcess(process.execPath, [program, settings], { cwd: home.path }),
    erp: () => home.start(["serve", "erp", "--json"], { ERP_MODE: mode }),
  });
  opening.use(victims);
  await Promise.all([victims.start("device-db"), victims.start("erp")]);
  const mqttUrl = `mqtt://127.0.0.1:${String(mqttPort)}`;
  const pods = serials.map((serial) =>
    opening.adopt(startChaosPod({ serial, password: passwordOf(serial), mqttUrl }, EVENTS_PER_POD), (pod) =>
      pod.close(),
    ),
  );
  const owned = opening.move();
  return {
    dataDir,
    proxy,
    pods,
    kill: (part: Victim) => victims.kill(part),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function startVictims(launch: Record<Victim, () => RunningProcess>) {
  const running = new Map<Victim, RunningProcess>();

  async function start(part: Victim): Promise<void> {
    const started = launch[part]();
    running.set(part, started);
    await started.shows(/^.*\n/);
  }

  return {
    start,
    /** Kills it and waits until it is back. */
    async kill(part: Victim): Promise<void> {
      await running.get(part)?.stop("SIGKILL");
      await start(part);
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.all([...running.values()].map((each) => each.stop("SIGKILL")));
    },
  };
}
