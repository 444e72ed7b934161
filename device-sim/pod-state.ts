import { isoTime } from "../plumbing/clock.ts";
import { seedOf } from "../plumbing/random.ts";
import { lowScents } from "./capsules.ts";
import { type PodState, SCENTS } from "./contract.ts";
import type { Pod } from "./pod.ts";

export const FIRMWARE = "sim-2";

/** What a pod knows beside what it keeps. Times are epoch milliseconds; `virtualNow` only where the pod's time is its own. */
type Vitals = { serial: string; now: number; virtualNow: number | undefined; uptimeMs: number };

/** Each pod stands where it stands. */
const STRONGEST_DBM = -42;
const SIGNAL_RANGE_DB = 30;
/** A drop is some fifty microlitres. */
const ML_DIGITS = 1_000;

/** The pod's word on itself, as it goes on the wire. */
export function stateOf(pod: Pod, { serial, now, virtualNow, uptimeMs }: Vitals): PodState {
  const { diffusing, capsules, intensity, stay, schedule } = pod;
  const filled = SCENTS.flatMap((scent) => {
    const ml = capsules[scent];
    return ml === null ? [] : [[scent, Math.round(ml * ML_DIGITS) / ML_DIGITS] as const];
  });
  return {
    diffusing,
    at: isoTime(now),
    ...(virtualNow === undefined ? {} : { virtualAt: isoTime(virtualNow) }),
    capsules: Object.fromEntries(filled),
    low: lowScents(capsules),
    intensity,
    stay,
    schedule: schedule && {
      scent: schedule.scent,
      startTime: schedule.startTime,
      endTime: schedule.endTime,
      timeZone: schedule.timeZone,
      startsAt: isoTime(schedule.startsAt),
      endsAt: isoTime(schedule.endsAt),
    },
    uptimeS: Math.floor(uptimeMs / 1_000),
    rssi: STRONGEST_DBM - (seedOf(serial) % SIGNAL_RANGE_DB),
    firmware: FIRMWARE,
  };
}

/** The same for two states as long as there is nothing new to report: what is left in a capsule changes all the time. */
export function gistOf({ diffusing, stay, intensity, schedule, capsules }: Pod): string {
  const slots = SCENTS.map((scent) => capsules[scent] && "some");
  const window = schedule && [
    schedule.scent,
    schedule.startTime,
    schedule.endTime,
    schedule.timeZone,
    schedule.startsAt,
  ];
  return JSON.stringify([diffusing, stay, intensity, window, slots, lowScents(capsules)]);
}
