import type { PodBooks } from "./ledgers.ts";

/** Of one pod, what the stores of all parts hold. */
type Own = {
  seq: number;
  unacked: PodBooks["unacked"];
  commands: PodBooks["commands"];
  events: PodBooks["events"];
  deliveries: PodBooks["deliveries"];
  usages: PodBooks["usages"];
  requests: PodBooks["requests"];
};

/**
 * By serial, what breaks "each event of a pod is told to the ERP exactly once, in its order, and each command that was
 * accepted is one event"; empty if it holds. `presses` is how often a pod's own buttons did something.
 */
export function podProblems(books: PodBooks, presses: ReadonlyMap<string, number>): Map<string, string[]> {
  const own = <T extends { serial: string }>(rows: readonly T[]) => {
    const bySerial = Map.groupBy(rows, ({ serial }) => serial);
    return (serial: string): T[] => bySerial.get(serial) ?? [];
  };
  const { unacked, commands, events, deliveries, usages, requests } = books;
  const of = [own(unacked), own(commands), own(events), own(deliveries), own(usages), own(requests)] as const;
  const found = books.pods.map(({ serial, seq }): [string, string[]] => {
    const [waiting, asked, made, owed, rows, calls] = of;
    const pod: Own = {
      seq,
      unacked: waiting(serial),
      commands: asked(serial),
      events: made(serial).toSorted((one, other) => one.seq - other.seq),
      deliveries: owed(serial),
      usages: rows(serial),
      requests: calls(serial),
    };
    return [serial, [...eventProblems(pod), ...commandProblems(pod, presses.get(serial) ?? 0), ...usageProblems(pod)]];
  });
  return new Map(found.filter(([, problems]) => problems.length > 0));
}

function eventProblems({ seq, unacked, events, deliveries }: Own): string[] {
  const numbers = events.map((event) => event.seq).join();
  const all = Array.from({ length: seq }, (_, at) => at + 1).join();
  const owed = Map.groupBy(deliveries, ({ id }) => id);
  return [
    ...(numbers === all ? [] : [`it made events 1 to ${String(seq)}, and ${numbers || "none"} came`]),
    ...unacked.map(({ id }) => `event ${id} is not acknowledged`),
    ...events.flatMap(({ id }) => (owed.get(id)?.length === 1 ? [] : [`event ${id} has no delivery of its own`])),
    ...deliveries.filter(({ state }) => state !== "delivered").map(({ id, state }) => `delivery ${id} is ${state}`),
  ];
}

function commandProblems({ commands, events }: Own, presses: number): string[] {
  const known = new Map(commands.map((command) => [command.id, command]));
  const eventsOf = Map.groupBy(events, ({ commandId }) => commandId);
  const byHand = eventsOf.get(null)?.length ?? 0;
  return [
    ...commands.flatMap(({ id, state }) => {
      const count = eventsOf.get(id)?.length ?? 0;
      const isRight = state === "accepted" ? count === 1 : state !== "pending" && count === 0;
      return isRight ? [] : [`command ${id} is ${state} and has ${String(count)} events`];
    }),
    ...events.flatMap(({ id, commandId, status, scent }) => {
      if (commandId === null) return [];
      const asked = known.get(commandId);
      const isAsked = asked?.action === status && (status === "checkout" || asked.scent === scent);
      return isAsked ? [] : [`event ${id} says ${status} ${scent}, which nobody asked for`];
    }),
    ...(byHand === presses ? [] : [`${String(presses)} presses did something, and ${String(byHand)} are reported`]),
  ];
}

/** The calls are the events in their order; a check-in opens a usage of its scent, a check-out ends the latest. */
function usageProblems({ events, usages, requests }: Own): string[] {
  const called = requests.map(({ ref }) => ref).join();
  const made = events.map(({ id }) => id).join();
  if (called !== made) return [`the ERP was called for ${called || "nothing"}, of the events ${made || "none"}`];
  const expected: { ref: string; scent: string; ended: boolean }[] = [];
  for (const { id, status, scent } of events) {
    const latest = expected.at(-1);
    if (status === "checkin") expected.push({ ref: id, scent, ended: false });
    else if (latest) latest.ended = true;
  }
  const there = usages.map(({ ref, scent, checkoutAt }) => ({ ref, scent, ended: checkoutAt !== null }));
  const told = (rows: readonly object[]) => JSON.stringify(rows);
  return told(there) === told(expected) ? [] : [`its usages are ${told(there)} in the place of ${told(expected)}`];
}
