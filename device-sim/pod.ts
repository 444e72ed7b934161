import { type Command, type DeviceEvent, type Reply, SCENTS, type Scent } from "./contract.ts";

/** What a pod keeps over a restart. */
export type Pod = { seq: number; diffusing: Scent | null };

type Answer = Pick<Reply, "outcome" | "reason">;

/** What the pod does with a command: the answer, and for a new one that it carries out its next state and the event. */
export type Verdict = Answer & { effect?: { pod: Pod; event: Pick<DeviceEvent, "seq" | "status" | "scent"> } };

/**
 * Each unexpired command with a new id is carried out, in order of arrival.
 * `earlier` is the answer that the pod gave to the same id before.
 */
export function decide(pod: Pod, command: Command, earlier: Answer | undefined): Verdict {
  if (earlier) return earlier.outcome === "accepted" ? { outcome: "duplicate" } : earlier;
  if (command.ttlS <= 0) return { outcome: "expired" };
  if (command.action === "checkin") return checkIn(pod, command.scent);
  if (command.action === "checkout") return checkOut(pod);
  return { outcome: "rejected", reason: `unknown action "${command.action}"` };
}

function checkIn(pod: Pod, wanted: string | undefined): Verdict {
  const scent = SCENTS.find((known) => known === wanted);
  if (!scent) return { outcome: "rejected", reason: `unknown scent "${wanted ?? ""}"` };
  return carryOut({ seq: pod.seq + 1, diffusing: scent }, "checkin", scent);
}

function checkOut(pod: Pod): Verdict {
  if (!pod.diffusing) return { outcome: "rejected", reason: "nothing is diffusing" };
  return carryOut({ seq: pod.seq + 1, diffusing: null }, "checkout", pod.diffusing);
}

function carryOut(pod: Pod, status: DeviceEvent["status"], scent: Scent): Verdict {
  return { outcome: "accepted", effect: { pod, event: { seq: pod.seq, status, scent } } };
}
