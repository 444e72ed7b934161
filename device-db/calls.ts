import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import { createPace } from "./pace.ts";

type Deps = { target: ErpTarget; clock: Clock; log: Log };

/** The calls under way, by delivery: never more, and never more often, than the ERP is to be asked. */
export function createCalls({ target, clock, log }: Deps, onDone: () => void) {
  const underWay = new Map<string, Promise<void>>();
  const pace = createPace(target);

  function begin(row: DeliveryRow, attempt: (row: DeliveryRow) => Promise<void>): void {
    pace.started(clock.now());
    const done = attempt(row)
      .catch((err: unknown) => log.error({ err, eventId: row.id }, "delivery failed unexpectedly"))
      .finally(() => {
        underWay.delete(row.id);
        onDone();
      });
    underWay.set(row.id, done);
  }

  /**
   * Takes a place for a delivery in the making, so that claiming it can share the commit that adds it; false when none
   * is free at once. Then comes `begin`, or `release` when that commit failed.
   */
  function reserve(id: string): boolean {
    const isFree = target.rate === undefined && pace.allowed(clock.now(), underWay.size) > 0;
    if (isFree) underWay.set(id, Promise.resolve());
    return isFree;
  }

  return {
    begin,
    reserve,
    release: (id: string) => underWay.delete(id),
    isUnderWay: (id: string) => underWay.has(id),
    allowed: (now: number) => pace.allowed(now, underWay.size),
    waitMs: pace.waitMs,
    allDone: async () => {
      await Promise.all(underWay.values());
    },
  };
}
