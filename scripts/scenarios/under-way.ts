/** What has begun and not ended: as long as there is such a thing, nobody knows that nothing more happens. */
import type { Delivery, SessionView } from "../../device-db/contract.ts";
import type { Facts } from "./contract.ts";
import type { Seen } from "./expect.ts";

type Now = {
  flows: readonly Pick<SessionView, "command">[];
  deliveries: readonly Pick<Delivery, "state" | "status">[];
  seen: Pick<Seen, "sessions">;
};

/** In words; `undefined` if there is nothing, or if the facts say that it is to be so. */
export function underWay({ flows, deliveries, seen }: Now, facts: Facts): string | undefined {
  const commands = [
    ...flows.map(({ command }) => command?.state),
    ...Object.values(seen.sessions).map((one) => one.command),
  ];
  if (commands.includes("pending") && !saysPending(facts)) return "a command waits for the pod's reply";
  const open = deliveries.find(({ state }) => state === "pending" || state === "inflight");
  if (open && !facts.deliveries?.includes(open.state)) return `the delivery of a ${open.status} is ${open.state}`;
  return undefined;
}

function saysPending({ session, sessions = {} }: Facts): boolean {
  return [session, ...Object.values(sessions)].some((facts) => facts?.command === "pending");
}
