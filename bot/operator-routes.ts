import { requireKey } from "../plumbing/caller.ts";
import { isoTime } from "../plumbing/clock.ts";
import type { Handler, Route } from "../plumbing/http.ts";
import { HttpError, json } from "../plumbing/http-reply.ts";
import type { BotSessionView } from "./contract.ts";
import { DIRECT_LINE } from "./conversation-store.ts";
import { type LaunchDeps, launchRoutes } from "./launch-routes.ts";
import type { Session, StoredCommand } from "./session.ts";
import type { BotStore } from "./store.ts";
import { type TranscriptActivity, transcriptOf } from "./transcript.ts";

type Deps = LaunchDeps & { store: Pick<BotStore, "sessions" | "activities">; operatorKey: string };

/** For the person who runs the kit, with the operator's key. */
export function operatorRoutes({ store, operatorKey, ...launch }: Deps): Route[] {
  const routes: Route[] = [
    {
      method: "GET",
      path: "/api/sessions/:id",
      handle: ({ params }) => {
        const session = sessionIn(store, params["id"]);
        return json(viewOf(session, store.sessions.commandOf(session.id)));
      },
    },
    {
      method: "GET",
      path: "/api/sessions/:id/transcript",
      handle: ({ params }) => json(readTranscript(store, sessionIn(store, params["id"]))),
    },
    ...launchRoutes(launch),
  ];
  const forOperators =
    (handle: Handler): Handler =>
    (request) => {
      requireKey(request, operatorKey, "Send the operator's key as a bearer token.");
      return handle(request);
    };
  return routes.map((route) => ({ ...route, handle: forOperators(route.handle) }));
}

function sessionIn({ sessions }: Deps["store"], id = ""): Session {
  const session = sessions.find(id);
  if (!session) throw new HttpError(404, "No session has this id.");
  return session;
}

function readTranscript({ activities }: Deps["store"], session: Session): TranscriptActivity[] {
  const { channel, conversation } = session;
  if (channel !== DIRECT_LINE) {
    throw new HttpError(404, `This session was on the channel "${channel}", which keeps its own history.`);
  }
  const said = transcriptOf(session, activities.after(conversation, 0));
  if (said.length === 0) throw new HttpError(404, "What was said in this session is no longer kept.");
  return said;
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
