import type { SessionView } from "./contract.ts";
import type { SessionRow } from "./flow-store.ts";
import type { DeviceDbStore } from "./store.ts";

/** What is known of a session, from the bot's notices and from what the pod reported; `undefined` if nothing is. */
export function viewSession(
  { flow, journal, deliveries }: Pick<DeviceDbStore, "flow" | "journal" | "deliveries">,
  id: string,
): SessionView | undefined {
  const session = flow.session(id);
  const recorded = journal.eventOfSession(id);
  const serial = session?.serial ?? recorded?.serial;
  if (serial === undefined) return undefined;
  const told = session ? toldByBot(session) : { state: "ended", answer: null, scent: null, command: null };
  return {
    id,
    serial,
    ...told,
    scent: told.scent ?? recorded?.event.scent ?? null,
    event: recorded ? reportedByPod(recorded.event) : null,
    delivery: deliveries.ofSession(id),
    traceparent: null,
    hops: flow.hops(id),
  };
}

function toldByBot({ state, answer, scent, command_id: id, command_state: commandState }: SessionRow) {
  return { state, answer, scent, command: commandState ? { id, state: commandState } : null };
}

function reportedByPod({ id, seq, status, scent, at }: NonNullable<SessionView["event"]>) {
  return { id, seq, status, scent, at };
}
