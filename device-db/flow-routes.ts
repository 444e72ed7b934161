import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { Guard } from "./guard.ts";
import { viewSession } from "./session-view.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = { store: DeviceDbStore; guard: Guard };

/** What sessions went through. */
export function flowRoutes({ store, guard }: Deps): Route[] {
  return [
    {
      method: "GET",
      path: "/api/sessions/:id",
      handle: (request) => {
        guard.requireReader(request);
        const session = viewSession(store, request.params["id"] ?? "");
        if (!session) throw new HttpError(404, "No session has this id.");
        return json(session);
      },
    },
  ];
}
