import { comesFromOwnPage } from "../plumbing/caller.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, type Reply, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import { hashSecret, sameSecret } from "../plumbing/secret.ts";
import { readForm } from "./form-body.ts";
import type { KeyStore } from "./key-store.ts";
import { type Action, mayDo, type Principal, type Subject } from "./permissions.ts";
import type { Sessions } from "./sessions.ts";

/**
 * Who may use a route. `anyone` needs nothing, `caller` is one that the allow-list lets in; all others need to be
 * allowed the action on the subject, as a program with a key or as a person with a page of ours.
 */
export type Access = "anyone" | "caller" | { subject: Subject; action: Action; by: "key" | "page" };

/** What a handler knows of who asks; `form` has the fields of a page's form. */
export type Asked = { request: HttpRequest; who: Principal; form: URLSearchParams };

export type ErpRoute = Pick<Route, "method" | "path"> & {
  access: Access;
  handle: (asked: Asked) => Reply | undefined | Promise<Reply | undefined>;
};

type Deps = { sessions: Sessions; keys: KeyStore; apiKey: string };

const WITHOUT_KEY = "Send an API key of the ERP as Authorization: Bearer.";
const STALE_PAGE = "This page is from another time or place: load it again, then repeat what you wanted.";
const NOBODY: Principal = { name: "nobody", role: "viewer", clientId: null };
const BEARER = "Bearer ";

/** The one place where a route's access is enforced: a handler runs only for who may use it. */
export function guardRoutes(routes: readonly ErpRoute[], deps: Deps): Route[] {
  return routes.map(({ method, path, access, handle }) => ({
    method,
    path,
    handle: async (request) => {
      if (typeof access === "string") return handle({ request, who: NOBODY, form: new URLSearchParams() });
      const { subject, action, by } = access;
      if (by === "key")
        return handle({ request, who: byKey(request, deps, { subject, action }), form: new URLSearchParams() });
      const who = deps.sessions.find(request);
      if (!who) return toSignIn(request);
      requirePermission(who, { subject, action });
      const form = method === "POST" ? await readForm(request) : new URLSearchParams();
      if (method === "POST") requireOwnPage(request, form, deps.sessions);
      return handle({ request, who, form });
    },
  }));
}

type Wanted = { subject: Subject; action: Action };

/** @throws {HttpError} 401 without a good key, 403 when it is not for that */
function byKey(request: HttpRequest, { keys, apiKey }: Deps, wanted: Wanted): Principal {
  const header = request.header("authorization") ?? "";
  const given = header.startsWith(BEARER) ? header.slice(BEARER.length) : "";
  const who = sameSecret(given, apiKey)
    ? { name: "the kit's key", role: "admin" as const, clientId: null }
    : keys.find(hashSecret(given));
  if (!who || given === "") throw new HttpError(401, WITHOUT_KEY, { "www-authenticate": "Bearer" });
  requirePermission(who, wanted);
  return who;
}

function requirePermission(who: Principal, { subject, action }: Wanted): void {
  if (mayDo(who, subject, action)) return;
  const bound = who.clientId === null ? "" : " who is bound to one client";
  const verb = action === "read" ? "see" : "change";
  throw new HttpError(403, `A ${who.role}${bound} may not ${verb} ${subject.replaceAll("-", " ")}.`);
}

/** @throws {HttpError} 403 for a form that no page of ours has, or one from before the last sign-in */
function requireOwnPage(request: HttpRequest, form: URLSearchParams, sessions: Sessions): void {
  if (comesFromOwnPage(request) && sessions.isPageToken(request, form.get("token") ?? "")) return;
  throw new HttpError(403, STALE_PAGE);
}

/** A form cannot be sent again after the sign-in: it leads back to where people begin. */
function toSignIn(request: HttpRequest): Reply {
  const isForm = request.raw.req.method === "POST";
  return seeOther(isForm || request.url === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(request.url)}`);
}
