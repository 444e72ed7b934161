/** Thousands of simulated pods in one process, what their guests do, and figures of it all. */
import { join } from "node:path";
import { type Clock, speedUp } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { MqttAccount } from "../plumbing/mqtt.ts";
import type { PodAccount } from "./config.ts";
import type { Scenario } from "./fleet-contract.ts";
import { openFleetGuests } from "./fleet-guests.ts";
import { HOTEL_ZONE, speedOf } from "./fleet-plan.ts";
import { connectAll, type RunHooks, runPlan } from "./fleet-run.ts";
import { watchFleet } from "./fleet-watch.ts";
import { openPods, type Pods } from "./pods.ts";
import { openPodStore } from "./store.ts";

export type FleetConfig = {
  dataDir: string;
  mqttUrl: string;
  mqttCa?: string | undefined;
  accounts: readonly PodAccount[];
  /** As whom the guests' commands are sent. */
  bot: MqttAccount;
  scenario: Scenario;
  seed: number;
  durationMs: number;
};

export type Fleet = Awaited<ReturnType<typeof openFleet>>;
export type FleetFigures = ReturnType<Fleet["figures"]>;

export async function openFleet(config: FleetConfig, { clock, log }: { clock: Clock; log: Log }) {
  await using opening = new AsyncDisposableStack();
  const store = opening.adopt(openPodStore(join(config.dataDir, "device-sim.sqlite")), (open) => open.close());
  const time = hotelTime(config, clock);
  await store.register(
    config.accounts.map(({ serial }) => serial),
    time.now(),
  );
  const counts = watchFleet();
  const broker = { url: config.mqttUrl, ca: config.mqttCa };
  const pods = opening.adopt(openPods(broker, { store, clock, time, log, watch: counts.watch }), (all) => all.close());
  const guests = opening.adopt(openFleetGuests(config.bot, { clock, log }), (open) => open.close());
  const owned = opening.move();

  return {
    /** How many times as fast as ours the hotel's clock goes. */
    speed: speedOf(config.scenario, config.durationMs),
    /** Resolves when every pod is connected or refused, or the signal says that it takes too long. */
    connect: (signal: AbortSignal) => connectAll({ pods, guests, clock }, config.accounts, signal),
    /** Puts on what some pods have all the time, and lets the plan happen; resolves when its time is up. */
    run: (hooks: RunHooks) => runPlan(config, { pods, guests, clock }, hooks),
    figures: () => ({
      pods: config.accounts.length,
      ...connections(pods),
      ...counts.figures(),
      waiting: pods.all().reduce((sum, pod) => sum + pod.unacked(), 0),
      commands: guests.figures(),
    }),
    /** The ids of the check-ins that the pods have made. */
    checkIns: counts.checkIns,
    close: () => owned.disposeAsync(),
  };
}

/** How many pods are connected, and why another one is not. */
function connections(pods: Pods) {
  const away = pods.all().filter((pod) => !pod.connected());
  return { connected: pods.all().length - away.length, trouble: away.find((pod) => pod.trouble())?.trouble() };
}

/** The hotel's clock: it begins where the scenario says, today, and goes as fast as the run asks for. */
function hotelTime({ scenario, durationMs }: FleetConfig, clock: Clock): Clock {
  const begin = Temporal.Instant.fromEpochMilliseconds(clock.now())
    .toZonedDateTimeISO(HOTEL_ZONE)
    .withPlainTime(scenario.from).epochMilliseconds;
  const ahead = begin - clock.now();
  const shifted: Clock = { now: () => clock.now() + ahead, sleep: (ms, signal) => clock.sleep(ms, signal) };
  return speedUp(shifted, speedOf(scenario, durationMs));
}
