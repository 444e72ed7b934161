import type { Clock } from "../plumbing/clock.ts";
import { failpoint } from "../plumbing/failpoint.ts";
import type { Log } from "../plumbing/log.ts";
import type { Breaker } from "./breaker.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryRow, DeliveryStore } from "./delivery-store.ts";
import type { ErpClient } from "./erp-client.ts";
import { hopOfCall, hopOfResult } from "./flow-hops.ts";
import type { FlowStore } from "./flow-store.ts";
import { evidenceOf, isMisconfiguration, PROOFS, type Proof, prove } from "./outcome.ts";
import { afterCall, type Circumstances, retryAfterMs } from "./retry.ts";
import { type Conclusion, settle } from "./settle.ts";

/** How soon a write is tried again that the store could not take, for instance because the disk is full. */
const STORE_RETRY_MS = 1_000;

/** After these the ERP may be down. */
const FAILURES: readonly Proof[] = ["not-sent", "ambiguous"];

export type AttemptDeps = {
  store: DeliveryStore;
  flow: Pick<FlowStore, "addHop">;
  erp: ErpClient;
  target: ErpTarget;
  clock: Clock;
  log: Log;
};

type Circuit = { breaker: Breaker; closing: AbortSignal };

/** What is done with one delivery: the call to the ERP, or settling an uncertain one, and keeping what came of it. */
export function openAttempts({ store, flow, erp, target, clock, log }: AttemptDeps, { breaker, closing }: Circuit) {
  const keep = keeper({ store, target, clock, log }, closing);
  const circumstancesOf = (row: DeliveryRow) => circumstances(row, target, clock.now());
  const outcomes = Object.fromEntries(PROOFS.map((proof) => [proof, 0])) as Record<Proof, number>;

  /** Sends a claimed delivery. */
  async function deliver(row: DeliveryRow): Promise<void> {
    failpoint("delivery.inflight");
    breaker.began(clock.now());
    flow.addHop(row.flow_id, hopOfCall(row, target.url, clock.now()));
    const result = await erp.send(row);
    failpoint("delivery.answered");
    const proof = prove(result, row);
    flow.addHop(row.flow_id, hopOfResult(result, { ok: proof === "delivered", at: clock.now() }));
    const askedMs = result.kind === "answer" ? retryAfterMs(result.retryAfter, clock.now()) : undefined;
    const next = afterCall(proof, { ...circumstancesOf(row), retryAfterMs: askedMs });
    tellBreaker(proof, proof === "throttled" ? next.waitMs : 0);
    outcomes[proof] += 1;
    const evidence = evidenceOf(result);
    if (isMisconfiguration(result)) log.error({ evidence }, "the ERP's certificate is not accepted");
    await keep(row, { ...next, evidence });
  }

  /** Sends a delivery that only the ERP's count could settle, so that is taken down before. */
  async function deliverCounted(row: DeliveryRow): Promise<void> {
    breaker.began(clock.now());
    const baseline = row.status === "checkin" ? await erp.countCheckIns(row.serial) : null;
    if (baseline !== undefined) {
      const claimed = closing.aborted ? [] : await store.claim([{ id: row.id, baseline }], clock.now());
      for (const ours of claimed) await deliver(ours);
      return;
    }
    breaker.failed(clock.now());
    const next = afterCall("not-sent", circumstancesOf(row));
    await keep(row, { ...next, evidence: "not sent: the ERP could not tell its count of check-ins" });
  }

  async function settleUncertain(row: DeliveryRow): Promise<void> {
    await keep(row, await settle(row, circumstancesOf(row), { erp, by: target.settle }));
  }

  function tellBreaker(proof: Proof, restMs: number): void {
    if (FAILURES.includes(proof)) return breaker.failed(clock.now());
    breaker.succeeded();
    breaker.rest(clock.now(), restMs);
  }

  return { deliver, deliverCounted, settleUncertain, outcomes };
}

function circumstances(
  { attempts, absences, waiting_since: since }: DeliveryRow,
  target: ErpTarget,
  now: number,
): Circumstances {
  const { quiesceMs, settle: by } = target;
  // With a key it is sent again although an earlier answer was not seen; otherwise only what was certainly not executed.
  const isDoubtful = by === "key" && attempts > 1;
  return { attempts, absences, isDoubtful, ageMs: now - since, quiesceMs, random: Math.random() };
}

function keeper(
  { store, target, clock, log }: Pick<AttemptDeps, "store" | "target" | "clock" | "log">,
  closing: AbortSignal,
) {
  /** What is known about a call must not be forgotten: this ends when the store has taken it, or with the worker. */
  return async function keep(row: DeliveryRow, next: Conclusion): Promise<void> {
    const { waitMs, pausesLane, ...change } = next;
    const now = clock.now();
    let isMoved: boolean;
    try {
      // Forgotten in a crash, an answer is found again without a person, if something other than a person may settle.
      const canWait = change.state === "delivered" && target.settle !== "operator";
      const pauses = pausesLane ? next.evidence : undefined;
      isMoved = await store.move(row, { ...change, dueAt: now + waitMs }, { now, canWait, pauses });
    } catch (err) {
      if (closing.aborted) throw err;
      log.error({ err, eventId: row.id }, "delivery state not kept, trying again");
      await clock.sleep(STORE_RETRY_MS, closing);
      return keep(row, next);
    }
    if (isMoved) tell(log, row, next);
  };
}

function tell(log: Log, { id: eventId, serial, attempts }: DeliveryRow, conclusion: Conclusion): void {
  const { state, evidence, pausesLane } = conclusion;
  const level = state === "delivered" ? "info" : state === "pending" || state === "uncertain" ? "warn" : "error";
  if (pausesLane) log.error({ eventId, serial, evidence }, "lane paused: the ERP does not let us in");
  else log[level]({ eventId, serial, evidence, attempts }, `delivery ${state}`);
}
