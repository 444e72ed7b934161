import type { Route } from "../plumbing/http.ts";
import { HttpError, page, problem, type Reply, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Guard } from "./guard.ts";
import { HANDS, type HandName } from "./hand-contract.ts";
import { layHand } from "./hands.ts";
import { type PageAssets, readPageAssets } from "./page-assets.ts";
import { errorPage, type Frame, type Notice } from "./page-layout.ts";
import { wordsIn } from "./pod-forms.ts";
import { podList } from "./pod-list.ts";
import { podContent, podPage } from "./pod-page.ts";
import { podIn } from "./pod-routes.ts";
import type { PodStreams } from "./pod-streams.ts";
import type { Shown } from "./pod-words.ts";
import type { Pods } from "./pods.ts";
import type { SimulatedPod } from "./simulated-pod.ts";

/** `timeZone` is what forms propose. */
type Deps = { pods: Pods; streams: PodStreams; guard: Guard; timeZone: string };

/** What is for programs: there errors are for programs too. */
const NO_PAGE = /^\/(api|assets|metrics|livez|readyz)(\/|$)/;

const DONE: Record<HandName | "well", string> = {
  press: "Pressed.",
  checkin: "Checked in.",
  checkout: "Checked out.",
  schedule: "The window is set.",
  drain: "Drained: there is nothing left in it.",
  refill: "A full capsule is in its slot.",
  remove: "The slot is without a capsule.",
  intensity: "The dial is turned.",
  fault: "The pod does so from now on.",
  well: "All faults are off: the pod behaves well again.",
};

/** The pods as people see and handle them, and how errors are told to browsers. */
export function openPages(deps: Deps) {
  const assets = readPageAssets();
  const { pods, guard } = deps;
  const frameFor = (notice?: Notice, typed?: URLSearchParams): Frame => {
    return { assets, pageToken: guard.pageToken, hasList: pods.all().length > 1, notice, typed };
  };
  const forms = (Object.keys(HANDS) as HandName[]).map((name) => formRoute(name, { ...deps, frameFor }));
  return {
    routes: [...lookRoutes({ ...deps, frameFor }), ...forms, ...assets.routes],
    errorReply: (error: HttpError, request: HttpRequest) => errorReply(assets, error, request),
  };
}

type Edge = Deps & { frameFor: (notice?: Notice, typed?: URLSearchParams) => Frame };

function lookRoutes({ pods, streams, guard, timeZone, frameFor }: Edge): Route[] {
  const look = (path: string, handle: Route["handle"]): Route => ({
    method: "GET",
    path,
    handle(request) {
      guard.requireReader(request);
      return handle(request);
    },
  });
  return [
    look("/", ({ query }) => {
      const [first, ...others] = pods.all();
      if (first && others.length === 0) return seeOther(`/pods/${first.serial}`);
      return page(podList(frameFor(), pods.all().map(shown), query.get("q")?.trim() ?? ""));
    }),
    look("/pods/:serial", (request) => {
      const frame = frameFor(noticeOf(request.query.get("done")));
      return page(podPage(frame, shown(podIn(pods, request)), timeZone));
    }),
    look("/pods/:serial/live", (request) => {
      const pod = podIn(pods, request);
      const content = () => podContent(frameFor(), shown(pod), timeZone).markup;
      streams.open(request.raw.res, pod.serial, () => ({ event: "page", data: content() }));
      return undefined;
    }),
  ];
}

function formRoute(name: HandName, { pods, guard, timeZone, frameFor }: Edge): Route {
  return {
    method: "POST",
    path: `/pods/:serial/${name}`,
    async handle(request) {
      const fields = await request.form();
      const pod = podIn(pods, request);
      try {
        guard.requireOperator(request, fields.get("token") ?? undefined);
        await layHand(pod, name, bodyOf(name, fields));
        const isOver = name === "fault" && wordsIn(fields).length === 0;
        return seeOther(`/pods/${pod.serial}?done=${isOver ? "well" : name}`);
      } catch (error) {
        if (!(error instanceof HttpError) || error.status === 401) throw error;
        const frame = frameFor({ tone: "bad", text: error.message }, fields);
        return page(podPage(frame, shown(pod), timeZone), error.status);
      }
    },
  };
}

function shown(pod: SimulatedPod): Shown {
  return { ...pod.view(), refused: pod.refused() };
}

/** What a button has led to, by the word in the address. */
function noticeOf(done: string | null): Notice | undefined {
  return done !== null && Object.hasOwn(DONE, done)
    ? { tone: "good", text: DONE[done as keyof typeof DONE] }
    : undefined;
}

/** What is left empty was not meant. */
function bodyOf(name: HandName, fields: URLSearchParams): unknown {
  if (name === "fault") return { faults: wordsIn(fields), seed: fields.get("seed") || undefined };
  return Object.fromEntries([...fields].filter(([field, value]) => field !== "token" && value !== ""));
}

function errorReply(assets: PageAssets, error: HttpError, request: HttpRequest): Reply {
  const wantsPage = request.header("accept")?.includes("text/html") && !NO_PAGE.test(request.url);
  return wantsPage ? page(errorPage(assets, error), error.status, error.headers) : problem(error);
}
