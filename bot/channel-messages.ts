import { CloudAdapter, ConfigurationBotFrameworkAuthentication, type Request, type Response } from "botbuilder";
import { comesFromThisMachine, isForwarded, isLoopbackName } from "../plumbing/caller.ts";
import type { Handler } from "../plumbing/http.ts";
import { HttpError } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Log } from "../plumbing/log.ts";
import type { MicrosoftApp } from "./config.ts";
import { ScentBot, type TurnSessions } from "./scent-bot.ts";

type Options = { app: MicrosoftApp; isPublic: boolean; sessions: TurnSessions; log: Log };

/** `POST /api/messages`, for Azure's channels and the Emulator. */
export function channelMessages({ app, isPublic, sessions, log }: Options): Handler {
  const adapter = new CloudAdapter(new ConfigurationBotFrameworkAuthentication(given(app)));
  adapter.onTurnError = async (context, err) => {
    log.error({ err, channelId: context.activity.channelId }, "turn failed");
    await context.sendActivity("Sorry, something went wrong here. Please try again.");
  };
  const bot = new ScentBot(sessions);

  return async (request) => {
    const activity = readActivity(await request.json());
    if (!app.MicrosoftAppId) requireLoopback(request, activity["serviceUrl"], isPublic);
    const { req, res } = request.raw;
    const parsed: Request = Object.assign(req, { body: activity, headers: req.headers, method: req.method ?? "POST" });
    await adapter.process(parsed, res as unknown as Response, (context) => bot.run(context));
    return undefined;
  };
}

/** Without an app id nobody is authenticated, and the bot answers to whatever address the caller names. */
function requireLoopback(request: HttpRequest, serviceUrl: unknown, isPublic: boolean): void {
  if (isPublic || isForwarded(request) || !comesFromThisMachine(request)) {
    throw new HttpError(403, "Set MicrosoftAppId to receive messages from other machines.");
  }
  if (typeof serviceUrl !== "string" || !URL.canParse(serviceUrl) || !isLoopbackName(new URL(serviceUrl).hostname)) {
    throw new HttpError(403, `Without MicrosoftAppId the activity's "serviceUrl" must be on this machine.`);
  }
}

function readActivity(body: unknown): Record<string, unknown> {
  const activity = (body ?? {}) as Record<string, unknown>;
  const hasId = (account: unknown) => typeof (account as { id?: unknown } | null | undefined)?.id === "string";
  const { type, channelId, conversation, from } = activity;
  if (typeof type === "string" && typeof channelId === "string" && hasId(conversation) && hasId(from)) return activity;
  throw new HttpError(400, `Send an activity with "type", "channelId", "conversation" and "from".`);
}

/** Bot Framework tells an absent setting from an empty one. */
function given(app: MicrosoftApp): Record<string, string> {
  return Object.fromEntries(Object.entries(app).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
