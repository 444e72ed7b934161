import type { Clock } from "../plumbing/clock.ts";
import type { Log } from "../plumbing/log.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryRow, DeliveryStore } from "./delivery-store.ts";
import type { ErpClient } from "./erp-client.ts";
import { evidenceOf, prove } from "./outcome.ts";
import { afterCall, type Circumstances } from "./retry.ts";
import { type Conclusion, settle } from "./settle.ts";

/** How soon a write is tried again that the store could not take, for instance because the disk is full. */
const STORE_RETRY_MS = 1_000;

export type AttemptDeps = { store: DeliveryStore; erp: ErpClient; target: ErpTarget; clock: Clock; log: Log };

/** What is done with one delivery: the call to the ERP, or settling an uncertain one, and keeping what came of it. */
export function openAttempts({ store, erp, target, clock, log }: AttemptDeps, closing: AbortSignal) {
  /** Sends a claimed delivery. */
  async function deliver(row: DeliveryRow): Promise<void> {
    const { id, serial, status, scent, start_time: startTime, end_time: endTime } = row;
    const result = await erp.send({ id, serial, status, scent, startTime, endTime });
    const next = afterCall(prove(result, row), circumstancesOf(row));
    await keep(row, { ...next, evidence: evidenceOf(result) });
  }

  async function settleUncertain(row: DeliveryRow): Promise<void> {
    await keep(row, await settle(row, circumstancesOf(row), { erp, by: target.settle }));
  }

  function circumstancesOf({ attempts, absences, created_at: createdAt }: DeliveryRow): Circumstances {
    const { quiesceMs } = target;
    return { attempts, absences, ageMs: clock.now() - createdAt, quiesceMs, random: Math.random() };
  }

  /** What is known about a call must not be forgotten: this ends when the store has taken it, or with the worker. */
  async function keep(row: DeliveryRow, next: Conclusion): Promise<void> {
    const { waitMs, ...change } = next;
    const now = clock.now();
    try {
      // Forgotten in a crash, an answer is found again without a person, if something other than a person may settle.
      const canWait = change.state === "delivered" && target.settle !== "operator";
      await store.move(row, { ...change, dueAt: now + waitMs }, { now, canWait });
    } catch (err) {
      if (closing.aborted) throw err;
      log.error({ err, eventId: row.id }, "delivery state not kept, trying again");
      await clock.sleep(STORE_RETRY_MS, closing);
      return keep(row, next);
    }
    tell(row, next);
  }

  function tell({ id: eventId, serial, attempts }: DeliveryRow, { state, evidence }: Conclusion): void {
    const level = state === "delivered" ? "info" : state === "pending" || state === "uncertain" ? "warn" : "error";
    log[level]({ eventId, serial, evidence, attempts }, `delivery ${state}`);
  }

  return { deliver, settleUncertain };
}
