import type { Command, DeviceEvent, Reply } from "../device-sim/contract.ts";
import type { Clock } from "../plumbing/clock.ts";
import type { SessionNotice } from "./contract.ts";
import { hopOfCommand, hopOfReply, hopsOfEvent, hopsOfNotice } from "./flow-hops.ts";
import type { FlowStart, FlowStore } from "./flow-store.ts";

/** How many commands are known by their id: more than wait for a reply. */
const MAX_COMMANDS = 5_000;

type SeenCommand = { flow: FlowStart; times: number };

/** Turns what comes over the broker into hops. A flow is named after its session, else its command, else its event. */
export function watchFlows({ flow, clock }: { flow: FlowStore; clock: Clock }) {
  const commands = new Map<string, SeenCommand>();

  function seen(serial: string, command: Command): SeenCommand {
    const known = commands.get(command.id);
    if (known) return known;
    const begun = { flow: flowOfCommand(serial, command), times: 0 };
    commands.set(command.id, begun);
    const [oldest] = commands.keys();
    if (commands.size > MAX_COMMANDS && oldest !== undefined) commands.delete(oldest);
    return begun;
  }

  return {
    told: (serial: string, notice: SessionNotice): void =>
      flow.notice(serial, notice, hopsOfNotice({ notice, heardAt: clock.now() })),

    commanded: (serial: string, command: Command): void => {
      const entry = seen(serial, command);
      const hop = hopOfCommand(command, { at: clock.now(), repeats: entry.times++ });
      if (hop) flow.addHops(entry.flow, [hop]);
    },

    replied: (serial: string, reply: Reply): void => {
      const known = commands.get(reply.commandId);
      if (known?.flow.serial === serial) flow.addHops(known.flow, [hopOfReply(reply, clock.now())]);
    },

    /** Whether this is the outcome of a command that was just sent to this device. */
    isAwaited: (serial: string, { commandId = "", sessionId }: DeviceEvent): boolean => {
      const awaited = commands.get(commandId)?.flow;
      return awaited?.serial === serial && awaited.id === (sessionId ?? commandId);
    },

    /** A new event is on disk. */
    recorded: (serial: string, event: DeviceEvent, heardAt: number): void =>
      flow.addHops(flowOfEvent(serial, event), hopsOfEvent(event, { heardAt, keptAt: clock.now() })),
  };
}

function flowOfCommand(serial: string, command: Command): FlowStart {
  const { id: commandId, sessionId, scent = null, traceparent = null } = command;
  const state = sessionId === undefined ? "command" : "ended";
  return { id: sessionId ?? commandId, serial, state, scent, commandId, traceparent };
}

function flowOfEvent(serial: string, event: DeviceEvent): FlowStart {
  const { id, sessionId, commandId = null, scent, traceparent = null } = event;
  const state = sessionId === undefined ? (commandId === null ? "event" : "command") : "ended";
  return { id: sessionId ?? commandId ?? id, serial, state, scent, commandId, traceparent };
}
