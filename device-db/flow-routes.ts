import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import { parse } from "../plumbing/parse.ts";
import { flowListSchema, flowStreamSchema } from "./contract.ts";
import type { FlowStreams } from "./flow-streams.ts";
import type { Guard } from "./guard.ts";
import { viewSession } from "./session-view.ts";
import type { DeviceDbStore } from "./store.ts";

type Deps = { store: DeviceDbStore; streams: FlowStreams; guard: Guard };

/** What sessions, commands and events went through. */
export function flowRoutes({ store, streams, guard }: Deps): Route[] {
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
    {
      method: "GET",
      path: "/api/flows",
      handle: (request) => {
        guard.requireReader(request);
        return json({ data: store.flow.list(parse(flowListSchema, Object.fromEntries(request.query))) });
      },
    },
    {
      method: "GET",
      path: "/api/flow",
      handle: (request) => {
        guard.requireReader(request);
        const query = parse(flowStreamSchema, Object.fromEntries(request.query));
        // A browser that lost its connection says where it was.
        const after = lastEventId(request.header("last-event-id")) ?? query.after;
        streams.open(request.raw.res, { ...query, after });
        return undefined;
      },
    },
  ];
}

function lastEventId(header: string | undefined): number | undefined {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : undefined;
}
