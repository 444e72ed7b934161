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
const SHOWN_ELSEWHERE = ["diffusing", "capsules", "low", "at"];

export function twinRows({ desired, reported }: Pick<DeviceView, "desired" | "reported">): TwinRow[] {
  const others = Object.entries(reported ?? {})
    .filter(([name]) => !SHOWN_ELSEWHERE.includes(name))
    .map(([name, value]) => ({ name, desired: null, reported: wordOf(value), standing: "same" as const }));
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

function wordOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
