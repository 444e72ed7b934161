import { createLog } from "../../plumbing/log.ts";
import { layFleetGround } from "../../scripts/fleet-ground.ts";
import { loadSettings } from "../../scripts/settings.ts";
import { startChild } from "./child-process.ts";
import type { FleetSideFigures, FleetSideOrder } from "./fleet-child.ts";
import { judge } from "./goals.ts";
import { PRIVATE_SETTINGS } from "./ground.ts";
import { describeMachine } from "./machine.ts";

const PODS = 10_000;
const GOALS = { connectMs: 15_000, bytesPerPod: 20_000 };
/** Each pod is asked once within this time. */
const ROLL_CALL_MS = 60_000;
const CHILD = new URL("fleet-child.ts", import.meta.url);

export type FleetBenchReport = Awaited<ReturnType<typeof benchFleet>>;

/**
 * Ten thousand bare MQTT.js clients, then ten thousand simulated pods, each in one process, at the same device database
 * with its embedded broker in another. Every one is asked once and answers.
 */
export async function benchFleet({ dir, signal }: { dir: string; signal: AbortSignal }) {
  const machine = describeMachine(dir);
  const settings = loadSettings({ ...PRIVATE_SETTINGS, DATA_DIR: dir });
  const log = createLog("silent");
  await using ground = await layFleetGround(settings, {
    count: PODS,
    schedules: [],
    tell: (text) => log.info(text),
    signal,
  });
  const order: FleetSideOrder = {
    dataDir: ground.dataDir,
    mqttUrl: ground.mqttUrl,
    accounts: ground.accounts,
    bot: ground.bot,
    durationMs: ROLL_CALL_MS,
  };
  const bare = await measure("bare", order, signal);
  const kit = await measure("kit", order, signal);
  const goals = [
    { name: "pods connected", measured: kit.connected, atLeast: PODS },
    { name: "until all are connected, ms", measured: kit.connectMs, atMost: GOALS.connectMs },
    { name: "commands answered", measured: kit.answered, atLeast: PODS },
    { name: "RSS for each pod, bytes", measured: kit.bytesPerPod, atMost: GOALS.bytesPerPod },
  ].map(judge);
  return { pods: PODS, machine, bare, kit, goals, ok: goals.every(({ ok }) => ok) };
}

async function measure(name: "bare" | "kit", order: FleetSideOrder, signal: AbortSignal): Promise<FleetSideFigures> {
  await using child = await startChild({ name, file: CHILD, args: [name], signal, execArgv: ["--expose-gc"] });
  return (await child.ask(order)) as FleetSideFigures;
}
