import type { SessionView } from "./contract.ts";
import type { SessionRow } from "./flow-views.ts";
import type { DeviceDbStore } from "./store.ts";

const NOTHING_TOLD = { state: "ended", answer: null, scent: null, command: null, traceparent: null };

/** What is known of a session, from the bot's notices and from what the pod reported; `undefined` if nothing is. */
export function viewSession(
  { flow, journal, deliveries }: Pick<DeviceDbStore, "flow" | "journal" | "deliveries">,
  id: string,
): SessionView | undefined {
  const session = flow.session(id);
  const recorded = journal.eventOfSession(id, session?.serial);
  const serial = session?.serial ?? recorded?.serial;
  if (serial === undefined) return undefined;
  const told = session ? toldByBot(session) : NOTHING_TOLD;
  return {
    id,
    serial,
    ...told,
    scent: told.scent ?? recorded?.event.scent ?? null,
    event: recorded ? reportedByPod(recorded.event) : null,
    delivery: recorded ? deliveries.ofEvent(recorded.event.id) : null,
    hops: flow.hops(id).map(({ at, part, name, ok, detail, payload }) => ({ at, part, name, ok, detail, payload })),
  };
}

function toldByBot(row: SessionRow) {
  const { state, answer, scent, command_id: id, command_state: commandState, traceparent } = row;
  return { state, answer, scent, command: commandState ? { id, state: commandState } : null, traceparent };
}

function reportedByPod({ id, seq, status, scent, at }: NonNullable<SessionView["event"]>) {
  return { id, seq, status, scent, at };
}
