import { randomUUIDv7 } from "node:crypto";
import type { Device } from "../device-db/contract.ts";
import { SCENTS, type Scent } from "../device-sim/contract.ts";
import { clientAddress } from "../plumbing/caller.ts";
import type { Html } from "../plumbing/html.ts";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json, page, type Reply, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Assets } from "./assets.ts";
import type { BeginLimits } from "./begin-limits.ts";
import type { GuestView } from "./contract.ts";
import type { GuestCookies } from "./guest-cookie.ts";
import { guestLanguage, languageCookie } from "./guest-language.ts";
import type { Frame } from "./guest-layout.ts";
import { noteOf } from "./guest-note.ts";
import { answeredPage, badLinkPage, closedPage, notReadyPage, questionPage, tooManyPage } from "./guest-page.ts";
import type { ResolveLink } from "./launch.ts";
import type { Origins } from "./origins.ts";
import { choicesIn } from "./question.ts";
import { isOver } from "./session.ts";
import type { BotStore } from "./store.ts";
import type { Tokens } from "./token.ts";
import type { Turns } from "./turns.ts";

type Deps = {
  assets: Assets;
  store: BotStore;
  tokens: Tokens;
  turns: Turns;
  cookies: GuestCookies;
  origins: Origins;
  limits: BeginLimits;
  resolve: ResolveLink;
  pod: { state: (serial: string) => GuestView["pod"]; diffusing: (serial: string) => string | null };
  behindProxy: boolean;
};

/** A request with a good link, and the device that the link is for. */
type Visit = { request: HttpRequest; link: string; device: Device };

/** What a guest reaches with a launch link. Opening it changes nothing: link previews open it too. */
export function guestRoutes(deps: Deps): Route[] {
  const { assets, origins } = deps;

  /** People get a page, the same for every link that is not good. */
  const forPeople = (handle: (visit: Visit) => Reply | Promise<Reply>): Handler =>
    visiting(deps.resolve, handle, {
      bad: (request) => badLinkReply(assets, request),
      tooEarly: (request) => {
        const frame = frameOf(assets, request);
        return guestPage(frame, notReadyPage(frame, request.params["link"] ?? ""), {
          status: 503,
          headers: { "retry-after": "5" },
        });
      },
    });

  return [
    ...assets.routes,
    // What looks a link up before it shows it asks for the headers first.
    { method: "HEAD", path: "/r/:link", handle: forPeople((visit) => showPage(deps, visit)) },
    { method: "GET", path: "/r/:link", handle: forPeople((visit) => showPage(deps, visit)) },
    // Where a phone looks that opens its tabs anew.
    { method: "GET", path: "/r/:link/answer", handle: forPeople(({ link }) => seeOther(`/r/${link}`)) },
    { method: "POST", path: "/r/:link/answer", handle: forPeople((visit) => takeForm(deps, visit)) },
    {
      method: "POST",
      path: "/r/:link/token",
      handle: origins.shared(forPrograms(deps, (visit) => giveToken(deps, visit))),
    },
    { method: "OPTIONS", path: "/r/:link/token", handle: origins.preflight },
    { method: "GET", path: "/r/:link/session", handle: forPrograms(deps, (visit) => tellSession(deps, visit)) },
  ];
}

/** For people; no word about what is wrong with the link. */
export function badLinkReply(assets: Assets, request: HttpRequest): Reply {
  const frame = frameOf(assets, request);
  return guestPage(frame, badLinkPage(frame), { status: 404 });
}

function visiting(
  resolve: ResolveLink,
  handle: (visit: Visit) => Reply | Promise<Reply>,
  otherwise: { bad: (request: HttpRequest) => Reply; tooEarly: (request: HttpRequest) => Reply },
): Handler {
  return (request) => {
    const { link = "" } = request.params;
    const device = resolve(link);
    if (device === "bad") return otherwise.bad(request);
    if (device === "unknown yet") return otherwise.tooEarly(request);
    return handle({ request, link, device });
  };
}

function forPrograms({ resolve }: Deps, handle: (visit: Visit) => Reply | Promise<Reply>): Handler {
  return visiting(resolve, handle, {
    bad: () => {
      throw new HttpError(404, "This launch link is not valid.");
    },
    tooEarly: () => {
      throw new HttpError(503, "The list of devices has not arrived yet.", { "retry-after": "5" });
    },
  });
}

function frameOf(assets: Assets, request: HttpRequest): Frame {
  return { assets, language: guestLanguage(request) };
}

