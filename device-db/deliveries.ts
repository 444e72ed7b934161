import { type AttemptDeps, openAttempts } from "./attempt.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import { createCalls } from "./calls.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import { startPolling } from "./polling.ts";
import { LONGEST_BACKOFF_MS } from "./retry.ts";

/** What is due is seen after this long even if nobody notified. */
const IDLE_POLL_MS = 250;
/** Calls under way get so long at the end, which is less than a process gets. */
const CLOSE_GRACE_MS = 6_000;

export type Deliveries = Awaited<ReturnType<typeof startDeliveries>>;

/**
 * The delivery worker: sends each open delivery to the ERP, one at a time per device, in order. `inflight` is on disk
 * before the request leaves; a call whose answer was not seen is `uncertain` and is never sent again without evidence.
 */
export async function startDeliveries(deps: AttemptDeps) {
  const { erp, target, clock } = deps;
  const closing = new AbortController();
  const breaker = createBreaker();
  const attempts = openAttempts(deps, { breaker, closing: closing.signal });
  const calls = createCalls(deps, () => polling.notify());
  await recover(deps);
  const polling = startPolling(createRounds(deps, { breaker, attempts, calls }), deps);
  let ended: Promise<void> | undefined;

  /** Calls under way are waited for, but not for ever: what was not answered by then is uncertain. */
  async function end(): Promise<void> {
    closing.abort();
    await polling.end();
    const grace = new AbortController();
    const done = calls.allDone().finally(() => grace.abort());
    await Promise.race([done, clock.sleep(CLOSE_GRACE_MS, grace.signal)]);
    await erp.close();
    await done;
  }

  return {
    notify: polling.notify,

    /** For a delivery that is claimed with the commit that adds it; one whose baseline has to be asked for is not. */
    reserve: (id: string) =>
      !closing.signal.aborted &&
      target.settle !== "count" &&
      breaker.allowed(clock.now()) === Infinity &&
      calls.reserve(id),

    release: calls.release,
    /** Sends a delivery that was claimed with a place that `reserve` gave. */
    send: (row: DeliveryRow) => calls.begin(row, attempts.deliver),
    figures: () => ({ outcomes: attempts.outcomes, breaker: breaker.state(clock.now()) }),

    /** From the first moment on no call begins any more. */
    close(): Promise<void> {
      ended ??= end();
      return ended;
    },
  };
}

type Due = Record<"pending" | "uncertain", DeliveryRow[]>;

type Means = {
  breaker: Breaker;
  attempts: ReturnType<typeof openAttempts>;
  calls: ReturnType<typeof createCalls>;
};

/** A round starts what is due and resolves with how long nothing else can be. */
function createRounds({ store, target, clock }: AttemptDeps, { breaker, attempts, calls }: Means) {
  let seenAt = clock.now();

  async function startDue(): Promise<number> {
    const now = clock.now();
    // Somebody set the clock back: what was due in a minute would now be due in a day.
    if (now < seenAt) await store.shortenWaits(now + longestWaitMs(target));
    seenAt = now;
    if (!store.anyWaiting()) return IDLE_POLL_MS;
    const { pending, uncertain } = findDue(now, calls.allowed(now));
    for (const row of uncertain) calls.begin(row, attempts.settleUncertain);
    if (pending.length > 0) await send(pending, now);
    return calls.waitMs(now) || IDLE_POLL_MS;
  }

  function findDue(now: number, allowed: number): Due {
    if (allowed <= 0 || breaker.isResting(now)) return { pending: [], uncertain: [] };
    const toSend = breaker.allowed(now);
    const heads = store.due({ now, limit: target.concurrency, toSend: toSend > 0 });
    const due = heads.filter(({ id }) => !calls.isUnderWay(id)).slice(0, allowed);
    const { pending = [], uncertain = [] } = Object.groupBy(due, ({ state }) => state);
    return { pending: pending.slice(0, toSend), uncertain };
  }

  async function send(rows: readonly DeliveryRow[], now: number): Promise<void> {
    if (target.settle === "count") for (const row of rows) calls.begin(row, attempts.deliverCounted);
    else await calls.beginClaimed(rows, () => store.claim(rows, now), attempts.deliver);
  }

  return startDue;
}

/** After a crash nobody knows whether the calls under way were executed. */
async function recover({ store, target, clock, log }: AttemptDeps): Promise<void> {
  const now = clock.now();
  const shortened = store.shortenWaits(now + longestWaitMs(target));
  const uncertain = await store.recover(now + target.quiesceMs, now);
  await shortened;
  if (uncertain > 0) log.warn({ deliveries: uncertain }, "calls were under way when the process ended");
}

function longestWaitMs({ quiesceMs }: AttemptDeps["target"]): number {
  return Math.max(LONGEST_BACKOFF_MS, quiesceMs);
}
