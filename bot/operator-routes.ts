import { requireKey } from "../plumbing/caller.ts";
import { isoTime } from "../plumbing/clock.ts";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json, type Reply, text } from "../plumbing/http-reply.ts";
import type { BotSessionView } from "./contract.ts";
import type { Session, SessionStore, StoredCommand } from "./session-store.ts";

type Deps = { sessions: SessionStore; operatorKey: string; launchUrl: (serial: string) => string | undefined };

/** For the person who runs the kit, with the operator's key. */
export function operatorRoutes({ sessions, operatorKey, launchUrl }: Deps): Route[] {
  const forOperators =
    (handle: Handler): Handler =>
    (request) => {
      requireKey(request, operatorKey, "Send the operator's key as a bearer token.");
      return handle(request);
    };

  return [
    {
      method: "GET",
      path: "/api/sessions/:id",
      handle: forOperators(({ params }) => {
        const session = sessions.find(params["id"] ?? "");
        if (!session) throw new HttpError(404, "No session has this id.");
        return json(viewOf(session, sessions.commandOf(session.id)));
      }),
    },
    {
      method: "GET",
      path: "/api/launch/:serial",
      handle: forOperators(({ params, query }) => {
        const { serial = "" } = params;
        const url = launchUrl(serial);
        if (!url) throw new HttpError(404, `No device "${serial}" is registered. See: aromapod devices ls`);
        return launchAs(query.get("as") ?? "json", serial, url);
      }),
    },
  ];
}

async function launchAs(format: string, serial: string, url: string): Promise<Reply> {
  // Loaded when somebody asks first: a start should not pay for it.
  const { qrPng, qrSvg, qrTerminal, qrText } = await import("./qr.ts");
  switch (format) {
    case "json":
      return json({ serial, url });
    case "terminal":
      return text(await qrTerminal(url));
    case "text":
      return text(await qrText(url));
    case "svg":
      return text(await qrSvg(url), 200, "image/svg+xml");
    case "png":
      return {
        status: 200,
        headers: { "content-type": "image/png", "cache-control": "no-store" },
        body: await qrPng(url),
      };
    default:
      throw new HttpError(422, `"as" must be json, terminal, text, svg or png.`);
  }
}

function viewOf(session: Session, command: StoredCommand | undefined): BotSessionView {
  const { id, serial, channel, state, answer, scent, startedAt, endedAt } = session;
  return {
    id,
    serial,
    channel,
    state,
    answer,
    scent,
    startedAt: isoTime(startedAt),
    endedAt: endedAt === null ? null : isoTime(endedAt),
    command: command
      ? {
          id: command.id,
          state: command.state,
          reason: command.reason,
          issuedAt: isoTime(command.issuedAt),
          expiresAt: isoTime(command.expiresAt),
        }
      : null,
  };
}
