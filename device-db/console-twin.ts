import { SCENTS, stateSchema } from "../device-sim/contract.ts";
import type { DeviceView } from "./contract.ts";

/** A property of a device, as it was asked for and as the device says that it is. */
export type TwinRow = {
  name: string;
  desired: string | null;
  reported: string | null;
  standing: "same" | "differs" | "on its way";
};

/** What has a place of its own on the page. */
const SHOWN_ELSEWHERE = ["diffusing", "capsules", "low", "at", "firmware"];

/** What the contract names, in words for people; anything else is shown as it came. */
const NAMES: Record<string, string> = { uptimeS: "running for", rssi: "signal" };

export function twinRows({ desired, reported }: Pick<DeviceView, "desired" | "reported">): TwinRow[] {
  const others = Object.entries(reported ?? {})
    .filter(([name, value]) => !SHOWN_ELSEWHERE.includes(name) && value !== null)
    .map(([name, value]) => ({
      name: NAMES[name] ?? name,
      desired: null,
      reported: knownWord(name, reported) ?? wordOf(value),
      standing: "same" as const,
    }));
  const wanted = desired && (desired.diffusing ?? "nothing");
  const actual = reported && wordOf(reported["diffusing"] ?? "nothing");
  const isSame = !desired || wanted === actual;
  const standing = isSame ? "same" : desired.command.state === "pending" ? "on its way" : "differs";
  return [{ name: "diffuses", desired: wanted, reported: actual, standing }, ...others];
}

type Capsule = { scent: string; leftMl: number | undefined; isLow: boolean };

/** The capsules in the order of the scents; `undefined` when the device does not report them. */
export function capsulesOf(reported: DeviceView["reported"]): Capsule[] | undefined {
  const state = stateSchema.safeParse(reported);
  if (!state.success) return undefined;
  const { capsules, low } = state.data;
  if (!capsules && !low) return undefined;
  const named = SCENTS.filter((scent) => capsules?.[scent] !== undefined || low?.includes(scent));
  return named.map((scent) => ({ scent, leftMl: capsules?.[scent], isLow: low?.includes(scent) ?? false }));
}

function knownWord(name: string, reported: DeviceView["reported"]): string | undefined {
  const { data: state } = stateSchema.safeParse(reported);
  if (name === "uptimeS" && state?.uptimeS !== undefined) return `${String(Math.floor(state.uptimeS))} s`;
  if (name === "rssi" && state?.rssi !== undefined) return `${String(state.rssi)} dBm`;
  if (name !== "schedule" || !state?.schedule) return undefined;
  const { scent, startTime, endTime, timeZone } = state.schedule;
  return `${scent}, ${startTime} to ${endTime} ${timeZone}`;
}

function wordOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
