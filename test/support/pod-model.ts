import type { Command, Scent } from "../../device-sim/contract.ts";
import { decide, newPod, type Pod, type Verdict } from "../../device-sim/pod.ts";

export const HOUR = 3_600_000;
/** Eight in the evening in Hong Kong. */
export const NOW = Date.parse("2026-03-01T12:00:00.000Z");
export const FRESH = newPod(NOW);

export function command(fields: Partial<Command> = {}): Command {
  return { id: "c1", action: "checkin", scent: "wood", issuedAt: "2026-03-01T12:00:00.000Z", ttlS: 120, ...fields };
}

/** The pod after it has carried this out. */
export function after(pod: Pod, act: (pod: Pod) => Verdict): Pod {
  const { effect, outcome, reason } = act(pod);
  if (!effect) throw new Error(`${outcome}: ${String(reason)}`);
  return effect.pod;
}

export function checkedIn(scent: Scent = "wood"): Pod {
  return after(FRESH, (pod) => decide(pod, command({ scent }), undefined));
}

/** What the pod reports of it. */
export function said({ effect }: Verdict) {
  return effect?.events.map(({ seq, status, scent, cause }) => [seq, status, scent, cause.commandId]);
}
