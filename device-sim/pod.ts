/** What an AromaPod Pro is and does. Times are epoch milliseconds by the pod's own clock, which never waits for anybody. */
import { isTimeZone } from "../plumbing/time-zone.ts";
import { burn, type Capsules, FULL, type Intensity, isLow, LOW_ML, lastsMs } from "./capsules.ts";
import { type Command, type DeviceEvent, type Reply, SCENTS, type Scent } from "./contract.ts";
import { type DayWindow, nextWindow } from "./window.ts";

/** Who asked for something: it stands in the events that come of it. */
type Cause = { commandId?: string; sessionId?: string; traceparent?: string };

type Schedule = DayWindow & { scent: Scent; startsAt: number; endsAt: number; isOpen: boolean; cause: Cause };

/** What a pod keeps over a restart. */
export type Pod = {
  seq: number;
  /** As they were at `at`. */
  capsules: Capsules;
  at: number;
  diffusing: Scent | null;
  intensity: Intensity;
  /** The scent of the last check-in, until its check-out. */
  stay: Scent | null;
  schedule: Schedule | null;
};

/** What the pod reports, before it has an id and a time. */
export type PodEvent = Pick<DeviceEvent, "seq" | "status" | "scent" | "startTime" | "endTime"> & { cause: Cause };

export type Step = { pod: Pod; events: readonly PodEvent[] };

type Wanted = Pick<Command, "scent" | "startTime" | "endTime" | "timeZone">;

type Answer = Pick<Reply, "outcome" | "reason">;

/** What the pod does with a command or a button: the answer and, where it is carried out, what comes of it. */
export type Verdict = Answer & { effect?: Step };

export const BUTTONS = ["next", "stop"] as const;
export type Button = (typeof BUTTONS)[number];

export function newPod(at: number): Pod {
  return { seq: 0, capsules: FULL, at, diffusing: null, intensity: 2, stay: null, schedule: null };
}

/** When the pod next changes by itself: a capsule gets low or empty, a window opens or closes. */
export function nextChange({ capsules, at, diffusing, intensity, schedule }: Pod): number | undefined {
  const moments: number[] = [];
  if (diffusing) {
    const from = capsules[diffusing] ?? 0;
    moments.push(at + lastsMs(diffusing, { from, to: isLow(from) ? 0 : LOW_ML, intensity }));
  }
  if (schedule) moments.push(schedule.isOpen ? schedule.endsAt : schedule.startsAt);
  return moments.length === 0 ? undefined : Math.min(...moments);
}

/** Whether something has happened by itself until now. */
export function isDue(pod: Pod, now: number): boolean {
  const due = nextChange(pod);
  return due !== undefined && due <= now;
}

/** The pod after a time without power, in which nothing diffused; `undefined` where that makes no difference. */
export function wake(pod: Pod, now: number): Step | undefined {
  return pod.diffusing || pod.schedule ? { pod: { ...pod, at: now }, events: [] } : undefined;
}

/** The pod at a later time, with what has happened by itself until then. */
export function advance(pod: Pod, now: number): Step {
  const due = nextChange(pod);
  if (due === undefined || due > now) return { pod: diffuse(pod, now), events: [] };
  return then(change(pod, Math.min(now, Math.max(due, pod.at))), (changed) => advance(changed, now));
}

/** Lets the pod act at a later time: what has happened by itself until then comes first, and stays also when it refuses. */
export function actAt(pod: Pod, now: number, act: (pod: Pod) => Verdict): Verdict {
  const reached = advance(pod, now);
  const { effect, ...answer } = act(reached.pod);
  if (effect) return { ...answer, effect: then(reached, () => effect) };
  return reached.events.length > 0 ? { ...answer, effect: reached } : answer;
}

/** What happens by itself at one moment. */
function change(pod: Pod, moment: number): Step {
  const reached = diffuse(pod, moment);
  const { schedule } = reached;
  if (schedule && !schedule.isOpen && schedule.startsAt <= moment) return openWindow(reached, schedule);
  if (schedule?.isOpen && schedule.endsAt <= moment) return closeWindow(reached);
  return { pod: reached, events: [] };
}

/** A clock that was set back uses nothing up. */
function diffuse(pod: Pod, now: number): Pod {
  const { diffusing, capsules, intensity } = pod;
  if (!diffusing) return { ...pod, at: now };
  const left = burn(capsules, diffusing, { ms: Math.max(0, now - pod.at), intensity });
  return { ...pod, at: now, capsules: left, diffusing: left[diffusing] ? diffusing : null };
}

/**
 * Each unexpired command with a new id is carried out, in order of arrival.
 * `earlier` is the answer that the pod gave to the same id before.
 */
export function decide(pod: Pod, command: Command, earlier: Answer | undefined): Verdict {
  if (earlier) return earlier.outcome === "accepted" ? { outcome: "duplicate" } : earlier;
  if (command.ttlS <= 0) return { outcome: "expired" };
  const cause = causeOf(command);
  if (command.action === "checkin") return checkIn(pod, command.scent, cause);
  if (command.action === "checkout") return checkOut(pod, cause);
  if (command.action === "schedule") return schedule(pod, command, cause);
  return rejected(`unknown action "${command.action}"`);
}

