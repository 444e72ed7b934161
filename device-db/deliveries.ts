import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { type AttemptDeps, openAttempts } from "./attempt.ts";
import { createBreaker } from "./breaker.ts";
import { createCalls } from "./calls.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import { LONGEST_BACKOFF_MS } from "./retry.ts";

/** What is due is seen after this long even if nobody notified. */
const IDLE_POLL_MS = 250;
const AFTER_ERROR_MS = 1_000;
/** Calls under way get so long at the end, which is less than a process gets. */
const CLOSE_GRACE_MS = 6_000;

export type Deliveries = Awaited<ReturnType<typeof startDeliveries>>;

/**
 * The delivery worker: sends each open delivery to the ERP, one at a time per device, in order. `inflight` is on disk
 * before the request leaves; a call whose answer was not seen is `uncertain` and is never sent again without evidence.
 */
export async function startDeliveries(deps: AttemptDeps) {
  const { store, erp, target, clock } = deps;
  const closing = new AbortController();
  const breaker = createBreaker();
  const attempts = openAttempts(deps, { breaker, closing: closing.signal });
  const calls = createCalls(deps, () => polling.notify());
  const longestWaitMs = Math.max(LONGEST_BACKOFF_MS, target.quiesceMs);
  let seenAt = clock.now();
  await recover(deps, longestWaitMs);

  /** Starts what is due and resolves with how long nothing else can be. */
  async function startDue(): Promise<number> {
    const now = clock.now();
    // Somebody set the clock back: what was due in a minute would now be due in a day.
    if (now < seenAt) await store.shortenWaits(now + longestWaitMs);
    seenAt = now;
    if (!store.anyWaiting()) return IDLE_POLL_MS;
    const allowed = calls.allowed(now);
    const { pending, uncertain } = allowed > 0 ? findDue(now, allowed) : NOTHING;
    for (const row of uncertain) calls.begin(row, attempts.settleUncertain);
    if (pending.length > 0) await send(pending, now);
    return calls.waitMs(now) || IDLE_POLL_MS;
  }

  function findDue(now: number, allowed: number): typeof NOTHING {
    const toSend = breaker.allowed(now);
    const heads = store.due({ now, limit: target.concurrency, toSend: toSend > 0 });
    const due = heads.filter(({ id }) => !calls.isUnderWay(id)).slice(0, allowed);
    const { pending = [], uncertain = [] } = Object.groupBy(due, ({ state }) => state);
    return { pending: pending.slice(0, toSend), uncertain };
  }

  async function send(rows: readonly DeliveryRow[], now: number): Promise<void> {
    breaker.began(now);
    if (target.settle === "count") for (const row of rows) calls.begin(row, attempts.deliverCounted);
    else await calls.beginClaimed(rows, () => store.claim(rows, now), attempts.deliver);
  }

  const polling = startPolling(startDue, deps);

  /** Calls under way are waited for, but not for ever: what was not answered by then is uncertain. */
  async function close(): Promise<void> {
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
    close,
  };
}

const NOTHING: Record<"pending" | "uncertain", DeliveryRow[]> = { pending: [], uncertain: [] };

/** After a crash nobody knows whether the calls under way were executed. */
async function recover({ store, target, clock, log }: AttemptDeps, longestWaitMs: number): Promise<void> {
  const now = clock.now();
  const shortened = store.shortenWaits(now + longestWaitMs);
  const uncertain = await store.recover(now + target.quiesceMs, now);
  await shortened;
  if (uncertain > 0) log.warn({ deliveries: uncertain }, "calls were under way when the process ended");
}

/** Calls `work` until it is ended, each time after the pause that it asked for or at once when somebody notifies. */
function startPolling(work: () => Promise<number>, { clock, log }: { clock: Clock; log: Log }) {
  let wake = new AbortController();
  let ending = false;

  async function poll(): Promise<void> {
    while (!ending) {
      // Made before looking, so that a notice that comes meanwhile cuts the pause short.
      wake = new AbortController();
      const pauseMs = await work().catch((err: unknown) => {
        log.error({ err }, "the worker could not look for what is due");
        return AFTER_ERROR_MS;
      });
      if (!wake.signal.aborted) await clock.sleep(pauseMs, wake.signal);
    }
  }
  const ended = poll();

  function notify(): void {
    // With a reason of our own no error with a stack trace is made, and nobody looks at it.
    wake.abort("notified");
  }

  async function end(): Promise<void> {
    ending = true;
    notify();
    await ended;
  }

  return { notify, end };
}
