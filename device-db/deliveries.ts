import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryState } from "./contract.ts";
import type { DeliveryRow, DeliveryStore } from "./delivery-store.ts";
import type { ErpClient } from "./erp-client.ts";
import { type CallResult, evidenceOf, type Proof, prove } from "./outcome.ts";
import { backoffMs, isTooOld } from "./retry.ts";

/** A waiting row is seen after this long even if nobody notified; whatever clocks do, none waits for ever. */
const IDLE_POLL_MS = 250;
/** Two look-ups, a quiesce time apart, must both find nothing before a call counts as not executed. */
const ABSENCES_NEEDED = 2;

type Deps = { store: DeliveryStore; erp: ErpClient; target: ErpTarget; clock: Clock; log: Log };

/**
 * The delivery worker: sends each open delivery to the ERP, one at a time per device, in order. `inflight` is on disk
 * before the request leaves; a call whose answer was not seen is `uncertain` and is never sent again without evidence.
 */
export async function startDeliveries({ store, erp, target, clock, log }: Deps) {
  const running = new Set<Promise<void>>();
  const closing = new AbortController();
  let wake: AbortController | undefined;
  let notified = false;
  let nextSendAt = 0;

  const recovered = await store.recover(clock.now() + target.quiesceMs);
  if (recovered > 0) log.warn({ deliveries: recovered }, "calls were under way when the process ended");

  function notify(): void {
    notified = true;
    wake?.abort();
  }

  async function loop(): Promise<void> {
    while (!closing.signal.aborted) {
      notified = false;
      await sendDue();
      settleDue();
      if (!notified) await idle();
    }
  }

  async function idle(): Promise<void> {
    wake = new AbortController();
    await clock.sleep(IDLE_POLL_MS, AbortSignal.any([wake.signal, closing.signal]));
    wake = undefined;
  }

  async function sendDue(): Promise<void> {
    const now = clock.now();
    const free = Math.min(target.concurrency - running.size, sendsAllowed(now));
    const due = free > 0 ? store.due("pending", now, free) : [];
    if (due.length === 0) return;
    for (const row of await store.claim(due, now)) {
      if (target.rate) nextSendAt = Math.max(nextSendAt, now) + 1_000 / target.rate;
      track(row, deliver(row));
    }
  }

  function sendsAllowed(now: number): number {
    if (!target.rate) return target.concurrency;
    return nextSendAt <= now ? 1 : 0;
  }

  function settleDue(): void {
    const busy = new Set(settling);
    for (const row of store.due("uncertain", clock.now(), target.concurrency)) {
      if (busy.has(row.id)) continue;
      settling.add(row.id);
      track(
        row,
        settle(row).finally(() => settling.delete(row.id)),
      );
    }
  }
  const settling = new Set<string>();

  function track(row: DeliveryRow, work: Promise<void>): void {
    const done = work
      .catch((err: unknown) => log.error({ err, eventId: row.id }, "delivery failed unexpectedly"))
      .finally(() => {
        running.delete(done);
        notify();
      });
    running.add(done);
  }

  async function deliver(row: DeliveryRow): Promise<void> {
    const { id, serial, status, scent, start_time: startTime, end_time: endTime } = row;
    const result = await erp.send({ id, serial, status, scent, startTime, endTime });
    await moveBy(row, prove(result, row), result);
  }

  async function moveBy(row: DeliveryRow, proof: Proof, result: CallResult): Promise<void> {
    const now = clock.now();
    const { state, waitMs } = next(proof, row, now);
    const evidence = evidenceOf(result);
    await store.move(row, "inflight", { state, dueAt: now + waitMs, evidence }, now);
    const level = state === "delivered" ? "info" : state === "pending" || state === "uncertain" ? "warn" : "error";
    log[level]({ eventId: row.id, serial: row.serial, evidence, attempts: row.attempts + 1 }, `delivery ${state}`);
  }

  function next(proof: Proof, row: DeliveryRow, now: number): { state: DeliveryState; waitMs: number } {
    switch (proof) {
      case "delivered":
        return { state: "delivered", waitMs: 0 };
      case "not-sent":
        if (isTooOld(now - row.created_at)) return { state: "dead", waitMs: 0 };
        return { state: "pending", waitMs: backoffMs(row.attempts, Math.random()) };
      case "rejected":
        return { state: "dead", waitMs: 0 };
      case "refused":
        return { state: "held", waitMs: 0 };
      case "ambiguous":
        return { state: "uncertain", waitMs: target.quiesceMs };
    }
  }

  async function settle(row: DeliveryRow): Promise<void> {
    const now = clock.now();
    const change = await settlement(row);
    await store.move(row, "uncertain", change, now);
    log.warn({ eventId: row.id, serial: row.serial, evidence: change.evidence }, `uncertain delivery ${change.state}`);
  }

  async function settlement(row: DeliveryRow) {
    const now = clock.now();
    switch (target.settle) {
      case "key":
        return { state: "pending" as const, dueAt: now, evidence: "sent again: the ERP knows the call by its key" };
      case "operator":
        return { state: "held" as const, dueAt: now, evidence: `waits for the operator after: ${row.evidence ?? ""}` };
      case "ref":
        return settleByRef(row, now);
    }
  }

  async function settleByRef(row: DeliveryRow, now: number) {
    const usage = await erp.findUsage(row.id);
    const later = now + target.quiesceMs;
    if (usage === undefined)
      return { state: "uncertain" as const, dueAt: later, evidence: "the ERP could not be asked" };
    if (usage !== "absent")
      return { state: "delivered" as const, dueAt: now, evidence: `found in the ERP as usage ${String(usage.id)}` };
    const absences = row.absences + 1;
    if (absences < ABSENCES_NEEDED)
      return { state: "uncertain" as const, dueAt: later, evidence: "not in the ERP so far", absences };
    return { state: "pending" as const, dueAt: now, evidence: "sent again: not in the ERP", absences: 0 };
  }

  const ended = loop();
  return {
    notify,
    async close(): Promise<void> {
      closing.abort();
      await ended;
      await Promise.allSettled(running);
    },
  };
}
