import type { Delivery } from "../../device-db/contract.ts";
import type { Usage } from "../../erp-stub/contract.ts";
import { switchPath } from "../../erp-stub/contract.ts";
import type { DeliveryBooks, Ledgers } from "./ledgers.ts";

export type AnsweredSession = { sessionId: string; scent: string };

type Rows = {
  sessions: readonly AnsweredSession[];
  deliveries: readonly Pick<Delivery, "id" | "sessionId" | "serial" | "state">[];
  usages: readonly Pick<Usage, "id" | "ref" | "request">[];
};

/** What breaks "each answered session has exactly one usage, none is lost and none is there twice"; empty if it holds. */
export function flowProblems({ sessions, deliveries, usages }: Rows): string[] {
  const expected = new Map(sessions.map(({ sessionId, scent }) => [sessionId, scent]));
  const known = new Set(deliveries.map(({ id }) => id));
  return [
    ...sessions.flatMap(({ sessionId }) => {
      const count = deliveries.filter((delivery) => delivery.sessionId === sessionId).length;
      return count === 1 ? [] : [`session ${sessionId} has ${String(count)} deliveries`];
    }),
    ...deliveries.flatMap(({ id, sessionId, serial, state }) => {
      const scent = expected.get(sessionId ?? "");
      if (scent === undefined) return [`delivery ${id} belongs to no answered session`];
      const mine = usages.filter(({ ref }) => ref === id);
      const request = `GET ${switchPath({ serial, status: "checkin", scent })}`;
      return [
        ...(state === "delivered" ? [] : [`delivery ${id} is ${state}`]),
        ...(mine.length === 1 ? [] : [`delivery ${id} has ${String(mine.length)} usages`]),
        ...mine.filter((usage) => usage.request !== request).map((usage) => `delivery ${id} came as ${usage.request}`),
      ];
    }),
    ...usages.filter(({ ref }) => !known.has(ref ?? "")).map(({ id }) => `usage ${String(id)} belongs to no delivery`),
  ];
}

/** What three looks may find, taken in this order while everything runs: at no moment may any of it be otherwise. */
type Moment = {
  delivered: readonly string[];
  usages: readonly { id: number; ref: string | null }[];
  events: readonly string[];
};

/** What is wrong at any moment, not only at the end: told as delivered but absent, there twice, or of nobody. */
export function momentProblems({ delivered, usages, events }: Moment): string[] {
  const byRef = Map.groupBy(usages, ({ ref }) => ref ?? "");
  const known = new Set(events);
  return [
    ...delivered.filter((id) => !byRef.has(id)).map((id) => `delivery ${id} is called delivered and has no usage`),
    ...[...byRef]
      .filter(([, those]) => those.length > 1)
      .map(([ref, those]) => `delivery ${ref} has ${String(those.length)} usages`),
    ...[...byRef.keys()].filter((ref) => !known.has(ref)).map((ref) => `a usage came before the event "${ref}"`),
  ];
}

/** What breaks the order of a device's usages: it is the order of its events. */
export function orderProblems(
  events: readonly { id: string; serial: string }[],
  usages: readonly { ref: string | null; serial: string }[],
): string[] {
  const at = new Map(events.map(({ id }, index) => [id, index]));
  const bySerial = Map.groupBy(usages, ({ serial }) => serial);
  return [...bySerial].flatMap(([serial, mine]) => {
    const places = mine.map(({ ref }) => at.get(ref ?? "") ?? -1);
    return places.every((place, index) => index === 0 || place >= (places[index - 1] ?? 0))
      ? []
      : [`the usages of ${serial} are not in the order of its events`];
  });
}

/** What breaks "each command is carried out once, by one event, and nothing else is". */
export function actuationProblems({ bot, pods, deviceDb }: Omit<Ledgers, "erp">): string[] {
  const eventsOf = Map.groupBy(deviceDb.events, ({ commandId }) => commandId ?? "");
  const known = new Set(bot.commands.map(({ id }) => id));
  return [
    ...bot.commands.flatMap(({ id, state }) => {
      const events = eventsOf.get(id)?.length ?? 0;
      return state === "accepted" && events === 1 ? [] : [`command ${id} is ${state} and has ${String(events)} events`];
    }),
    ...deviceDb.events.filter(({ commandId }) => !known.has(commandId ?? "")).map(({ id }) => `event ${id} of nobody`),
    ...pods.actuations.flatMap(({ serial, seq }) => {
      const events = deviceDb.events.filter((event) => event.serial === serial).length;
      return events === seq ? [] : [`${serial} acted ${String(seq)} times and has ${String(events)} events`];
    }),
    ...pods.unacked.map(({ id }) => `event ${id} is not acknowledged`),
  ];
}

/** What is wrong in a device database's books: the log must lead to each state, and the counters to the rows. */
export function bookProblems({ deliveries, log, counts }: DeliveryBooks): string[] {
  const entries = Map.groupBy(log, ({ id }) => id);
  const known = new Set(deliveries.map(({ id }) => id));
  const number = new Map(counts.map((count) => [count.state, count.number]));
  const states = Map.groupBy(deliveries, ({ state }) => state);
  return [
    ...deliveries.flatMap((delivery) => storyProblems(delivery, entries.get(delivery.id) ?? [])),
    ...[...entries.keys()].filter((id) => !known.has(id)).map((id) => `the log tells of "${id}", which is not there`),
    ...[...number].flatMap(([state, counted]) => {
      const there = state === "created" ? deliveries.length : (states.get(state)?.length ?? 0);
      return counted === there ? [] : [`${String(counted)} are counted as ${state}, ${String(there)} there are`];
    }),
  ];
}

type Story = Pick<DeliveryBooks["log"][number], "from" | "to" | "evidence">[];

function storyProblems({ id, state, attempts }: DeliveryBooks["deliveries"][number], story: Story): string[] {
  const isWhole = story.every(({ from }, at) => from === (story[at - 1]?.to ?? null));
  const sent = story.filter(({ to }) => to === "inflight").length;
  const groundless = story.some(({ from, to, evidence }) => from === "uncertain" && to !== from && !evidence);
  return [
    ...(isWhole && story.at(-1)?.to === state ? [] : [`the log of delivery ${id} does not lead to ${state}`]),
    ...(sent === attempts ? [] : [`delivery ${id} had ${String(attempts)} attempts, ${String(sent)} are logged`]),
    ...(groundless ? [`delivery ${id} was settled without evidence`] : []),
  ];
}
