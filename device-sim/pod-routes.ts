import type { Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Guard } from "./guard.ts";
import { HANDS, type HandName } from "./hand-contract.ts";
import { layHand } from "./hands.ts";
import type { PodStreams } from "./pod-streams.ts";
import type { Pods } from "./pods.ts";
import type { SimulatedPod } from "./simulated-pod.ts";

type Deps = { pods: Pods; streams: PodStreams; guard: Guard };

/** The simulated pods, as people and programs see and handle them. */
export function podRoutes({ pods, streams, guard }: Deps): Route[] {
  const hand = (name: HandName): Route => ({
    method: "POST",
    path: `/api/pods/:serial/${name}`,
    async handle(request) {
      guard.requireOperator(request);
      return json(await layHand(podIn(pods, request), name, await request.json()));
    },
  });
  const reading = (path: string, handle: Route["handle"]): Route => ({
    method: "GET",
    path,
    handle: (request) => {
      guard.requireReader(request);
      return handle(request);
    },
  });
  return [
    reading("/api/pods", () => json({ data: pods.all().map((pod) => pod.view()) })),
    reading("/api/pods/:serial", (request) => json(podIn(pods, request).view())),
    reading("/api/pods/:serial/live", (request) => {
      streams.open(request.raw.res, podIn(pods, request).serial);
      return undefined;
    }),
    ...(Object.keys(HANDS) as HandName[]).map(hand),
  ];
}

/** @throws {HttpError} 404 */
export function podIn(pods: Pods, { params }: HttpRequest): SimulatedPod {
  const serial = params["serial"] ?? "";
  const pod = pods.find(serial);
  if (!pod) throw new HttpError(404, `No pod "${serial}" is simulated here.`);
  return pod;
}
