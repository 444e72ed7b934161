import type { Delivery } from "../../device-db/contract.ts";
import type { Usage } from "../../erp-stub/contract.ts";
import { switchPath } from "../../erp-stub/contract.ts";

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
