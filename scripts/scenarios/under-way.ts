/** What has begun and not ended: as long as there is such a thing, nobody knows that nothing more happens. */
import type { Delivery, SessionView } from "../../device-db/contract.ts";
import type { Facts } from "./contract.ts";
import type { Seen } from "./expect.ts";

type Flow = Pick<SessionView, "state" | "command" | "hops">;

type Now = {
  flows: readonly Flow[];
  deliveries: readonly Pick<Delivery, "state" | "status">[];
  seen: Pick<Seen, "sessions">;
};

const OPEN: readonly string[] = ["pending", "inflight", "uncertain"];
/** What a pod replies to a command, and what becomes of one that it never replies to. */
const END = /^(accepted|duplicate|rejected|(command )?expired)$/;

/** In words; `undefined` if there is nothing, or if the facts say that it is to be so. */
export function underWay({ flows, deliveries, seen }: Now, facts: Facts): string | undefined {
  const isAsked = Object.values(seen.sessions).some(({ command }) => command === "pending");
  if ((isAsked || flows.some(waitsForPod)) && !saysPending(facts)) return "a command waits for the pod's reply";
  const open = deliveries.find(({ state }) => OPEN.includes(state));
  if (open && !facts.deliveries?.includes(open.state)) return `the delivery of a ${open.status} is ${open.state}`;
  return undefined;
}

function waitsForPod({ state, command, hops }: Flow): boolean {
  return command?.state === "pending" || (state === "command" && !hops.some(({ name }) => END.test(name)));
}

function saysPending({ session, sessions = {}, pod }: Facts): boolean {
  return [session, ...Object.values(sessions), pod].some((facts) => facts?.command === "pending");
}
