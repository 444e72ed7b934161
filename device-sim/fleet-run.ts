import type { Clock } from "../plumbing/clock.ts";
import type { PodAccount } from "./config.ts";
import type { Scenario } from "./fleet-contract.ts";
import type { FleetGuests } from "./fleet-guests.ts";
import { HOTEL_ZONE, type Moment, planRun, type Trouble } from "./fleet-plan.ts";
import { press } from "./pod.ts";
import type { Pods } from "./pods.ts";

/** So many are about to connect at a time: a broker takes them one after the other anyway. */
const CONNECTING_AT_ONCE = 200;
const POLL_MS = 5;

type Run = { accounts: readonly PodAccount[]; scenario: Scenario; seed: number; durationMs: number };
type Crew = { pods: Pods; guests: FleetGuests; clock: Clock };

export type RunHooks = {
  signal: AbortSignal;
  /** Ends the broker, and starts it again after this time; absent where it is not ours. */
  restartBroker?: ((awayMs: number) => Promise<void>) | undefined;
};

/** Starts the pods, and resolves when they are connected or refused, and their guests connected, or the signal says that it takes too long. */
export async function connectAll({ pods, guests, clock }: Crew, accounts: readonly PodAccount[], signal: AbortSignal) {
  let connecting: string[] = [];
  let next = 0;
  // One that the broker refuses would be refused again.
  const isConnecting = (serial: string) => {
    const pod = pods.find(serial);
    return pod !== undefined && !pod.connected() && !pod.refused();
  };
  while (!signal.aborted && (next < accounts.length || connecting.length > 0 || !guests.connected())) {
    connecting = connecting.filter(isConnecting);
    const some = accounts.slice(next, next + CONNECTING_AT_ONCE - connecting.length);
    next += some.length;
    for (const account of some) {
      pods.add(account);
      connecting.push(account.serial);
    }
    await clock.sleep(POLL_MS, signal);
  }
}

/** Lets happen what is planned; resolves when the run's time is up. */
export async function runPlan(run: Run, crew: Crew, hooks: RunHooks): Promise<void> {
  const { accounts, durationMs } = run;
  const plan = planRun(run.scenario, { count: accounts.length, seed: run.seed, durationMs });
  const podAt = (index: number) => crew.pods.find(accounts[index]?.serial ?? "");
  await Promise.all([...plan.faults].flatMap(([index, words]) => podAt(index)?.putOn({ words, seed: run.seed }) ?? []));

  const startedAt = performance.now();
  const until = (atMs: number) => crew.clock.sleep(Math.max(0, atMs - (performance.now() - startedAt)), hooks.signal);
  const guests = async () => {
    for (const moment of plan.moments) {
      if (moment.atMs > performance.now() - startedAt) await until(moment.atMs);
      if (hooks.signal.aborted) return;
      perform(moment, accounts[moment.pod]?.serial ?? "", crew);
    }
  };
  const trouble = async (one: Trouble) => {
    await until(one.atMs);
    if (!hooks.signal.aborted) await happen(one, { ...crew, ...hooks, podAt, until });
  };
  await Promise.all([guests(), ...plan.troubles.map(trouble), until(durationMs)]);
}

function perform(moment: Moment, serial: string, { pods, guests }: Crew): void {
  const { action } = moment;
  const pod = pods.find(serial);
  // A button of a pod that has no power does nothing.
  if (action === "press") return void (pod?.hasPower() && pod.handle((now) => press(now, moment.button)));
  if (action === "schedule")
    return guests.ask(serial, { action, startTime: moment.startTime, endTime: moment.endTime, timeZone: HOTEL_ZONE });
  guests.ask(serial, action === "checkin" ? { action, scent: moment.scent } : { action });
}

type Happening = Crew &
  RunHooks & { podAt: (index: number) => ReturnType<Pods["find"]>; until: (atMs: number) => Promise<void> };

async function happen({ what, atMs, lastsMs, pods: those }: Trouble, { pods, podAt, until, restartBroker }: Happening) {
  if (what === "power-cut") {
    for (const index of those) podAt(index)?.power(false);
    await until(atMs + lastsMs);
    for (const index of those) podAt(index)?.power(true);
  } else if (restartBroker) await restartBroker(lastsMs);
  // Of a broker that restarts this is what pods see.
  else for (const pod of pods.all()) pod.cut();
}
