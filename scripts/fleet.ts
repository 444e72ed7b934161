import { rmSync, writeFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import { type Fleet, type FleetFigures, openFleet } from "../device-sim/fleet.ts";
import type { Scenario } from "../device-sim/fleet-contract.ts";
import { readScenario, scenarios } from "../device-sim/scenarios.ts";
import { systemClock } from "../plumbing/clock.ts";
import { createLog } from "../plumbing/log.ts";
import { StartError } from "../plumbing/start-error.ts";
import { readFleetBooks } from "./fleet-books.ts";
import { fleetAccounts, fleetSerials, layFleetGround } from "./fleet-ground.ts";
import { showProgress } from "./fleet-progress.ts";
import { type FleetReport, fleetText } from "./fleet-report.ts";
import { fleetProblems } from "./fleet-verdict.ts";
import { INTERRUPTED, untilSignal } from "./lifetime.ts";
import { DEMO_DEVICE } from "./parts.ts";
import { makeSecrets } from "./secrets.ts";
import type { Settings } from "./settings.ts";
import { table } from "./table.ts";

export type FleetOptions = { count: number; scenario: string; seed: number; durationS: number; json: boolean };

const CONNECT_WITHIN_MS = 120_000;
/** As long as a command lives, and a little. */
const SETTLE_WITHIN_MS = 150_000;
const POLL_MS = 100;
/** So many pods that what one takes can be told from all of them. */
const MANY = 1_000;

/** Lists the scenarios that come with the kit. */
export function listScenarios({ json }: { json: boolean }): number {
  const data = scenarios().map(({ name, scenario }) => ({ name, about: scenario.about }));
  const text = table([["SCENARIO", "WHAT HAPPENS"], ...data.map(({ name, about }) => [name, about])]);
  process.stdout.write(json ? `${JSON.stringify({ data })}\n` : text);
  return 0;
}

/** Why this is no scenario, or `undefined`. */
export function scenarioProblem(nameOrFile: string): string | undefined {
  try {
    readScenario(nameOrFile);
    return undefined;
  } catch (error) {
    if (error instanceof StartError) return error.message;
    throw error;
  }
}

/** Writes what a broker that others run has to know of a fleet: a line for each pod, as `mosquitto_passwd -U` takes them. */
export function writeFleetPasswords(settings: Settings, { count, file }: { count: number; file: string }): number {
  const secrets = makeSecrets(settings.DATA_DIR, DEMO_DEVICE.serial);
  const lines = fleetAccounts(secrets, fleetSerials(count)).map(({ serial, password }) => `${serial}:${password}\n`);
  writePrivately(file, lines.join(""));
  process.stderr.write(
    `${String(count)} user names and passwords are in ${file}: give them to the broker, then run the fleet.\n`,
  );
  return 0;
}

/** A file that was there before would keep the rights that it has. */
function writePrivately(file: string, text: string): void {
  try {
    rmSync(file, { force: true });
    writeFileSync(file, text, { mode: 0o600, flag: "wx" });
  } catch (cause) {
    throw new StartError(`Cannot write "${file}": ${(cause as Error).message}.`, { cause });
  }
}

/** Runs a fleet through a scenario, at a device database and an ERP of its own; 1 when anything was lost or doubled. */
export async function runFleet(settings: Settings, options: FleetOptions): Promise<number> {
  const interrupted = new AbortController();
  void untilSignal().then(() => interrupted.abort());
  process.once("SIGHUP", () => interrupted.abort());
  const scenario = readScenario(options.scenario);
  const run = { ...options, name: options.scenario, scenario, signal: interrupted.signal };
  const report = await runScenario(settings, run);
  // What was still under way would look as if it were lost.
  if (interrupted.signal.aborted) return INTERRUPTED;
  process.stdout.write(options.json ? `${JSON.stringify(report)}\n` : fleetText(report));
  return report.ok ? 0 : 1;
}

type Run = Omit<FleetOptions, "scenario" | "json"> & { name: string; scenario: Scenario; signal: AbortSignal };

async function runScenario(settings: Settings, run: Run): Promise<FleetReport> {
  const { count, scenario, seed, durationS, signal } = run;
  await using opening = new AsyncDisposableStack();
  using progress = showProgress();
  const schedules = scenario.stories.flatMap(({ steps }) => steps.filter((step) => step.action === "schedule"));
  const ground = opening.use(await layFleetGround(settings, { count, schedules, tell: progress.say, signal }));
  const { restartBroker, ...place } = ground;
  const config = { ...place, scenario, seed, durationMs: durationS * 1_000 };
  const fleet = opening.adopt(await openFleet(config, { clock: systemClock, log: createLog("silent") }), (open) =>
    open.close(),
  );

  const rssBefore = process.memoryUsage.rss();
  const startedAt = performance.now();
  progress.watch(fleet.figures);
  await fleet.connect(AbortSignal.any([signal, AbortSignal.timeout(CONNECT_WITHIN_MS)]));
  const { connected, trouble = null } = fleet.figures();
  const connect = { pods: connected, ms: performance.now() - startedAt, trouble };
  await fleet.run({ signal, restartBroker });
  const rssBytes = process.memoryUsage.rss();
  await untilAnswered(fleet, signal);
  const seconds = (performance.now() - startedAt) / 1_000;
  if (!signal.aborted) progress.say("Comparing with the ERP.");
  const erp = await readFleetBooks(ground, fleet.checkIns, signal);
  const { messages, commands, events, waiting, acknowledged } = fleet.figures();
  const report = {
    scenario: run.name,
    seed,
    pods: count,
    durationS,
    speed: fleet.speed,
    broker: settings.MQTT_URL ?? "embedded",
    connect,
    messages: { total: messages, perSecond: messages / seconds, peakPerSecond: progress.peakPerSecond() },
    commands,
    events: { made: events, waiting, ack: acknowledged },
    erp,
    memory: { rssBytes, perPodBytes: count < MANY ? null : (rssBytes - rssBefore) / count },
  };
  const problems = fleetProblems(report);
  return { ok: problems.length === 0, ...report, problems };
}

/** Until every command is answered or expired, and every event acknowledged. */
async function untilAnswered(fleet: Fleet, signal: AbortSignal): Promise<void> {
  const giveUpAt = performance.now() + SETTLE_WITHIN_MS;
  const isOpen = ({ commands, waiting }: FleetFigures) => commands.open > 0 || waiting > 0;
  while (isOpen(fleet.figures()) && performance.now() < giveUpAt && !signal.aborted) await delay(POLL_MS);
}
