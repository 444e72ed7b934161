import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import { createPace } from "./pace.ts";

/** Holds a place until the claim is on disk. */
const CLAIMING = Promise.resolve();

type Claim = () => Promise<DeliveryRow[]>;
type Attempt = (row: DeliveryRow) => Promise<void>;

type Deps = { target: ErpTarget; clock: Clock; log: Log };

/** The calls under way, by delivery: never more, and never more often, than the ERP is to be asked. */
export function createCalls({ target, clock, log }: Deps, onDone: () => void) {
  const underWay = new Map<string, Promise<void>>();
  const pace = createPace(target);

  function begin(row: DeliveryRow, attempt: Attempt): void {
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
   * Takes a place, if one is free at once, for a delivery whose claim shares the commit that adds it. Then comes `begin`,
   * or `release` when that commit failed.
   */
  function reserve(id: string): boolean {
    const isFree = target.rate === undefined && pace.allowed(clock.now(), underWay.size) > 0;
    if (isFree) underWay.set(id, CLAIMING);
    return isFree;
  }

  function release(id: string): void {
    if (underWay.get(id) === CLAIMING) underWay.delete(id);
  }

  /** Begins what `claim` makes of these deliveries, whose places are taken from now on. */
  async function beginClaimed(rows: readonly DeliveryRow[], claim: Claim, attempt: Attempt): Promise<void> {
    for (const { id } of rows) underWay.set(id, CLAIMING);
    try {
      for (const row of await claim()) begin(row, attempt);
    } finally {
      for (const { id } of rows) release(id);
    }
  }

  return {
    begin,
    beginClaimed,
    reserve,
    release,
    isUnderWay: (id: string) => underWay.has(id),
    allowed: (now: number) => pace.allowed(now, underWay.size),
    waitMs: pace.waitMs,
    allDone: () => Promise.all(underWay.values()),
  };
}
