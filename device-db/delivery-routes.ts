import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { parse } from "../plumbing/parse.ts";
import {
  deliveryListSchema,
  operatorMoveSchema,
  pauseSchema,
  reconcileSchema,
  resumeSchema,
} from "./delivery-contract.ts";
import type { DeliveryOperations } from "./delivery-operations.ts";
import type { Guard } from "./guard.ts";
import { OPERATOR_MOVES, type OperatorMove } from "./operator-moves.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = { store: Pick<DeviceDbStore, "deliveries">; operations: DeliveryOperations; guard: Guard };

/** Deliveries as people see and settle them. */
export function deliveryRoutes({ store, operations, guard }: Deps): Route[] {
  const reading = (path: string, read: (request: HttpRequest) => unknown): Route => ({
    method: "GET",
    path,
    handle: (request) => {
      guard.requireReader(request);
      return json(read(request));
    },
  });
  const deciding = (path: string, decide: (request: HttpRequest) => Promise<unknown>): Route => ({
    method: "POST",
    path,
    handle: async (request) => {
      guard.requireOperator(request);
      return json(await decide(request));
    },
  });

  async function decideOn(move: OperatorMove, request: HttpRequest): Promise<unknown> {
    const { reason, dryRun } = parse(operatorMoveSchema, await request.json());
    const id = request.params["id"] ?? "";
    if (!dryRun) return operations.operate(id, move, reason);
    if (move !== "resend") throw new HttpError(422, "dryRun: only a resend sends anything.");
    return { wouldSend: operations.wouldSend(id) };
  }

  return [
    reading("/api/deliveries", ({ query }) => {
      return { data: store.deliveries.list(parse(deliveryListSchema, Object.fromEntries(query))) };
    }),
    reading("/api/deliveries/:id", ({ params }) => operations.detail(params["id"] ?? "")),
    reading("/api/lanes", () => ({ data: store.deliveries.lanes.paused() })),
    ...OPERATOR_MOVES.map((move) => deciding(`/api/deliveries/:id/${move}`, (request) => decideOn(move, request))),
    deciding("/api/deliveries/pause", async (request) => {
      const { serial, reason } = parse(pauseSchema, await request.json());
      await operations.pause(serial, reason);
      return { data: store.deliveries.lanes.paused() };
    }),
    deciding("/api/deliveries/resume", async (request) => {
      const { serial } = parse(resumeSchema, (await request.json()) ?? {});
      return { resumed: await operations.resume(serial), data: store.deliveries.lanes.paused() };
    }),
    deciding("/api/deliveries/reconcile", async (request) => {
      return operations.reconcile(parse(reconcileSchema, (await request.json()) ?? {}).dryRun);
    }),
  ];
}