/** The pod's own buttons do what commands do, and nobody is named as having asked. */
export function press(pod: Pod, button: Button): Verdict {
  if (button === "stop") return checkOut(pod, {});
  const current = pod.diffusing ?? pod.stay;
  const first = current ? SCENTS.indexOf(current) + 1 : 0;
  const inOrder = [...SCENTS.slice(first), ...SCENTS.slice(0, first)];
  const next = inOrder.find((scent) => !lackOf(pod, scent));
  return next ? checkIn(pod, next, {}) : rejected("no capsule has anything left");
}

/** What hands do to a slot: a new capsule, one that holds this much, or none. */
export function fill(pod: Pod, scent: Scent, ml: number | null): Pod {
  return {
    ...pod,
    capsules: { ...pod.capsules, [scent]: ml },
    diffusing: pod.diffusing === scent && !ml ? null : pod.diffusing,
  };
}

/** What is not there cannot be emptied. */
export function drain(pod: Pod, scent: Scent): Verdict {
  return pod.capsules[scent] === null ? rejected(missing(scent)) : byHand(fill(pod, scent, 0));
}

/** The pod as hands have left it; there is nothing to report of that but its state. */
export function byHand(pod: Pod): Verdict {
  return accepted({ pod, events: [] });
}

export function checkIn(pod: Pod, wanted: string | undefined, cause: Cause): Verdict {
  const scent = knownScent(wanted);
  if (!scent) return rejected(`unknown scent "${wanted ?? ""}"`);
  const lack = lackOf(pod, scent);
  if (lack) return rejected(lack);
  // A window that is open belongs to the stay before; one that waits is still to come.
  const step = then(closeWindow(pod), (closed) =>
    report({ ...closed, stay: scent, diffusing: scent }, { status: "checkin", scent, cause }),
  );
  return accepted(step);
}

export function checkOut(pod: Pod, cause: Cause): Verdict {
  const { stay: scent } = pod;
  if (!scent) return rejected("nobody has checked in");
  const step = then(closeWindow(pod), (closed) =>
    report({ ...closed, stay: null, diffusing: null, schedule: null }, { status: "checkout", scent, cause }),
  );
  return accepted(step);
}

/** From now on the stay diffuses in this window only. Another window is closed, or given up if it has not begun. */
export function schedule(pod: Pod, wanted: Wanted, cause: Cause): Verdict {
  const window = windowOf(wanted);
  if (!pod.stay) return rejected("nobody has checked in");
  if (typeof window === "string") return rejected(window);
  const scent = knownScent(wanted.scent ?? pod.stay);
  if (!scent) return rejected(`unknown scent "${wanted.scent ?? ""}"`);
  const lack = lackOf(pod, scent);
  if (lack) return rejected(lack);
  const waiting: Schedule = { ...window, ...nextWindow(window, pod.at), scent, isOpen: false, cause };
  const step = then(closeWindow(pod), (closed) => {
    const set = { ...closed, diffusing: null, schedule: waiting };
    return waiting.startsAt <= pod.at ? openWindow(set, waiting) : { pod: set, events: [] };
  });
  return accepted(step);
}

/** The window, or why it is none. */
function windowOf({ startTime, endTime, timeZone = "" }: Wanted): DayWindow | string {
  if (!startTime || !endTime || startTime === endTime) return "a schedule needs a start and an end that differ";
  return isTimeZone(timeZone) ? { startTime, endTime, timeZone } : `unknown time zone "${timeZone}"`;
}

function openWindow(pod: Pod, window: Schedule): Step {
  const { scent, startTime, endTime, cause } = window;
  const opened = { ...pod, diffusing: pod.capsules[scent] ? scent : null, schedule: { ...window, isOpen: true } };
  return report(opened, { status: "timein", scent, startTime, endTime, cause });
}

/** Closes the window that is open, if one is. */
function closeWindow(pod: Pod): Step {
  if (!pod.schedule?.isOpen) return { pod, events: [] };
  const { scent, startTime, endTime, cause } = pod.schedule;
  return report({ ...pod, diffusing: null, schedule: null }, { status: "timeout", scent, startTime, endTime, cause });
}

function report(pod: Pod, event: Omit<PodEvent, "seq">): Step {
  const seq = pod.seq + 1;
  return { pod: { ...pod, seq }, events: [{ seq, ...event }] };
}

function then({ pod, events }: Step, next: (pod: Pod) => Step): Step {
  const step = next(pod);
  return { pod: step.pod, events: [...events, ...step.events] };
}

function lackOf({ capsules }: Pod, scent: Scent): string | undefined {
  if (capsules[scent] === null) return missing(scent);
  return capsules[scent] === 0 ? `the ${scent} capsule is empty` : undefined;
}

function missing(scent: Scent): string {
  return `there is no ${scent} capsule`;
}

function knownScent(wanted: string | undefined): Scent | undefined {
  return SCENTS.find((known) => known === wanted);
}

function causeOf({ id: commandId, sessionId, traceparent }: Command): Cause {
  return { commandId, ...(sessionId ? { sessionId } : {}), ...(traceparent ? { traceparent } : {}) };
}

function accepted(effect: Step): Verdict {
  return { outcome: "accepted", effect };
}

function rejected(reason: string): Verdict {
  return { outcome: "rejected", reason };
}
