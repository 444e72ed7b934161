import type { Clock } from "../plumbing/clock.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { Log } from "../plumbing/log.ts";
import type { ErpTarget } from "./config.ts";
import type { DeliveryDetail, DeliveryState } from "./contract.ts";
import type { Deliveries } from "./deliveries.ts";
import type { Reconciliation } from "./delivery-contract.ts";
import type { Operated } from "./delivery-store.ts";
import type { ErpClient } from "./erp-client.ts";
import { requestOf } from "./erp-request.ts";
import { ALL_LANES } from "./lane-store.ts";
import { type OperatorMove, stateAfter } from "./operator-moves.ts";
import { reconcile } from "./reconcile.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = {
  store: Pick<DeviceDbStore, "deliveries" | "registry">;
  deliveries: Pick<Deliveries, "notify">;
  erp: ErpClient;
  target: ErpTarget;
  clock: Clock;
  log: Log;
};

export type DeliveryOperations = ReturnType<typeof createDeliveryOperations>;

const DONE: Record<OperatorMove, string> = {
  resend: "sent again",
  discard: "discarded",
  "mark-delivered": "marked as delivered",
};

/** What people do with deliveries, whether they come by the API or by the console. */
export function createDeliveryOperations({ store, deliveries, erp, target, clock, log }: Deps) {
  let isComparing = false;

  /** @throws {HttpError} 404 for an unknown delivery */
  function detail(id: string): DeliveryDetail {
    return store.deliveries.detail(id) ?? notFound(id);
  }

  /** @throws {HttpError} 404 for an unknown delivery, 409 for a move that its state does not allow */
  async function operate(id: string, move: OperatorMove, reason: string): Promise<DeliveryDetail> {
    const operated = await store.deliveries.operate(id, { move, reason, now: clock.now() });
    if (operated.kind === "unknown") notFound(id);
    if (operated.kind !== "moved") refuse(move, operated);
    log.warn({ eventId: id, move, reason }, "operator decided about a delivery");
    deliveries.notify();
    return detail(id);
  }

  /** The request that a resend would make. Throws as `operate` does. */
  function wouldSend(id: string): string {
    const row = store.deliveries.find(id) ?? notFound(id);
    if (stateAfter("resend", row.state) === undefined) notAllowed("resend", row.state);
    const by = store.deliveries.overtakenBy(row);
    if (by !== undefined) overtaken(by);
    return `GET ${target.url}${requestOf(row).path}`;
  }

  /** @throws {HttpError} 409 while another comparison is under way */
  async function reconcileAll(dryRun: boolean): Promise<Reconciliation> {
    if (isComparing) throw new HttpError(409, "Both sides are being compared already: wait for that.");
    isComparing = true;
    try {
      const serials = store.registry.list().map(({ serial }) => serial);
      return await reconcile({ store: store.deliveries, erp, target, clock }, serials, dryRun);
    } finally {
      isComparing = false;
      deliveries.notify();
    }
  }

  return { detail, operate, wouldSend, reconcile: reconcileAll, ...laneOperations({ store, deliveries, clock, log }) };
}

function laneOperations({ store, deliveries, clock, log }: Pick<Deps, "store" | "deliveries" | "clock" | "log">) {
  /** @throws {HttpError} 404 for an unknown device */
  async function pause(serial: string, reason: string): Promise<void> {
    requireLane(serial);
    await store.deliveries.lanes.pause(serial, reason, clock.now());
    log.warn({ serial, reason }, "operator paused deliveries");
  }

  /**
   * Resolves with how many pauses ended.
   *
   * @throws {HttpError} 404 for an unknown device
   */
  async function resume(serial: string): Promise<number> {
    requireLane(serial);
    const ended = await store.deliveries.lanes.resume(serial);
    log.warn({ serial, ended }, "operator resumed deliveries");
    deliveries.notify();
    return ended;
  }

  function requireLane(serial: string): void {
    if (serial === ALL_LANES || store.registry.find(serial)) return;
    throw new HttpError(404, `No device "${serial}" is registered.`);
  }

  return { pause, resume };
}

function notFound(id: string): never {
  throw new HttpError(404, `There is no delivery "${id}".`);
}

function refuse(move: OperatorMove, why: Extract<Operated, { kind: "refused" | "overtaken" }>): never {
  if (why.kind === "overtaken") overtaken(why.by);
  notAllowed(move, why.state);
}

function overtaken(by: string): never {
  throw new HttpError(409, `Of the same device a later delivery was sent, "${by}": settle that one first.`);
}

function notAllowed(move: OperatorMove, state: DeliveryState): never {
  throw new HttpError(409, `A delivery that is ${state} cannot be ${DONE[move]}.`);
}
