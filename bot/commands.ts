import { randomUUIDv7 } from "node:crypto";
import { type Command, endOf, type Reply } from "../device-sim/contract.ts";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import { createRepeater } from "../plumbing/repeater.ts";
import { traceparentOf } from "../plumbing/trace.ts";
import type { CommandState } from "./contract.ts";
import type { NewCommand, Session } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

/** How long a command may wait for its pod: a guest stands beside it. */
const LIFE_MS = 120_000;
const NO_ANSWER = "the pod did not answer in time";

/** How a command can end. */
export type CommandEnd = Exclude<CommandState, "pending">;

type Deps = {
  store: SessionStore;
  publish: (serial: string, command: Command) => void;
  /** How a command ended is on disk. */
  onSettled: (command: NewCommand, end: CommandEnd, reason: string | null) => void;
  clock: Clock;
  log: Log;
};

/** Publishes each command again and again until its pod replies or its time is up. The broker remembers nothing for us. */
export function startCommands({ store, publish, onSettled, clock, log }: Deps) {
  const repeater = createRepeater({ send: transmit, onExpired, clock });

  function transmit(command: NewCommand, leftMs: number): void {
    failpoint("command.before-publish");
    publish(command.serial, payloadOf(command, leftMs));
    failpoint("command.published");
  }

  function onExpired(command: NewCommand): void {
    settle(command, "expired", NO_ANSWER);
  }

  function settle(command: NewCommand, end: CommandEnd, reason: string | null): void {
    repeater.end(command.id);
    const settled = store.settleCommand(command.id, end, reason).then((isNews) => {
      if (isNews) onSettled(command, end, reason);
    });
    settled.catch((err: unknown) => log.error({ err, commandId: command.id }, "command outcome not kept"));
  }

  /** The pod's word on a command of its own; a late one still counts. */
  function replied(serial: string, { commandId, outcome, reason }: Omit<Reply, "at">): void {
    const command = repeater.find(commandId) ?? store.command(commandId);
    if (command?.serial === serial) settle(command, endOf(outcome), reason ?? null);
  }

  for (const command of store.openCommands()) repeater.begin(command);
  return { send: repeater.begin, replied, sendAllAgain: repeater.beginAllAgain, close: repeater.close };
}

export function newCommand(session: Pick<Session, "id" | "serial">, scent: string, issuedAt: number): NewCommand {
  const { id: sessionId, serial } = session;
  return { id: randomUUIDv7(), sessionId, serial, scent, issuedAt, expiresAt: issuedAt + LIFE_MS };
}

function payloadOf(command: NewCommand, leftMs: number): Command {
  const { id, sessionId, scent, issuedAt } = command;
  const traceparent = traceparentOf(sessionId);
  return { id, sessionId, action: "checkin", scent, issuedAt: isoTime(issuedAt), ttlS: leftMs / 1_000, traceparent };
}
