import { randomUUIDv7 } from "node:crypto";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import { childOf } from "../plumbing/trace.ts";
import type { Command, DeviceEvent } from "./contract.ts";
import {
  actAt,
  advance,
  decide,
  isDue,
  nextChange,
  type Pod,
  type PodEvent,
  type Step,
  type Verdict,
  wake,
} from "./pod.ts";
import type { Judge, Kept, PodStore, Stamp } from "./store.ts";

/** A longer timer than this is set again before it rings, as Node's do not take weeks. */
const LONGEST_WAIT_MS = 3_600_000;
const RETRY_MS = 1_000;

export type LifeDeps = {
  store: PodStore;
  clock: Clock;
  /** The pod's own time, which may go faster. */
  time: Clock;
  log: Log;
};

type Options = {
  serial: string;
  /** These are on disk. */
  onEvents: (events: readonly DeviceEvent[]) => void;
  onChange: (pod: Pod) => void;
};

export type PodLife = ReturnType<typeof openPodLife>;

/** What one pod does, by command, by hand and by itself as its time passes. Nothing is told before it is on disk. */
export function openPodLife({ serial, onEvents, onChange }: Options, deps: LifeDeps) {
  const { store } = deps;
  const clock = podClock(deps);
  const { now } = clock;
  const stamp: Stamp = ({ events }) => events.map((event) => eventOf(event, clock));
  const failed = (err: unknown) => deps.log.error({ err, serial }, "what was due is not done yet");
  const alarm = createAlarm(deps, () => change((pod) => (isDue(pod, now()) ? advance(pod, now()) : undefined)), failed);

  /** A command by its id, which is carried out once. */
  async function obey(command: Command): Promise<Verdict> {
    const judge: Judge = (pod, earlier) => actAt(pod, now(), (today) => decide(today, command, earlier));
    const { verdict, kept } = await store.carryOut(serial, command.id, { judge, stamp });
    failpoint("pod.persisted");
    if (kept) changed(kept);
    return verdict;
  }

  /** What hands do. */
  async function handle(act: (pod: Pod) => Verdict): Promise<Verdict> {
    let verdict: Verdict = { outcome: "rejected" };
    await change((pod) => (verdict = actAt(pod, now(), act)).effect);
    return verdict;
  }

  async function change(to: (pod: Pod) => Step | undefined): Promise<void> {
    const kept = await store.change(serial, to, stamp);
    if (kept) changed(kept);
    else rest();
  }

  function changed({ pod, events }: Kept): void {
    if (events.length > 0) onEvents(events);
    rest(pod);
    onChange(pod);
  }

  /** Until something happens by itself. */
  function rest(pod = store.pod(serial)): void {
    const due = nextChange(pod);
    alarm.set(due === undefined ? undefined : due - now());
  }

  /** What came due while the pod was off happens now; it has used nothing up meanwhile. */
  function start(): Promise<void> {
    alarm.resume();
    return change((pod) => wake(pod, now())).catch(failed);
  }

  return { obey, handle, pod: () => advance(store.pod(serial), now()).pod, clock, rest, start, stop: alarm.stop };
}

/** The pod's time, which may go faster than ours; what it says of it may be wrong. */
function podClock({ time, clock }: Pick<LifeDeps, "time" | "clock">) {
  let skewMs = 0;
  return {
    now: () => time.now(),
    wallNow: () => clock.now() + skewMs,
    /** Only where it is not ours. */
    virtualNow: () => (time === clock ? undefined : time.now() + skewMs),
    skew: (ms: number): void => {
      skewMs = ms;
    },
  };
}

/** One timer at a time, by the pod's own time; what cannot be done when it rings is tried again, by ours. */
function createAlarm(
  { time, clock }: Pick<LifeDeps, "time" | "clock">,
  ring: () => Promise<void>,
  onFailure: (err: unknown) => void,
) {
  let waiting: AbortController | undefined;
  let isStopped = false;

  function wait(by: Clock, ms: number): void {
    waiting?.abort();
    if (isStopped) return;
    const { signal } = (waiting = new AbortController());
    const passed = ms > 0 ? by.sleep(Math.min(ms, LONGEST_WAIT_MS), signal) : Promise.resolve();
    void passed.then(() => signal.aborted || go());
  }

  function go(): void {
    ring().catch((err: unknown) => {
      onFailure(err);
      wait(clock, RETRY_MS);
    });
  }

  return {
    set: (ms: number | undefined): void => (ms === undefined ? waiting?.abort() : wait(time, ms)),

    /** What is under way then does not set it again. */
    stop: (): void => {
      isStopped = true;
      waiting?.abort();
    },

    resume: (): void => {
      isStopped = false;
    },
  };
}

function eventOf({ cause, ...what }: PodEvent, { wallNow, virtualNow }: ReturnType<typeof podClock>): DeviceEvent {
  const { traceparent, ...ids } = cause;
  const id = randomUUIDv7();
  const virtualAt = virtualNow();
  return {
    id,
    ...what,
    ...ids,
    at: isoTime(wallNow()),
    ...(virtualAt === undefined ? {} : { virtualAt: isoTime(virtualAt) }),
    traceparent: childOf(traceparent, cause.sessionId ?? cause.commandId ?? id),
  };
}
