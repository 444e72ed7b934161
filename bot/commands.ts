import { randomUUIDv7 } from "node:crypto";
import type { Command, Reply } from "../device-sim/contract.ts";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import type { CommandState } from "./contract.ts";
import type { NewCommand, Session } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

/** How long a command may wait for its pod: a guest stands beside it. */
const LIFE_MS = 120_000;
/** Waits between the repeats; the last one goes on until the pod replies or the time is up. */
const REPEAT_AFTER_MS = [2_000, 4_000, 8_000, 15_000];
const NO_ANSWER = "the pod did not answer in time";

/** How a command can end. */
export type CommandEnd = Exclude<CommandState, "pending">;

const END_BY_OUTCOME: Record<Reply["outcome"], CommandEnd> = {
  accepted: "accepted",
  duplicate: "accepted",
  rejected: "rejected",
  expired: "expired",
};

type Deps = {
  store: SessionStore;
  publish: (serial: string, command: Command) => void;
  /** How a command ended is on disk. */
  onSettled: (command: NewCommand, end: CommandEnd, reason: string | null) => void;
  clock: Clock;
  log: Log;
};

type Waiting = { command: NewCommand; repeats: number; timer: NodeJS.Timeout | undefined };

/** Publishes each command again and again until its pod replies or its time is up. The broker remembers nothing for us. */
export function startCommands({ store, publish, onSettled, clock, log }: Deps) {
  const waiting = new Map<string, Waiting>();

  function send(command: NewCommand): void {
    clearTimeout(waiting.get(command.id)?.timer);
    const entry: Waiting = { command, repeats: 0, timer: undefined };
    waiting.set(command.id, entry);
    transmit(entry);
  }

  function transmit(entry: Waiting): void {
    const { command } = entry;
    const leftMs = command.expiresAt - clock.now();
    failpoint("command.before-publish");
    if (leftMs > 0) publish(command.serial, payloadOf(command, leftMs));
    failpoint("command.published");
    const pauseMs = REPEAT_AFTER_MS[Math.min(entry.repeats++, REPEAT_AFTER_MS.length - 1)] ?? 0;
    // The last timer expires the command without a look at the clock: Node's timers may ring early.
    const next = pauseMs < leftMs ? () => transmit(entry) : () => settle(command, "expired", NO_ANSWER);
    entry.timer = setTimeout(next, Math.max(0, Math.min(pauseMs, leftMs)));
  }

  function settle(command: NewCommand, end: CommandEnd, reason: string | null): void {
    clearTimeout(waiting.get(command.id)?.timer);
    waiting.delete(command.id);
    const settled = store.settleCommand(command.id, end, reason).then((isNews) => {
      if (isNews) onSettled(command, end, reason);
    });
    settled.catch((err: unknown) => log.error({ err, commandId: command.id }, "command outcome not kept"));
  }

  /** The pod's word on a command of its own; a late one still counts. */
  function replied(serial: string, { commandId, outcome, reason }: Omit<Reply, "at">): void {
    const command = waiting.get(commandId)?.command ?? store.command(commandId);
    if (command?.serial === serial) settle(command, END_BY_OUTCOME[outcome], reason ?? null);
  }

  /** After a reconnect nobody knows what arrived. */
  function sendAllAgain(): void {
    for (const { command } of waiting.values()) send(command);
  }

  function close(): void {
    for (const { timer } of waiting.values()) clearTimeout(timer);
    waiting.clear();
  }

  for (const command of store.openCommands()) send(command);
  return { send, replied, sendAllAgain, close };
}

export function newCommand(session: Pick<Session, "id" | "serial">, scent: string, issuedAt: number): NewCommand {
  const { id: sessionId, serial } = session;
  return { id: randomUUIDv7(), sessionId, serial, scent, issuedAt, expiresAt: issuedAt + LIFE_MS };
}

function payloadOf(command: NewCommand, leftMs: number): Command {
  const { id, sessionId, scent, issuedAt } = command;
  return { id, sessionId, action: "checkin", scent, issuedAt: isoTime(issuedAt), ttlS: leftMs / 1_000 };
}
