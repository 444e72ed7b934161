import { createLatencies } from "../plumbing/latencies.ts";
import type { PodWatch } from "./simulated-pod.ts";

/** Counts what the pods of a fleet do. */
export function watchFleet() {
  const acks = createLatencies();
  const checkIns = new Set<string>();
  let events = 0;
  let messages = 0;
  const watch: PodWatch = {
    changed: () => undefined,
    messaged: () => {
      messages += 1;
    },
    made: ({ id, status }) => {
      events += 1;
      if (status === "checkin") checkIns.add(id);
    },
    acknowledged: acks.add,
  };
  return {
    watch,
    checkIns: checkIns as ReadonlySet<string>,
    /** Messages are those that pods have sent or heard, since the beginning. */
    figures: () => ({ messages, events, checkIns: checkIns.size, acknowledged: acks.quantiles() }),
  };
}
