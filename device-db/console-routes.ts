import type { Html } from "../plumbing/html.ts";
import type { Route } from "../plumbing/http.ts";
import { type HttpError, page, type Reply, text } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { ErpTarget } from "./config.ts";
import { type ConsoleAssets, readConsoleAssets } from "./console-assets.ts";
import { type Actions, consoleForms, noticeOf } from "./console-forms.ts";
import { errorPage, type Frame, type Notice } from "./console-layout.ts";
import { createPages, type PagesDeps } from "./console-pages.ts";
import { signInRoutes, toSignIn } from "./console-sign-in.ts";
import type { Guard } from "./guard.ts";

export type ConsoleDeps = PagesDeps &
  Actions & {
    guard: Guard;
    erp: Pick<ErpTarget, "settle">;
  };

/** What is for programs: there errors are for programs too. */
const NO_PAGE = /^\/(api|assets|metrics|livez|readyz)(\/|$)/;

/** The pages for operators, and how errors are told to browsers. */
export function openConsole(deps: ConsoleDeps) {
  const { guard, store, erp } = deps;
  const assets = readConsoleAssets();
  const pages = createPages(deps);

  function frameFor(request: HttpRequest, notice: Notice | undefined): Frame {
    const counts = store.deliveries.counts();
    const attention = counts.held + counts.dead + (erp.settle === "operator" ? counts.uncertain : 0);
    const isSignedIn = guard.isSignedIn(request);
    return { assets, pageToken: guard.pageToken(request), isSignedIn, attention, notice };
  }

  const show = (path: string, render: (frame: Frame, request: HttpRequest) => Html): Route => ({
    method: "GET",
    path,
    handle: (request) => {
      if (!guard.mayLook(request)) return toSignIn(request.url);
      return page(render(frameFor(request, noticeOf(request.query.get("done"))), request));
    },
  });

  const routes: Route[] = [
    show("/", (frame, { query }) => pages.flow(frame, query)),
    show("/flow/:id", (frame, { params }) => pages.oneFlow(frame, params["id"] ?? "")),
    show("/devices", pages.devices),
    show("/devices/:serial", (frame, { params }) => pages.device(frame, params["serial"] ?? "")),
    show("/deliveries", (frame, { query }) => pages.deliveries(frame, query)),
    show("/deliveries/:id", (frame, { params }) => pages.delivery(frame, params["id"] ?? "")),
    show("/health", pages.health),
    show("/docs", pages.docs),
    {
      method: "GET",
      path: "/docs/asyncapi.json",
      handle: (request) => {
        if (request.header("authorization") === undefined && !guard.mayLook(request)) return toSignIn(request.url);
        guard.requireReader(request);
        return text(pages.asyncApi(), 200, "application/json; charset=utf-8");
      },
    },
    ...consoleForms({ ...deps, pages, frameFor }),
    ...signInRoutes({ guard, assets }),
    ...assets.routes,
  ];

  return { routes, errorReply: (error: HttpError, request: HttpRequest) => errorReply(assets, error, request) };
}

/** An error as a page, for a browser that asked for one; `undefined` for all others. */
function errorReply(assets: ConsoleAssets, error: HttpError, request: HttpRequest): Reply | undefined {
  const wantsPage = request.header("accept")?.includes("text/html") && !NO_PAGE.test(request.url);
  return wantsPage ? page(errorPage(assets, error), error.status, error.headers) : undefined;
}
