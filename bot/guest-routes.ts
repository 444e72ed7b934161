import { createHash, randomBytes, randomUUIDv7 } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Device } from "../device-db/contract.ts";
import type { Route } from "../plumbing/http.ts";
import { HttpError, json, page, type Reply, seeOther, text } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { GuestView, TokenAnswer } from "./contract.ts";
import type { createGuestCookies } from "./guest-cookie.ts";
import { type Assets, answeredPage, badLinkPage, noteOf, notReadyPage, questionPage } from "./guest-page.ts";
import { readAnswer } from "./question.ts";
import type { BotStore } from "./store.ts";
import { TOKEN_LIFE_S, type Tokens } from "./token.ts";
import type { Turns } from "./turns.ts";

/** The device of a genuine link; `"bad"` for any other, `"unknown yet"` while the registry has not arrived. */
export type ResolveLink = (link: string) => Device | "bad" | "unknown yet";

type Deps = {
  store: BotStore;
  tokens: Tokens;
  turns: Turns;
  cookies: ReturnType<typeof createGuestCookies>;
  resolve: ResolveLink;
  podState: (serial: string) => GuestView["pod"];
};

/** What a guest reaches with a launch link. Opening it changes nothing: link previews open it too. */
export function guestRoutes({ store, tokens, turns, cookies, resolve, podState }: Deps): Route[] {
  const { assets, routes: assetRoutes } = readAssets();

  function viewOf(request: HttpRequest, link: string, serial: string): GuestView {
    const session = store.sessions.find(cookies.sessionId(request, link) ?? "");
    const pod = podState(serial);
    if (!session || session.serial !== serial) return { state: "none", scent: null, command: null, pod };
    const command = store.sessions.commandOf(session.id);
    return {
      state: session.state,
      scent: session.scent,
      command: command ? { state: command.state, reason: command.reason } : null,
      pod,
    };
  }

  /** Gives `handle` the device of the link; a page for people answers every link that is not good. */
  function forGuests(handle: (request: HttpRequest, link: string, device: Device) => Reply | Promise<Reply>) {
    return (request: HttpRequest): Reply | Promise<Reply> => {
      const link = request.params["link"] ?? "";
      const device = resolve(link);
      if (device === "bad") return page(badLinkPage(assets), 404);
      if (device === "unknown yet") return page(notReadyPage(assets), 503, { "retry-after": "5" });
      return handle(request, link, device);
    };
  }

  /** The same for programs, which get problem+json. */
  function forClients(handle: (request: HttpRequest, link: string, device: Device) => Reply | Promise<Reply>) {
    return (request: HttpRequest): Reply | Promise<Reply> => {
      const link = request.params["link"] ?? "";
      const device = resolve(link);
      if (device === "bad") throw new HttpError(404, "This launch link is not valid.");
      if (device === "unknown yet")
        throw new HttpError(503, "The list of devices has not arrived yet.", { "retry-after": "5" });
      return handle(request, link, device);
    };
  }

  return [
    ...assetRoutes,
    {
      method: "GET",
      path: "/r/:link",
      handle: forGuests((request, link, device) => {
        const view = viewOf(request, link, device.serial);
        const showsQuestion = view.state !== "ended" || request.query.has("again");
        return page(
          showsQuestion ? questionPage(device.room, link, assets) : answeredPage(device.room, link, assets, view),
        );
      }),
    },
    {
      method: "POST",
      path: "/r/:link/token",
      handle: forClients(async (request, link, device) => {
        const conversationId = randomUUIDv7();
        const token = await tokens.issue({ conversationId, userId: newGuestId(), serial: device.serial });
        const answer: TokenAnswer = { conversationId, token, expires_in: TOKEN_LIFE_S };
        return json(answer, 200, cookies.header(request, link, conversationId));
      }),
    },
    {
      method: "POST",
      path: "/r/:link/answer",
      handle: forGuests(async (request, link, device) => {
        const choice = readAnswer((await request.form()).get("choice") ?? undefined);
        if (!choice) return seeOther(`/r/${link}?again`);
        const id = randomUUIDv7();
        await turns.begin({ id, serial: device.serial, userId: newGuestId(), locale: "en" });
        await turns.receive(id, { type: "message", text: choice }, undefined);
        return seeOther(`/r/${link}`, cookies.header(request, link, id));
      }),
    },
    {
      method: "GET",
      path: "/r/:link/session",
      handle: forClients((request, link, device) => {
        const view = viewOf(request, link, device.serial);
        return json({ ...view, note: noteOf(view) });
      }),
    },
  ];
}

/** Direct Line's clients want ids of guests to begin like this. */
function newGuestId(): string {
  return `dl_${randomBytes(12).toString("base64url")}`;
}

function readAssets(): { assets: Assets; routes: Route[] } {
  const load = (name: string, type: string) => {
    const body = readFileSync(new URL(`assets/${name}`, import.meta.url), "utf8");
    const version = createHash("sha256").update(body).digest("hex").slice(0, 8);
    const reply = text(body, 200, type);
    reply.headers["cache-control"] = "public, max-age=31536000, immutable";
    const route: Route = { method: "GET", path: `/assets/${name}`, handle: () => reply };
    return { url: `/assets/${name}?v=${version}`, route };
  };
  const css = load("guest.css", "text/css; charset=utf-8");
  const js = load("guest.js", "text/javascript; charset=utf-8");
  return { assets: { css: css.url, js: js.url }, routes: [css.route, js.route] };
}
