import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import { DELIVERY_STATES } from "./contract.ts";
import type { Guard } from "./guard.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = { store: Pick<DeviceDbStore, "deliveries">; guard: Guard };

/** Deliveries as people see and settle them. */
export function deliveryRoutes({ store, guard }: Deps): Route[] {
  return [
    {
      method: "GET",
      path: "/api/deliveries",
      handle: (request) => {
        guard.requireReader(request);
        return json({ data: store.deliveries.list({ state: stateIn(request.query) }) });
      },
    },
  ];
}

function stateIn(query: URLSearchParams) {
  const wanted = query.get("state");
  const state = DELIVERY_STATES.find((known) => known === wanted);
  if (wanted !== null && !state) throw new HttpError(422, `"state" must be one of ${DELIVERY_STATES.join(", ")}.`);
  return state;
}
