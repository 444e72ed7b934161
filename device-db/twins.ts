import {
  type Command,
  type DeviceEvent,
  endOf,
  type PodState,
  type PodStatus,
  type Reply,
} from "../device-sim/contract.ts";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { CommandView, DeviceView } from "./contract.ts";
import type { RegisteredDevice } from "./registry-store.ts";
import type { Desired, Twin, TwinStore } from "./twin-store.ts";

const SAVE_AFTER_MS = 1_000;
/** A pod's state is a few hundred characters; one that is longer, or nested deeper, is none. */
const MAX_STATE_CHARS = 4_096;
/** The repeats of a command are no news; more than these are hardly open at once. */
const REMEMBERED_COMMANDS = 32;
const NO_ANSWER = "the pod did not answer in time";

const NOTHING_KNOWN: Twin = { lastSeenAt: null, status: "unknown", firmware: null, reported: null, desired: null };

type Outcome = { commandId: string; outcome: Reply["outcome"]; reason?: string | null | undefined };

type Deps = { store: TwinStore; clock: Clock; log: Log };

export type Twins = ReturnType<typeof openTwins>;

/**
 * What each device was asked for beside what it says of itself. Kept in memory, and written once a second for all that
 * changed. Only what registered devices say may come here.
 */
export function openTwins({ store, clock, log }: Deps) {
  const twins = new Map(store.list().map(([serial, twin]) => [serial, afterRestart(twin)]));
  const isRepeated = rememberCommands();
  const { changed, close } = openSaving({ twins, store, clock, log });

  function change(serial: string, to: Partial<Twin>): void {
    const twin = twins.getOrInsertComputed(serial, () => ({ ...NOTHING_KNOWN }));
    Object.assign(twin, to);
    changed(serial);
  }

  /** Retained words and last wills come long after they were made; a clock that is ahead of ours counts as now. */
  function heard(serial: string, at: number): void {
    const now = clock.now();
    change(serial, { lastSeenAt: Math.max(twins.get(serial)?.lastSeenAt ?? 0, Math.min(at, now)) });
  }

  function status(serial: string, { state, firmware, at }: PodStatus): void {
    heard(serial, Date.parse(at));
    change(serial, { status: state, firmware });
  }

  function state(serial: string, reported: PodState): void {
    const text = JSON.stringify(reported);
    if (text.length > MAX_STATE_CHARS) return log.warn({ serial }, "state ignored, it is too long");
    heard(serial, Date.parse(reported.at));
    change(serial, { reported: text });
  }

  function asked(serial: string, command: Command, source: CommandView["source"]): void {
    if (isRepeated(serial, command.id)) return;
    const diffusing = wanted(command, twins.get(serial)?.desired ?? null);
    const expiresAt = clock.now() + command.ttlS * 1_000;
    const view = { id: command.id, source, state: "pending", reason: null } as const;
    change(serial, { desired: { diffusing, at: command.issuedAt, expiresAt, command: view } });
  }

  function replied(serial: string, reply: Reply): void {
    heard(serial, clock.now());
    settle(serial, reply);
  }

  /** An event tells that the pod has carried out its command, also when the reply was lost. */
  function reported(serial: string, { commandId }: DeviceEvent): void {
    heard(serial, clock.now());
    if (commandId !== undefined) settle(serial, { commandId, outcome: "accepted" });
  }

  function settle(serial: string, { commandId, outcome, reason = null }: Outcome): void {
    const desired = twins.get(serial)?.desired;
    if (desired?.command.id !== commandId) return;
    const command = { ...desired.command, state: endOf(outcome), reason };
    change(serial, { desired: { ...desired, command } });
  }

  /** From now on the device is not listened to. */
  function cutOff(serial: string): void {
    change(serial, { status: "unknown" });
  }

  function view(device: RegisteredDevice): DeviceView {
    const { lastSeenAt, status: said, firmware, reported, desired } = twins.get(device.serial) ?? NOTHING_KNOWN;
    return {
      ...device,
      lastSeen: lastSeenAt === null ? null : isoTime(lastSeenAt),
      status: said,
      firmware,
      desired: desired && viewDesired(desired, clock.now()),
      reported: reported === null ? null : (JSON.parse(reported) as Record<string, unknown>),
    };
  }

  return { status, state, reported, asked, replied, cutOff, view, close };
}

/** A device that was online may have gone meanwhile; one that was not would have come. */
function afterRestart(twin: Twin): Twin {
  return twin.status === "online" ? { ...twin, status: "unknown" } : twin;
}

/** What diffuses when the pod does as it is told; a schedule is for later. */
function wanted({ action, scent }: Command, before: Desired | null): string | null {
  if (action === "checkin") return scent ?? null;
  return action === "checkout" ? null : (before?.diffusing ?? null);
}

function viewDesired({ diffusing, at, expiresAt, command }: Desired, now: number): DeviceView["desired"] {
  const isOver = command.state === "pending" && now >= expiresAt;
  return { diffusing, at, command: isOver ? { ...command, state: "expired", reason: NO_ANSWER } : command };
}

/** Tells the repeats of the last commands of each device. */
function rememberCommands() {
  const known = new Map<string, Set<string>>();
  return (serial: string, id: string): boolean => {
    const ids = known.getOrInsertComputed(serial, () => new Set<string>());
    if (ids.has(id)) return true;
    if (ids.size >= REMEMBERED_COMMANDS) ids.delete(ids.values().next().value ?? "");
    ids.add(id);
    return false;
  };
}

/** Writes what changed, after a while and all together. */
function openSaving({ twins, store, clock, log }: Deps & { twins: ReadonlyMap<string, Twin> }) {
  const closing = new AbortController();
  const unsaved = new Set<string>();
  let saving: Promise<void> | undefined;

  function changed(serial: string): void {
    unsaved.add(serial);
    saving ??= clock.sleep(SAVE_AFTER_MS, closing.signal).then(save);
  }

  async function save(): Promise<void> {
    const rows = [...unsaved].flatMap((serial) => {
      const twin = twins.get(serial);
      return twin ? [[serial, { ...twin }] as const] : [];
    });
    unsaved.clear();
    saving = undefined;
    try {
      await store.save(rows);
    } catch (err) {
      log.warn({ err }, "what devices said is not kept yet");
      for (const [serial] of rows) unsaved.add(serial);
    }
  }

  async function close(): Promise<void> {
    closing.abort();
    await saving;
  }

  return { changed, close };
}
