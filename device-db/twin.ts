/** What is known of a device beside its registration: what it was asked for, and what it says of itself. */
import {
  type Command,
  type DeviceEvent,
  endOf,
  type PodState,
  type PodStatus,
  type Reply,
} from "../device-sim/contract.ts";
import { isoTime } from "../plumbing/clock.ts";
import type { CommandView, DeviceView } from "./contract.ts";

export type Twin = {
  lastSeenAt: number | null;
  status: PodStatus["state"] | "unknown";
  firmware: string | null;
  /** The text of its `up/state`. */
  reported: string | null;
  desired: Desired | null;
};

export type Desired = { diffusing: string | null; at: string; expiresAt: number; command: CommandView };

export const NOTHING_KNOWN: Twin = {
  lastSeenAt: null,
  status: "unknown",
  firmware: null,
  reported: null,
  desired: null,
};

/** Why a command is `expired`. */
export const NO_ANSWER = "the pod did not answer in time";

/** A pod's state is a few hundred characters; one that is longer, or nested deeper, is none. */
const MAX_STATE_CHARS = 4_096;

/** Retained words and last wills come long after they were made; a clock that is ahead of ours counts as now. */
function seen({ lastSeenAt }: Twin, at: string, now: number): Pick<Twin, "lastSeenAt"> {
  return { lastSeenAt: Math.max(lastSeenAt ?? 0, Math.min(Date.parse(at), now)) };
}

export function afterStatus(twin: Twin, { state, firmware, at }: PodStatus, now: number): Twin {
  return { ...twin, ...seen(twin, at, now), status: state, firmware };
}

/** `undefined` for a state that is too long to be one. */
export function afterState(twin: Twin, state: PodState, now: number): Twin | undefined {
  const reported = JSON.stringify(state);
  return reported.length > MAX_STATE_CHARS ? undefined : { ...twin, ...seen(twin, state.at, now), reported };
}

export function afterReply(twin: Twin, { commandId, outcome, reason = null }: Answer, now: number): Twin {
  const { desired } = twin;
  // Whoever speaks is there, also when nothing was heard of how it came.
  const heard = { ...twin, lastSeenAt: now, status: twin.status === "unknown" ? ("online" as const) : twin.status };
  if (!desired || desired.command.id !== commandId) return heard;
  return { ...heard, desired: { ...desired, command: { ...desired.command, state: endOf(outcome), reason } } };
}

type Answer = { commandId: string | undefined; outcome: Reply["outcome"]; reason?: string | null | undefined };

/** It tells that the pod has carried out its command, also when the reply was lost. */
export function afterEvent(twin: Twin, { commandId }: DeviceEvent, now: number): Twin {
  return afterReply(twin, { commandId, outcome: "accepted" }, now);
}

/** What comes of a command that is not a repeat. */
export function afterCommand(
  twin: Twin,
  command: Command,
  { source, now }: { source: CommandView["source"]; now: number },
): Twin {
  const { id, action, scent = null, issuedAt: at, ttlS } = command;
  const later = action === "checkout" ? null : (twin.desired?.diffusing ?? null);
  const view = { id, source, state: "pending", reason: null } as const;
  const diffusing = action === "checkin" ? scent : later;
  return { ...twin, desired: { diffusing, at, expiresAt: now + ttlS * 1_000, command: view } };
}

/** A device that was online may have gone meanwhile; one that was not would have come. */
export function afterRestart(twin: Twin): Twin {
  return twin.status === "online" ? { ...twin, status: "unknown" } : twin;
}

/** What operators see; a command that nobody answered in time is over, whoever sent it. */
export function viewOf({ lastSeenAt, status, firmware, reported, desired }: Twin, now: number) {
  return {
    lastSeen: lastSeenAt === null ? null : isoTime(lastSeenAt),
    status,
    firmware,
    desired: desired && viewDesired(desired, now),
    reported: reported === null ? null : (JSON.parse(reported) as Record<string, unknown>),
  };
}

function viewDesired({ diffusing, at, expiresAt, command }: Desired, now: number): DeviceView["desired"] {
  const isOver = command.state === "pending" && now >= expiresAt;
  return { diffusing, at, command: isOver ? { ...command, state: "expired", reason: NO_ANSWER } : command };
}
