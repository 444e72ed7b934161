/** What a page says of a pod, in words. Pages show it by the clock of the room that a schedule names. */
import { isLow } from "./capsules.ts";
import type { PodState, Scent } from "./contract.ts";
import type { PodView } from "./hand-contract.ts";

/** A pod as a page shows it. */
export type Shown = PodView & { refused: boolean };

/** How something stands. */
export type Tone = "good" | "bad" | "warn" | "calm";

/** How a slot looks. */
export type Slot = { scent: Scent; ml: number; state: "some" | "low" | "empty" | "missing"; text: string };

/** What is not empty does not read as 0. */
const LEAST_ML = 0.01;

export const STRENGTHS = ["gentle", "normal", "strong"] as const;

export const intensityOf = ({ intensity = 2 }: PodState): number => intensity;

export function slotOf({ capsules = {} }: PodState, scent: Scent): Slot {
  const ml = capsules[scent];
  if (ml === undefined) return { scent, ml: 0, state: "missing", text: "no capsule" };
  if (ml === 0) return { scent, ml, state: "empty", text: "0 ml" };
  return { scent, ml, state: isLow(ml) ? "low" : "some", text: `${Math.max(ml, LEAST_ML).toFixed(2)} ml` };
}

export function linkOf({ connected, refused }: Shown): { tone: Tone; word: "online" | "refused" | "offline" } {
  if (connected) return { tone: "good", word: "online" };
  return refused ? { tone: "bad", word: "refused" } : { tone: "calm", word: "offline" };
}

/** What the pod does, in a sentence; those who do not see the drawing hear it as it changes. */
export function doingOf({ state }: Shown): string {
  const { diffusing, stay, schedule } = state;
  const strength = STRENGTHS[intensityOf(state) - 1] ?? "";
  if (diffusing) return `${capital(diffusing)} is in the air, at ${strength} intensity.`;
  if (!stay) return "At rest: nobody has checked in.";
  if (schedule && !isOpen(state)) return `Nothing is in the air: ${schedule.scent} waits for its window.`;
  return `The stay has ${stay}, but nothing is in the air.`;
}

/** What is not as it should be, in sentences. */
export function troubleOf(pod: Shown): string {
  const { word } = linkOf(pod);
  const told = {
    online: "",
    offline: "It has no connection, and keeps what it would tell",
    refused: "The broker refuses it",
  };
  const sentences = [told[word], faultsOf(pod)].filter(Boolean);
  return sentences.map((sentence) => `${sentence}.`).join(" ");
}

export function faultsOf({ faults }: PodView): string {
  if (faults.length === 0) return "";
  return faults.length === 1 ? "One fault is on" : `${String(faults.length)} faults are on`;
}

/** The schedule's window, and what comes next of it. */
export function windowOf(state: PodState): { times: string; next: string; at: string } | undefined {
  const { schedule } = state;
  if (!schedule) return undefined;
  const { startTime, endTime, startsAt, endsAt, timeZone, scent } = schedule;
  const at = isOpen(state) ? endsAt : startsAt;
  return {
    times: `${scent}, ${hoursIn(startTime)} to ${hoursIn(endTime)}, ${timeZone}`,
    next: `${isOpen(state) ? "closes" : "opens"} ${moment(at, timeZone)}`,
    at,
  };
}

export function uptimeOf({ uptimeS = 0 }: PodState): string {
  const minutes = Math.floor(uptimeS / 60);
  if (minutes < 1) return "less than a minute";
  if (minutes < 60) return `${String(minutes)} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${String(hours)} h ${String(minutes % 60)} min`;
  return `${String(Math.floor(hours / 24))} d ${String(hours % 24)} h`;
}

export function signalOf({ rssi }: PodState): string {
  if (rssi === undefined) return "unknown";
  const word = rssi >= -60 ? "good" : rssi >= -70 ? "fair" : "weak";
  return `${word}, ${String(rssi).replace("-", "−")} dBm`;
}

/** Day and time of a clock. */
export function moment(iso: string, timeZone: string): string {
  const fields = { weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" } as const;
  return new Intl.DateTimeFormat("en-GB", { timeZone, ...fields, hourCycle: "h23" }).format(new Date(iso));
}

/** Seconds are shown where they are not 0. */
export function hoursIn(time: string): string {
  return time.replace(/^(..:..):00$/, "$1");
}

function isOpen({ schedule, virtualAt, at }: PodState): boolean {
  return schedule ? schedule.startsAt <= (virtualAt ?? at) : false;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
