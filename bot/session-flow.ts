import type { SessionNotice } from "../device-db/contract.ts";
import { type Clock, isoTime } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { traceparentOf } from "../plumbing/trace.ts";
import { type CommandEnd, startCommands } from "./commands.ts";
import type { DeviceLink } from "./device-link.ts";
import type { NewCommand, Session, SessionChange } from "./session.ts";
import type { SessionStore } from "./session-store.ts";

const COMMAND_STEP = { accepted: "confirmed", rejected: "rejected", expired: "expired" } as const;

type Deps = { store: SessionStore; devices: DeviceLink; clock: Clock; log: Log };

/** What follows from a session's change once that is on disk: the command goes out, and the live flow is told. */
export function startSessionFlow({ store, devices, clock, log }: Deps) {
  const commands = startCommands({ store, publish: devices.sendCommand, onSettled, clock, log });
  devices.onReply(commands.replied);
  devices.onConnect(commands.sendAllAgain);

  function tell(serial: string, notice: Omit<SessionNotice, "at" | "traceparent">): void {
    const at = isoTime(clock.now());
    // Behind the command that leaves in the same turn: nobody waits for a notice.
    setImmediate(() => devices.notice(serial, { ...notice, at, traceparent: traceparentOf(notice.sessionId) }));
  }

  function onSettled({ serial, sessionId }: NewCommand, end: CommandEnd, reason: string | null): void {
    tell(serial, { sessionId, step: COMMAND_STEP[end], ...(reason ? { reason } : {}) });
    log.info({ serial, sessionId, reason }, `command ${end}`);
  }

  function onChange({ id, serial }: Session, change: SessionChange): void {
    if (change.to === "asked") {
      tell(serial, { sessionId: id, step: "started" });
      tell(serial, { sessionId: id, step: "asked" });
      return;
    }
    if (change.to === "abandoned") tell(serial, { sessionId: id, step: "abandoned" });
    if (change.to !== "ended") return;
    const { answer, scent, command } = change;
    // Answered and ended are one commit, and one notice.
    tell(serial, { sessionId: id, step: "ended", answer: answer.slice(0, 200), scent, commandId: command.id });
    commands.send(command);
    log.info({ serial, sessionId: id, scent }, "session ended");
  }

  return { onChange, close: commands.close };
}