function guestPage({ language }: Frame, content: Html, { status = 200, headers = {} }: Partial<Reply> = {}): Reply {
  return page(content, status, { "content-language": language, vary: "accept-language, cookie", ...headers });
}

/** The page as the browser's session stands. A browser without one is told which it would be; nothing begins yet. */
function showPage(deps: Deps, visit: Visit): Reply {
  const { request, link, device } = visit;
  const { cookies } = deps;
  const id = cookies.sessionId(request, link);
  const isPast = id !== undefined && isOver(deps.store.sessions.find(id));
  if (request.query.has("lang")) return seeOther(`/r/${link}`, languageCookie(request.query.get("lang")));
  if (request.query.has("again"))
    return seeOther(`/r/${link}`, isPast ? cookies.header(request, link, randomUUIDv7()) : {});
  const frame = { ...frameOf(deps.assets, request), room: device.room, link };
  const view = viewOf(deps, visit);
  if (view.state === "abandoned") return guestPage(frame, closedPage(frame));
  if (isPast) return guestPage(frame, answeredPage(frame, view));
  return guestPage(frame, questionPage(frame), { headers: id ? {} : cookies.header(request, link, randomUUIDv7()) });
}

/** The browser's conversation, as long as that takes anything; otherwise a new one. */
async function giveToken(deps: Deps, visit: Visit): Promise<Reply> {
  const { request, link, device } = visit;
  const { cookies, store, tokens } = deps;
  const known = cookies.sessionId(request, link);
  const session = known === undefined ? undefined : store.sessions.find(known);
  const conversationId = known === undefined || isOver(session) ? randomUUIDv7() : known;
  const wait = session && !isOver(session) ? 0 : secondsToWait(deps, visit);
  if (wait > 0) {
    throw new HttpError(429, "Too many sessions begin at this moment.", { "retry-after": String(wait) });
  }
  const { serial, keyVersion } = device;
  const claims = { conversationId, userId: cookies.userId(conversationId), serial, keyVersion };
  return json(await tokens.grant(claims), 200, cookies.header(request, link, conversationId));
}

/** The same session as with a script, by a plain form. One that is over stays as it is, and the page shows how. */
async function takeForm(deps: Deps, visit: Visit): Promise<Reply> {
  const { request, link } = visit;
  const { cookies, store } = deps;
  const choice = readChoice((await request.form()).get("choice"));
  const id = cookies.sessionId(request, link) ?? randomUUIDv7();
  const session = store.sessions.find(id);
  if (!choice || isOver(session)) return seeOther(`/r/${link}`);
  const wait = session ? 0 : secondsToWait(deps, visit);
  if (wait > 0) {
    const frame = { ...frameOf(deps.assets, request), room: visit.device.room, link };
    return guestPage(frame, tooManyPage(frame, choice, wait), {
      status: 429,
      headers: { "retry-after": String(wait) },
    });
  }
  await answer(deps, visit, { id, choice });
  return seeOther(`/r/${link}`, cookies.header(request, link, id));
}

async function answer({ cookies, turns }: Deps, { request, device }: Visit, said: { id: string; choice: Scent }) {
  const { id, choice } = said;
  const locale = guestLanguage(request);
  const text = choicesIn(locale).find(({ scent }) => scent === choice)?.name ?? choice;
  await turns.begin({ id, serial: device.serial, userId: cookies.userId(id), locale });
  await turns.receive(id, { type: "message", text, value: { choice }, locale });
}

function tellSession(deps: Deps, visit: Visit): Reply {
  const view = viewOf(deps, visit);
  return json({ ...view, note: noteOf(guestLanguage(visit.request), view) });
}

function viewOf({ store, cookies, pod }: Deps, { request, link, device: { serial } }: Visit): GuestView {
  const now = { pod: pod.state(serial), diffusing: pod.diffusing(serial) };
  const session = store.sessions.find(cookies.sessionId(request, link) ?? "");
  if (!session) return { state: "none", scent: null, command: null, ...now };
  const { state, reason } = store.sessions.commandOf(session.id) ?? {};
  const command = state ? { state, reason: reason ?? null } : null;
  return { state: session.state, scent: session.scent, command, ...now };
}

function secondsToWait({ limits, behindProxy }: Deps, { request, device }: Visit): number {
  return limits.secondsToWait(device.serial, clientAddress(request, behindProxy));
}

function readChoice(value: string | null): Scent | undefined {
  return SCENTS.find((scent) => scent === value);
}
