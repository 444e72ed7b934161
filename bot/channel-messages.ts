import { type Activity, CloudAdapter, type InvokeResponse, type TurnContext } from "botbuilder";
import { comesFromThisMachine, isForwarded, isLoopbackName } from "../plumbing/caller.ts";
import type { Clock } from "../plumbing/clock.ts";
import type { Handler } from "../plumbing/http.ts";
import { HttpError, json, type Reply, text } from "../plumbing/http-reply.ts";
import type { HttpRequest } from "../plumbing/http-request.ts";
import type { Log } from "../plumbing/log.ts";
import { createQueues } from "../plumbing/queues.ts";
import { readChannelActivity } from "./channel-activity.ts";
import { type ChannelAuth, createChannelAuth, notSignedIn } from "./channel-auth.ts";
import { ChannelError, channelClient } from "./channel-client.ts";
import type { MicrosoftApp } from "./config.ts";
import { FALLBACK, languageOf } from "./languages.ts";
import { message } from "./messages.ts";
import { ScentBot, type TurnSessions } from "./scent-bot.ts";

/** Channels wait about this long for a bot. */
const TURN_LIMIT_MS = 15_000;

type Options = { app: MicrosoftApp; isPublic: boolean; sessions: TurnSessions; clock: Clock; log: Log };
type Caller = Awaited<ReturnType<ChannelAuth["identify"]>>;
type Logic = (context: TurnContext) => Promise<void>;

/** `POST /api/messages`, for Azure's channels and the Emulator. */
export function channelMessages({ app, isPublic, sessions, clock, log }: Options): Handler {
  const auth = createChannelAuth(app, log);
  const adapter = new ChannelAdapter(auth.botFramework);
  adapter.onTurnError = async (context, error) => {
    if (error instanceof ChannelError) throw error;
    log.error({ err: error, channelId: context.activity.channelId }, "turn failed");
    await context.sendActivity(message(languageOf(context.activity.locale ?? "") ?? FALLBACK, "bot.failed"));
  };
  const bot = new ScentBot(sessions);
  const inOrder = createQueues();

  async function takeTurn(activity: Activity, header: string, limit: AbortSignal): Promise<Reply> {
    const caller = await auth.identify(activity, header, channelClient(limit));
    const logic: Logic = async (context) => {
      // Whoever was told that the time is up must not be answered after all.
      if (!limit.aborted) await bot.run(context);
    };
    const conversation = `${activity.channelId}/${activity.conversation.id}`;
    try {
      return replyOf(await inOrder(conversation, () => adapter.take(caller, activity, logic)));
    } catch (err) {
      if (err instanceof HttpError) throw err;
      log.error({ err, channelId: activity.channelId }, "replies not delivered");
      throw new HttpError(502, "The replies could not be brought to the channel's service.");
    }
  }

  return async (request) => {
    const header = request.header("authorization") ?? "";
    if (auth.isOpen) requireLocalProgram(request, isPublic);
    else if (!header) throw notSignedIn();
    const activity = readChannelActivity(await request.json());
    requireService(activity.serviceUrl, auth.isOpen);
    return withinLimit(clock, (limit) => takeTurn(activity, header, limit));
  };
}

/** `process` of Bot Framework's adapter answers by itself, with the texts of its errors; this is the part behind it. */
class ChannelAdapter extends CloudAdapter {
  take(caller: Caller, activity: Activity, logic: Logic): Promise<InvokeResponse | undefined> {
    return this.processActivity(caller, activity, logic);
  }
}

function replyOf(response: InvokeResponse | undefined): Reply {
  if (!response) return text("");
  if (response.status < 400) return json(response.body ?? {}, response.status);
  throw new HttpError(response.status, "This bot does nothing of that kind.");
}

/** Without an app id nobody is authenticated. A page in somebody's browser is on this machine, too. */
function requireLocalProgram(request: HttpRequest, isPublic: boolean): void {
  if (isPublic || isForwarded(request) || !comesFromThisMachine(request)) {
    throw new HttpError(403, "Set MicrosoftAppId to receive messages from other machines.");
  }
  if (request.header("origin") !== undefined) throw new HttpError(403, "Without MicrosoftAppId no page may do this.");
}

/** Without an app id the bot answers to whatever address the caller names, its path before ours. */
function requireService(serviceUrl: string, isOpen: boolean): void {
  if (!isOpen && !serviceUrl) throw new HttpError(400, `The activity has no "serviceUrl" on the web.`);
  if (isOpen && !isLocalService(serviceUrl)) {
    throw new HttpError(403, `Without MicrosoftAppId the activity's "serviceUrl" must be on this machine.`);
  }
}

function isLocalService(serviceUrl: string): boolean {
  if (!serviceUrl) return false;
  const { hostname, username, password } = new URL(serviceUrl);
  return isLoopbackName(hostname) && !username && !password && !/[?#]/.test(serviceUrl);
}

/**
 * Gives work a limited time. After it the work is told by the signal, and nobody waits for it any longer.
 *
 * @throws {HttpError} 504 when the time is up
 */
async function withinLimit<T>(clock: Clock, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
  const done = new AbortController();
  const limit = new AbortController();
  const timeIsUp = clock.sleep(TURN_LIMIT_MS, done.signal).then(() => {
    limit.abort();
    throw new HttpError(504, "This took too long; the channel's service or Microsoft's did not answer in time.");
  });
  try {
    return await Promise.race([work(limit.signal), timeIsUp]);
  } finally {
    done.abort();
  }
}
