import { randomBytes, randomUUIDv7 } from "node:crypto";
import type { Device } from "../device-db/contract.ts";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json, page, type Reply, seeOther } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { readAssets } from "./assets.ts";
import type { GuestView } from "./contract.ts";
import type { GuestCookies } from "./guest-cookie.ts";
import { answeredPage, badLinkPage, noteOf, notReadyPage, questionPage } from "./guest-page.ts";
import type { ResolveLink } from "./launch.ts";
import { readAnswer } from "./question.ts";
import type { BotStore } from "./store.ts";
import type { Tokens } from "./token.ts";
import type { Turns } from "./turns.ts";

type Deps = {
  assets: ReturnType<typeof readAssets>;
  store: BotStore;
  tokens: Tokens;
  turns: Turns;
  cookies: GuestCookies;
  resolve: ResolveLink;
  podState: (serial: string) => GuestView["pod"];
};

/** A request with a good link, and the device that the link is for. */
type Visit = { request: HttpRequest; link: string; device: Device };

/** What a guest reaches with a launch link. Opening it changes nothing: link previews open it too. */
export function guestRoutes(deps: Deps): Route[] {
  const { assets } = deps;

  /** People get a page, the same for every link that is not good. */
  const forPeople = (handle: (visit: Visit) => Reply | Promise<Reply>): Handler =>
    visiting(deps.resolve, handle, {
      bad: () => page(badLinkPage(assets), 404),
      tooEarly: () => page(notReadyPage(assets), 503, { "retry-after": "5" }),
    });

  const showPage = (visit: Visit): Reply => {
    const view = viewOf(deps, visit);
    const asks = view.state !== "ended" || visit.request.query.has("again");
    const frame = { room: visit.device.room, link: visit.link, assets };
    return page(asks ? questionPage(frame) : answeredPage(frame, view));
  };

  return [
    ...assets.routes,
    { method: "GET", path: "/r/:link", handle: forPeople(showPage) },
    { method: "POST", path: "/r/:link/answer", handle: forPeople((visit) => takeForm(deps, visit)) },
    { method: "POST", path: "/r/:link/token", handle: forPrograms(deps, (visit) => giveToken(deps, visit)) },
    { method: "GET", path: "/r/:link/session", handle: forPrograms(deps, (visit) => tellSession(deps, visit)) },
  ];
}

function visiting(
  resolve: ResolveLink,
  handle: (visit: Visit) => Reply | Promise<Reply>,
  otherwise: { bad: () => Reply; tooEarly: () => Reply },
): Handler {
  return (request) => {
    const { link = "" } = request.params;
    const device = resolve(link);
    if (device === "bad") return otherwise.bad();
    if (device === "unknown yet") return otherwise.tooEarly();
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

async function giveToken({ tokens, cookies }: Deps, { request, link, device }: Visit): Promise<Reply> {
  const conversationId = randomUUIDv7();
  const answer = await tokens.grant({ conversationId, userId: newGuestId(), serial: device.serial });
  return json(answer, 200, cookies.header(request, link, conversationId));
}

/** The same session as with a script, by a plain form. */
async function takeForm({ turns, cookies }: Deps, { request, link, device }: Visit): Promise<Reply> {
  const choice = readAnswer((await request.form()).get("choice") ?? undefined);
  if (!choice) return seeOther(`/r/${link}?again`);
  const id = randomUUIDv7();
  await turns.begin({ id, serial: device.serial, userId: newGuestId(), locale: "en" });
  await turns.receive(id, { type: "message", text: choice });
  return seeOther(`/r/${link}`, cookies.header(request, link, id));
}

function tellSession(deps: Deps, visit: Visit): Reply {
  const view = viewOf(deps, visit);
  return json({ ...view, note: noteOf(view) });
}

function viewOf({ store, cookies, podState }: Deps, { request, link, device }: Visit): GuestView {
  const session = store.sessions.find(cookies.sessionId(request, link) ?? "");
  const pod = podState(device.serial);
  if (!session) return { state: "none", scent: null, command: null, pod };
  const { state, reason } = store.sessions.commandOf(session.id) ?? {};
  const command = state ? { state, reason: reason ?? null } : null;
  return { state: session.state, scent: session.scent, command, pod };
}

/** Direct Line's clients want ids of guests to begin like this. */
function newGuestId(): string {
  return `dl_${randomBytes(12).toString("base64url")}`;
}
