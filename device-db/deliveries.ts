import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import { type AttemptDeps, openAttempts } from "./attempt.ts";
import { createCalls } from "./calls.ts";
import type { DeliveryRow } from "./delivery-store.ts";
import { LONGEST_BACKOFF_MS } from "./retry.ts";

/** What is due is seen after this long even if nobody notified. */
const IDLE_POLL_MS = 250;
const AFTER_ERROR_MS = 1_000;

export type Deliveries = Awaited<ReturnType<typeof startDeliveries>>;

/**
 * The delivery worker: sends each open delivery to the ERP, one at a time per device, in order. `inflight` is on disk
 * before the request leaves; a call whose answer was not seen is `uncertain` and is never sent again without evidence.
 */
export async function startDeliveries(deps: AttemptDeps) {
  const { store, target, clock } = deps;
  const closing = new AbortController();
  const { deliver, settleUncertain } = openAttempts(deps, closing.signal);
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
    const due = allowed > 0 ? store.due(now, target.concurrency).filter(({ id }) => !calls.isUnderWay(id)) : [];
    const { pending = [], uncertain = [] } = Object.groupBy(due.slice(0, allowed), ({ state }) => state);
    for (const row of uncertain) calls.begin(row, settleUncertain);
    if (pending.length > 0) await calls.beginClaimed(pending, () => store.claim(pending, now), deliver);
    return calls.waitMs(now) || IDLE_POLL_MS;
  }

  const polling = startPolling(startDue, deps);

  /** Calls under way are waited for; what is not settled then is settled after the next start. */
  async function close(): Promise<void> {
    closing.abort();
    await polling.end();
    await calls.allDone();
  }

  return {
    notify: polling.notify,
    reserve: (id: string) => !closing.signal.aborted && calls.reserve(id),
    release: calls.release,
    /** Sends a delivery that was claimed with a place that `reserve` gave. */
    send: (row: DeliveryRow) => calls.begin(row, deliver),
    close,
  };
}

/** After a crash nobody knows whether the calls under way were executed. */
async function recover({ store, target, clock, log }: AttemptDeps, longestWaitMs: number): Promise<void> {
  const now = clock.now();
  const shortened = store.shortenWaits(now + longestWaitMs);
  const uncertain = await store.recover(now + target.quiesceMs);
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
