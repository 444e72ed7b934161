import { randomUUIDv7 } from "node:crypto";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import { childOf } from "../plumbing/trace.ts";
import type { Command, DeviceEvent } from "./contract.ts";
import { actAt, advance, decide, nextChange, type Pod, type PodEvent, type Verdict } from "./pod.ts";
import type { PodStore, Stamp } from "./store.ts";

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
  const { store, log } = deps;
  let skewMs = 0;
  const now = () => deps.time.now() + skewMs;
  const wallNow = () => deps.clock.now() + skewMs;
  const virtualNow = () => (deps.time === deps.clock ? undefined : now());
  const stamp: Stamp = ({ events }) =>
    events.map((event) => eventOf(serial, event, { at: wallNow(), virtualAt: virtualNow() }));
  const alarm = createAlarm(deps.time, () => void act((pod) => advance(pod, now())).catch(failed));

  /** A command by its id, which is carried out once. */
  async function obey(command: Command): Promise<Verdict> {
    const judge = (pod: Pod, earlier: Verdict | undefined) =>
      actAt(pod, now(), (today) => decide(today, command, earlier));
    const { verdict, kept } = await store.carryOut(serial, command.id, { decide: judge, stamp });
    failpoint("pod.persisted");
    if (kept) changed(kept);
    return verdict;
  }

  /** What hands do. */
  async function handle(act: (pod: Pod) => Verdict): Promise<Verdict> {
    let verdict: Verdict = { outcome: "rejected" };
    const kept = await store.change(serial, (pod) => (verdict = actAt(pod, now(), act)).effect, stamp);
    if (kept) changed(kept);
    return verdict;
  }

  async function act(change: Parameters<PodStore["change"]>[1]): Promise<void> {
    const kept = await store.change(serial, change, stamp);
    if (kept) changed(kept);
  }

  function changed({ pod, events }: { pod: Pod; events: readonly DeviceEvent[] }): void {
    if (events.length > 0) onEvents(events);
    rest(pod);
    onChange(pod);
  }

  /** Until something happens by itself. */
  function rest(pod: Pod): void {
    const due = nextChange(pod);
    alarm.set(due === undefined ? undefined : due - now());
  }

  function failed(err: unknown): void {
    log.error({ err, serial }, "what was due is not done yet");
    alarm.set(RETRY_MS);
  }

  return {
    obey,
    handle,
    /** As it is now. */
    pod: (): Pod => advance(store.pod(serial), now()).pod,
    wallNow,
    virtualNow,
    skew(ms: number): void {
      skewMs = ms;
      rest(store.pod(serial));
    },
    /** What came due while the pod was off happens now. */
    start: (): void => rest(store.pod(serial)),
    stop: (): void => alarm.set(undefined),
  };
}

/** One timer at a time, by the pod's own time. */
function createAlarm(time: Clock, ring: () => void) {
  let waiting: AbortController | undefined;
  return {
    set(ms: number | undefined): void {
      waiting?.abort();
      waiting = undefined;
      if (ms === undefined) return;
      const { signal } = (waiting = new AbortController());
      const done = () => signal.aborted || ring();
      void time.sleep(Math.max(0, Math.min(ms, LONGEST_WAIT_MS)), signal).then(done);
    },
  };
}

function eventOf(
  serial: string,
  { cause, ...what }: PodEvent,
  { at, virtualAt }: { at: number; virtualAt: number | undefined },
): DeviceEvent {
  const { traceparent, ...ids } = cause;
  const id = randomUUIDv7();
  const flow = cause.sessionId ?? cause.commandId ?? id;
  return {
    id,
    ...what,
    ...ids,
    at: isoTime(at),
    ...(virtualAt === undefined ? {} : { virtualAt: isoTime(virtualAt) }),
    traceparent: childOf(traceparent, flow),
  };
}
